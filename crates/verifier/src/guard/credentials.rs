//! Finds the token in a request (RFC 6750 section 2.1, RFC 9449 section 7.1). Bodies and query strings are not looked at.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// How a token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// RFC 6750: having it is enough.
    Bearer,
    /// RFC 9449: with proof of the key that it is bound to.
    Dpop,
}

impl Scheme {
    /// Its name in headers.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        [Self::Bearer, Self::Dpop]
            .into_iter()
            .find(|scheme| name.eq_ignore_ascii_case(scheme.as_str().as_bytes()))
    }
}

/// Why a request brings no token that could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoBearer {
    /// No credentials at all.
    #[error("no credentials")]
    Absent,
    /// The scheme is right, and then comes not one token.
    #[error("what follows the scheme is not one token")]
    Malformed,
    /// The scheme `DPoP`, where nobody looks at proofs.
    #[error("credentials of the scheme DPoP, and proofs are not looked at")]
    DpopNotTaken,
    /// Another scheme than `DPoP`, where no other is taken.
    #[error("credentials of another scheme than DPoP")]
    NotDpop,
    /// Another scheme.
    #[error("credentials of another scheme than Bearer")]
    OtherScheme,
    /// Several credentials: nobody can say which of them count.
    #[error("{headers} Authorization headers")]
    Repeated {
        /// How many.
        headers: usize,
    },
}

/// The one token of the one `Authorization` header, under one of the schemes that are taken.
pub(super) fn credentials<'h>(
    headers: &'h HeaderMap,
    taken: &[Scheme],
) -> Result<(Scheme, &'h str), NoBearer> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().map_or(&b""[..], HeaderValue::as_bytes);
    match values.count() {
        0 => {}
        more => return Err(NoBearer::Repeated { headers: more + 1 }),
    }
    if value.is_empty() {
        return Err(NoBearer::Absent);
    }
    let space = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(space);
    let scheme = match Scheme::named(scheme) {
        Some(scheme) if taken.contains(&scheme) => scheme,
        Some(Scheme::Dpop) => return Err(NoBearer::DpopNotTaken),
        None if taken.contains(&Scheme::Bearer) => return Err(NoBearer::OtherScheme),
        Some(Scheme::Bearer) | None => return Err(NoBearer::NotDpop),
    };
    // RFC 9110 section 11.4 allows several spaces after the scheme, and none elsewhere.
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let (_, token) = rest.split_at(spaces);
    if !is_token68(token) {
        return Err(NoBearer::Malformed);
    }
    str::from_utf8(token).map(|token| (scheme, token)).map_err(|_| NoBearer::Malformed)
}

/// RFC 9110 section 11.2.
fn is_token68(text: &[u8]) -> bool {
    let end = text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    end > 0 && text.iter().take(end).all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&[u8]]) -> Result<String, NoBearer> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        credentials(&headers, &[Scheme::Bearer]).map(|(_, token)| token.to_owned())
    }

    #[test]
    fn a_scheme_counts_where_it_is_taken() {
        let under = |text: &'static str, taken: &[Scheme]| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]);
            credentials(&headers, taken).map(|(scheme, token)| (scheme, token.to_owned()))
        };
        let (both, proven) = ([Scheme::Bearer, Scheme::Dpop], [Scheme::Dpop]);
        for text in ["DPoP abc", "dpop  abc", "DPOP abc"] {
            assert_eq!(under(text, &both), Ok((Scheme::Dpop, "abc".to_owned())));
            assert_eq!(under(text, &[Scheme::Bearer]), Err(NoBearer::DpopNotTaken));
        }
        assert_eq!(under("Bearer abc", &both), Ok((Scheme::Bearer, "abc".to_owned())));
        assert_eq!(under("Bearer abc", &proven), Err(NoBearer::NotDpop));
        assert_eq!(under("DPoP abc def", &proven), Err(NoBearer::Malformed));
    }

    #[test]
    fn one_token_after_bearer_in_any_case() {
        for text in ["Bearer abc", "bearer abc", "BEARER abc", "bEaReR   abc"] {
            assert_eq!(read(&[text.as_bytes()]).as_deref(), Ok("abc"), "{text}");
        }
        assert_eq!(read(&[b"Bearer aZ0-._~+/=="]).as_deref(), Ok("aZ0-._~+/=="));
    }

    #[test]
    fn nothing_and_other_schemes_are_not_malformed() {
        assert_eq!(read(&[]), Err(NoBearer::Absent));
        assert_eq!(read(&[b""]), Err(NoBearer::Absent));
        for text in
            ["Basic YWxhZGRpbg==", "Digest abc", "Bearerabc", "abc", " Bearer abc", "Bearer\tabc", "Bearer,"]
        {
            assert_eq!(read(&[text.as_bytes()]), Err(NoBearer::OtherScheme), "{text:?}");
        }
        assert_eq!(read(&[b"B\xe9arer abc"]), Err(NoBearer::OtherScheme));
    }

    #[test]
    fn bearer_without_one_token_is_malformed() {
        let malformed: &[&[u8]] = &[
            b"Bearer",
            b"Bearer ",
            b"Bearer    ",
            b"Bearer a b",
            b"Bearer abc ",
            b"Bearer =",
            b"Bearer a=b",
            b"Bearer \"abc\"",
            b"Bearer realm=\"x\"",
            b"Bearer abc,def",
            b"Bearer abc\tdef",
            b"Bearer \xff",
            "Bearer é".as_bytes(),
        ];
        for text in malformed {
            assert_eq!(read(&[text]), Err(NoBearer::Malformed), "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn two_headers_are_refused_even_if_they_agree() {
        assert_eq!(read(&[b"Bearer abc", b"Bearer abc"]), Err(NoBearer::Repeated { headers: 2 }));
        assert_eq!(read(&[b"Basic abc", b"Bearer abc", b""]), Err(NoBearer::Repeated { headers: 3 }));
    }
}
