//! Which headers go further.

use axum::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName};

/// Those of one connection (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
/// The proof beside a token, and what a server wants in the next one.
const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Those of a request, without what the proxy says itself.
pub(super) fn onward(headers: &HeaderMap) -> HeaderMap {
    without(headers, &[AUTHORIZATION, CONTENT_LENGTH, DPOP, EXPECT, HOST])
}

/// Those of an answer. The program knows nothing of proofs.
pub(super) fn back(headers: &HeaderMap) -> HeaderMap {
    if headers.contains_key(TRANSFER_ENCODING) {
        // It is what says where the body ends (RFC 9112 section 6.3).
        without(headers, &[CONTENT_LENGTH, DPOP_NONCE])
    } else {
        without(headers, &[DPOP_NONCE])
    }
}

fn without(headers: &HeaderMap, own: &[HeaderName]) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let stays = |name: &HeaderName| {
        !HOP_BY_HOP.contains(name) && !own.contains(name) && !named.iter().any(|other| other == name.as_str())
    };
    headers
        .iter()
        .filter(|(name, _)| stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_one_connection_stays_there() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            pairs.collect::<HeaderMap>()
        };
        let request = from(&[
            ("accept", "a"),
            ("accept", "b"),
            ("authorization", "Bearer x"),
            ("connection", "X-Hop, close"),
            ("content-type", "t"),
            ("dpop", "p"),
            ("host", "127.0.0.1"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("x-hop", "1"),
        ]);
        assert_eq!(onward(&request), from(&[("accept", "a"), ("accept", "b"), ("content-type", "t")]));
        let answer = from(&[("content-length", "3"), ("dpop-nonce", "n")]);
        assert_eq!(back(&answer), from(&[("content-length", "3")]));
        let answer = from(&[("content-length", "3"), ("transfer-encoding", "chunked")]);
        assert_eq!(back(&answer), HeaderMap::new());
    }
}
