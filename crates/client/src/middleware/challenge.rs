//! What an answer wants of whoever asked.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// What would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// A proof with the nonce that was told (RFC 9449 section 9).
    Nonce,
    /// Nothing that a token could do.
    Nothing,
    /// Another token.
    Token,
}

/// Reads status and challenges. Only a 401 is about the token: with 403 another one would be refused, too.
pub(super) fn demand(status: StatusCode, headers: &HeaderMap) -> Demand {
    if status != StatusCode::UNAUTHORIZED {
        return Demand::Nothing;
    }
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let errors: Vec<String> = challenges.flat_map(errors).collect();
    let says = |word: &str| errors.iter().any(|error| error == word);
    if says("use_dpop_nonce") && headers.contains_key("dpop-nonce") {
        Demand::Nonce
    } else if says("use_dpop_nonce") || says("invalid_dpop_proof") {
        // The proof was refused, and the token not looked at.
        Demand::Nothing
    } else {
        Demand::Token
    }
}

/// The values of `error` in the challenges of one header (RFC 9110 section 11.6.1): one behind the other, each with
/// parameters, all parted by commas.
fn errors(header: &str) -> Vec<String> {
    let parts = unquoted_parts(header);
    let values = parts.iter().filter_map(|part| {
        // The first parameter of a challenge stands behind its scheme.
        let (name, value) = part.split_once('=')?;
        let name = name.trim().rsplit(' ').next()?;
        name.eq_ignore_ascii_case("error").then(|| value.trim().trim_matches('"').to_owned())
    });
    values.collect()
}

/// What stands between commas that are not in a quoted string.
fn unquoted_parts(header: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in header.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(&header[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&header[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn told(status: u16, challenges: &[&str], nonce: bool) -> Demand {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
        }
        if nonce {
            headers.insert(HeaderName::from_static("dpop-nonce"), HeaderValue::from_static("n"));
        }
        demand(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn a_401_wants_another_token_and_nothing_else_does() {
        assert_eq!(told(401, &["Bearer realm=\"a\", error=\"invalid_token\""], false), Demand::Token);
        assert_eq!(told(401, &[], false), Demand::Token);
        for status in [200, 302, 400, 403, 407, 500, 503] {
            assert_eq!(told(status, &["DPoP error=\"use_dpop_nonce\""], true), Demand::Nothing, "{status}");
        }
    }

    #[test]
    fn a_nonce_is_wanted_by_whichever_challenge_says_so() {
        let nonce = "DPoP realm=\"a, error=b\", error=\"use_dpop_nonce\", algs=\"EdDSA ES256\"";
        assert_eq!(told(401, &[nonce], true), Demand::Nonce);
        assert_eq!(told(401, &["Bearer realm=\"a\"", nonce], true), Demand::Nonce);
        assert_eq!(told(401, &["Bearer realm=\"a\", DPoP error=use_dpop_nonce"], true), Demand::Nonce);
        assert_eq!(told(401, &["DPoP ERROR = \"use_dpop_nonce\""], true), Demand::Nonce);
        assert_eq!(told(401, &[nonce], false), Demand::Nothing, "and tells none");
    }

    #[test]
    fn what_is_quoted_says_nothing() {
        let quoted = "DPoP error_description=\"x\\\", error=use_dpop_nonce\", error=\"invalid_token\"";
        assert_eq!(told(401, &[quoted], true), Demand::Token);
    }

    #[test]
    fn a_refused_proof_says_nothing_of_the_token() {
        assert_eq!(told(401, &["DPoP error=\"invalid_dpop_proof\""], true), Demand::Nothing);
    }
}
