//! A place that tokens are sent to, and what is remembered of it.

use crate::access_token::AccessToken;
use crate::server::{InvalidUrl, secure};
use reqwest::header::HeaderMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// Longest nonce that is sent back.
const MAX_NONCE_BYTES: usize = 1024;

/// Scheme, host and port (RFC 6454 section 4).
#[derive(Debug)]
pub(super) struct Origin {
    url: Url,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// What it told last.
    nonce: Option<Arc<str>>,
    /// A token that it refused although it was new.
    in_vain: Option<AccessToken>,
}

impl Origin {
    /// That of a URL to which a token may be sent.
    pub(super) fn of(text: &str) -> Result<Self, InvalidUrl> {
        Ok(Self { url: secure(text)?, known: Mutex::default() })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn holds(&self, url: &Url) -> bool {
        self.url.origin() == url.origin()
    }

    pub(super) fn nonce(&self) -> Option<Arc<str>> {
        self.known().nonce.clone()
    }

    /// Remembers the nonce of an answer, if it has one (RFC 9449 section 8.1 says of which characters).
    pub(super) fn learn(&self, headers: &HeaderMap) {
        let nonce = headers.get("dpop-nonce").and_then(|value| value.to_str().ok());
        let fits = |nonce: &&str| {
            (1..=MAX_NONCE_BYTES).contains(&nonce.len())
                && nonce.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
        };
        if let Some(nonce) = nonce.filter(fits) {
            self.known().nonce = Some(nonce.into());
        }
    }

    /// Remembers a token that was refused although it was new: getting another for each request would help nobody.
    pub(super) fn despair(&self, token: AccessToken) {
        self.known().in_vain = Some(token);
    }

    pub(super) fn despairs(&self, token: &AccessToken) -> bool {
        self.known().in_vain.as_ref().is_some_and(|in_vain| in_vain.expose() == token.expose())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_less() {
        let origin = Origin::of("https://api.example.com/v1/").unwrap();
        for inside in ["https://api.example.com/", "https://API.example.com:443/other?a=b"] {
            assert!(origin.holds(&Url::parse(inside).unwrap()), "{inside}");
        }
        for outside in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://api.example.com.evil.example/",
            "https://example.com/",
            "https://api.example.com@evil.example/",
        ] {
            assert!(!origin.holds(&Url::parse(outside).unwrap()), "{outside}");
        }
        assert!(Origin::of("http://api.example.com").is_err(), "a token travels by https");
    }

    #[test]
    fn a_nonce_that_no_proof_can_hold_is_not_learned() {
        let origin = Origin::of("https://api.example.com").unwrap();
        let learn = |nonce: &[u8]| {
            let value = reqwest::header::HeaderValue::from_bytes(nonce).unwrap();
            origin.learn(&HeaderMap::from_iter([(
                reqwest::header::HeaderName::from_static("dpop-nonce"),
                value,
            )]));
            origin.nonce()
        };
        assert_eq!(learn(b"one").as_deref(), Some("one"));
        for bad in [&b""[..], b"a b", b"a\"b", b"a\\b", b"\xff", &[b'a'; MAX_NONCE_BYTES + 1]] {
            assert_eq!(learn(bad).as_deref(), Some("one"), "{bad:?}");
        }
        assert_eq!(learn(b"two").as_deref(), Some("two"));
    }
}
