//! JWT access tokens (RFC 9068): the header around our claims.

use crate::encoding::base64url;
use crate::jws::Header;
use crate::malformed::{Malformed, excerpt};

/// How `alg` is spelled in what we sign. Verifiers accept both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum AlgorithmName {
    /// `EdDSA` (RFC 8037), which every library knows.
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// `Ed25519` (RFC 9864), which says what it is.
    Ed25519,
}

impl AlgorithmName {
    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// The encoded header of every token that is signed with the key `kid`.
pub(crate) fn header_segment(alg: AlgorithmName, kid: &str) -> String {
    base64url(format!(r#"{{"alg":"{}","typ":"at+jwt","kid":"{kid}"}}"#, alg.as_str()).as_bytes())
}

/// The key that an access token's header names; any other kind of document is refused by its `typ`.
pub(crate) fn kid_of_access_token(header: Header) -> Result<String, Malformed> {
    let typ = header.typ.ok_or(Malformed::TypeMissing)?;
    // RFC 7515 section 4.1.9: "application/" may be left out; media types ignore case.
    let short = match typ.split_at_checked(12) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => &typ,
    };
    if !short.eq_ignore_ascii_case("at+jwt") {
        return Err(Malformed::TypeNotAccessToken { typ: excerpt(&typ) });
    }
    let kid = header.kid.ok_or(Malformed::KidMissing)?;
    if crate::jwk::legal_kid(&kid) { Ok(kid) } else { Err(Malformed::KidMalformed) }
}
