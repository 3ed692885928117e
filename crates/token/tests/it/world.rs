//! One issuer key, and tokens that say whatever a test wants under its real signature.

use chancery_token::ed25519::NamedKey;
use chancery_token::{Authentic, Format, KeySet, NotAuthentic, SecretKey, jwk, jws, paserk, paseto};

/// The key that the verifier of these tests trusts.
pub(crate) fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// A second key that it trusts.
pub(crate) fn second_key() -> SecretKey {
    SecretKey::from_seed(&[8; 32])
}

/// A key that it does not know.
pub(crate) fn foreign_key() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}

pub(crate) fn keys(format: Format) -> KeySet {
    KeySet::from_keys(format, [key().public(), second_key().public()]).unwrap()
}

pub(crate) fn kid(format: Format, key: &SecretKey) -> String {
    match format {
        Format::Jwt => jwk::thumbprint(&key.public()),
        Format::Paseto => paserk::pid(&key.public()),
    }
}

pub(crate) fn named(format: Format) -> NamedKey {
    key().named(kid(format, &key()))
}

/// The members of a JSON object, each value as raw JSON, in order, and as often as a test likes.
#[derive(Clone, Debug)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    pub(crate) fn of(members: &[(&str, &str)]) -> Self {
        Self(members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Replaces a member, or adds it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Adds a member, again if it is there already.
    pub(crate) fn again(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn text(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// The header of a good JWT.
pub(crate) fn header() -> Members {
    let kid = format!("\"{}\"", kid(Format::Jwt, &key()));
    Members::of(&[("alg", "\"EdDSA\""), ("typ", "\"at+jwt\""), ("kid", &kid)])
}

/// The footer of a good PASETO.
pub(crate) fn footer() -> Members {
    let kid = format!("\"{}\"", kid(Format::Paseto, &key()));
    Members::of(&[("kid", &kid), ("typ", "\"at+paseto\"")])
}

/// The claims of a good token.
pub(crate) fn claims(format: Format) -> Members {
    let (iat, exp) = match format {
        Format::Jwt => ("1795305600", "1795306500"),
        Format::Paseto => ("\"2026-11-22T00:00:00Z\"", "\"2026-11-22T00:15:00Z\""),
    };
    Members::of(&[
        ("iss", "\"https://auth.example.com\""),
        ("aud", "\"https://documint.example.com\""),
        ("sub", "\"invoice-sync\""),
        ("client_id", "\"invoice-sync\""),
        ("iat", iat),
        ("exp", exp),
        ("jti", "\"AAECAwQFBgcICQoLDA0ODw\""),
        ("scope", "\"invoices:create invoices:read\""),
        ("tenant", "\"acme\""),
        ("rvs", "1838392934400"),
        ("env", "\"live\""),
    ])
}

/// Signs a payload as an access token of `format` with [`key`].
pub(crate) fn sign(format: Format, payload: &[u8]) -> String {
    match format {
        Format::Jwt => jws::sign(&header().text(), payload, &named(format)),
        Format::Paseto => paseto::sign(payload, footer().text().as_bytes(), b"", &named(format)),
    }
}

/// A good token.
pub(crate) fn good(format: Format) -> String {
    sign(format, claims(format).text().as_bytes())
}

/// A JWT with good claims under this header.
pub(crate) fn under(header: &str) -> String {
    jws::sign(header, claims(Format::Jwt).text().as_bytes(), &named(Format::Jwt))
}

/// A PASETO with good claims over this footer.
pub(crate) fn over(footer: &[u8]) -> String {
    paseto::sign(claims(Format::Paseto).text().as_bytes(), footer, b"", &named(Format::Paseto))
}

pub(crate) fn open(format: Format, token: &str) -> Result<Authentic, NotAuthentic> {
    keys(format).open(token)
}

/// The reason for which a token is refused.
pub(crate) fn refusal(format: Format, token: &str) -> &'static str {
    match open(format, token) {
        Err(not) => not.reason(),
        Ok(authentic) => panic!("opened: {:?}", authentic.claims()),
    }
}

/// The reason for which a token is refused, with the claim at fault.
pub(crate) fn claim_refusal(format: Format, token: &str) -> (&'static str, Option<&'static str>) {
    match open(format, token) {
        Err(NotAuthentic::Malformed(malformed)) => (malformed.reason(), malformed.claim()),
        other => panic!("not refused for its form: {other:?}"),
    }
}

/// The same bytes in another spelling: sets the lowest of the bits that the last character leaves unused.
pub(crate) fn other_spelling(segment: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_ne!(segment.len() % 4, 0, "the last character of this segment has no unused bits");
    let (last, rest) = segment.as_bytes().split_last().unwrap();
    let value = ALPHABET.iter().position(|b| b == last).unwrap();
    assert_eq!(value % 2, 0);
    format!("{}{}", str::from_utf8(rest).unwrap(), char::from(ALPHABET[value + 1]))
}

/// `S + L` in the place of `S`: the group order added to the second half of a signature.
pub(crate) fn with_the_order_added(mut signature: [u8; 64]) -> [u8; 64] {
    // RFC 8032 section 5.1, little endian.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0_u16;
    for (s, l) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*s) + u16::from(l) + carry;
        *s = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    signature
}

#[test]
fn the_tokens_that_the_tests_break_are_good_before_they_are_broken() {
    for format in [Format::Jwt, Format::Paseto] {
        let authentic = open(format, &good(format)).unwrap();
        assert_eq!(authentic.claims().exp.to_rfc3339(), "2026-11-22T00:15:00Z");
        assert_eq!(**authentic.kid(), *kid(format, &key()));
    }
}
