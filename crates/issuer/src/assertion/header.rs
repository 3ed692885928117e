//! The header of an assertion: which algorithm and key, and that it is one (RFC 8725 section 3.11).

use super::{NotAnAssertion, object};
use crate::client::KeyAlgorithm;
use chancery_token::encoding::from_base64url;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// What is told by `typ`, without `application/` (RFC 7515 section 4.1.9). Access tokens, proofs and the documents of the
/// log have others, and are refused by them.
const TYPES: [&str; 2] = ["client-authentication+jwt", "JWT"];

/// A header that makes sense. Keys that it may bring along are read over: those that count are registered.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: KeyAlgorithm,
    pub(super) kid: Option<String>,
}

/// `jsonwebtoken` reads no header that says `Ed25519` (RFC 9864), and does not mind `typ` and `crit`.
#[derive(Deserialize)]
struct Written {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "there")]
    crit: bool,
    #[serde(default, deserialize_with = "there")]
    b64: bool,
    #[serde(default, deserialize_with = "there")]
    cty: bool,
}

/// Whether a member stands there, `null` or not.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl Header {
    /// Reads an encoded header.
    pub(super) fn read(segment: &str) -> Result<Self, NotAnAssertion> {
        let bytes = from_base64url(segment).ok_or(NotAnAssertion::Form)?;
        let written: Written = object(&bytes).ok_or(NotAnAssertion::Header)?;
        if written.crit || written.b64 || written.cty {
            return Err(NotAnAssertion::Header);
        }
        if !written.typ.as_deref().is_none_or(is_ours) {
            return Err(NotAnAssertion::Type);
        }
        let algorithm = KeyAlgorithm::named(&written.alg).ok_or(NotAnAssertion::Algorithm)?;
        Ok(Self { algorithm, kid: written.kid })
    }
}

fn is_ours(typ: &str) -> bool {
    let short = match typ.split_at_checked(12) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    };
    TYPES.iter().any(|ours| ours.eq_ignore_ascii_case(short))
}
