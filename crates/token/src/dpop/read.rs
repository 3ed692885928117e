//! From text to what a key signed.

use super::key::{Algorithm, ProofKey};
use super::not_a_proof::{NotAProof, ProofPart};
use super::{MAX_JTI_CHARS, MAX_PROOF_BYTES};
use crate::claims::{Round, whole_seconds};
use crate::encoding::{array_from_base64url, from_base64url};
use crate::json::{self, Json, Members, Most, member};
use crate::malformed::{ClaimFault, excerpt};
use crate::time::UnixTime;

/// What a key signed.
pub(super) struct Said {
    pub(super) key: ProofKey,
    pub(super) claims: Payload,
}

/// Signed bytes.
pub(super) struct Payload(Vec<u8>);

/// The claims of a proof (RFC 9449 section 4.2), still to be compared with anything.
pub(super) struct Claims {
    pub(super) jti: Box<str>,
    pub(super) htm: Box<str>,
    pub(super) htu: Box<str>,
    pub(super) iat: UnixTime,
    pub(super) ath: Option<Box<str>>,
    pub(super) nonce: Option<Box<str>>,
}

/// Splits `text`, and checks its signature with the key in its header.
pub(super) fn signed(text: &str) -> Result<Said, NotAProof> {
    if text.len() > MAX_PROOF_BYTES {
        return Err(NotAProof::TooLarge { bytes: text.len() });
    }
    let malformed = NotAProof::Malformed;
    let (input, signature) = text.rsplit_once('.').ok_or(malformed(ProofPart::Segments))?;
    let (header, payload) = input.split_once('.').ok_or(malformed(ProofPart::Segments))?;
    if payload.contains('.') {
        return Err(malformed(ProofPart::Segments));
    }
    let header = from_base64url(header).ok_or(malformed(ProofPart::Header))?;
    let key = key(&object(&header).ok_or(malformed(ProofPart::Header))?)?;
    let payload = from_base64url(payload).ok_or(malformed(ProofPart::Claims))?;
    let signature = array_from_base64url(signature).ok_or(malformed(ProofPart::Signature))?;
    if !key.has_signed(input.as_bytes(), &signature) {
        return Err(NotAProof::Signature);
    }
    Ok(Said { key, claims: Payload(payload) })
}

/// The key that the header brings. That anybody may bring any is the point: what counts is that it stays the same.
fn key(header: &Members<'_>) -> Result<ProofKey, NotAProof> {
    let typ = said(header, "typ");
    // RFC 7515 section 4.1.9: "application/" may be left out; media types ignore case.
    let short = match typ.split_at_checked(12) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    };
    if !short.eq_ignore_ascii_case("dpop+jwt") {
        return Err(NotAProof::Type { typ: excerpt(typ) });
    }
    let alg = said(header, "alg");
    let algorithm = Algorithm::named(alg).ok_or_else(|| NotAProof::Algorithm { alg: excerpt(alg) })?;
    if let Some(name) = ["crit", "b64", "cty", "enc"].into_iter().find(|name| member(header, name).is_some())
    {
        return Err(NotAProof::Extended { name });
    }
    ProofKey::read(member(header, "jwk").ok_or(NotAProof::KeyMissing)?, algorithm)
}

impl Payload {
    /// Reads the claims; those that are not a proof's are read over.
    pub(super) fn read(&self) -> Result<Claims, NotAProof> {
        let members = object(&self.0).ok_or(NotAProof::Malformed(ProofPart::Claims))?;
        let jti = required(&members, "jti")?;
        if jti.is_empty() || jti.chars().count() > MAX_JTI_CHARS {
            return Err(fault("jti", ClaimFault::Malformed));
        }
        Ok(Claims {
            jti,
            htm: required(&members, "htm")?,
            htu: required(&members, "htu")?,
            iat: issued_at(&members)?,
            ath: text(&members, "ath")?,
            nonce: text(&members, "nonce")?,
        })
    }
}

fn issued_at(members: &Members<'_>) -> Result<UnixTime, NotAProof> {
    let iat = match member(members, "iat") {
        None => return Err(NotAProof::missing("iat")),
        Some(Json::Unsigned(seconds)) => UnixTime::from_secs(*seconds),
        Some(Json::Float(seconds)) => {
            whole_seconds(*seconds, Round::Down).map_err(|why| fault("iat", why))?
        }
        Some(Json::Negative) => return Err(fault("iat", ClaimFault::Negative)),
        Some(_) => return Err(fault("iat", ClaimFault::WrongType)),
    };
    if iat > UnixTime::MAX { Err(fault("iat", ClaimFault::OutOfRange)) } else { Ok(iat) }
}

fn required(members: &Members<'_>, claim: &'static str) -> Result<Box<str>, NotAProof> {
    text(members, claim)?.ok_or(NotAProof::missing(claim))
}

fn text(members: &Members<'_>, claim: &'static str) -> Result<Option<Box<str>>, NotAProof> {
    match member(members, claim) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some((**text).into())),
        Some(_) => Err(fault(claim, ClaimFault::WrongType)),
    }
}

fn fault(claim: &'static str, fault: ClaimFault) -> NotAProof {
    NotAProof::Claim { claim, fault }
}

/// The value of a header member that should be text; what is not there or something else is empty.
fn said<'m>(header: &'m Members<'_>, name: &str) -> &'m str {
    match member(header, name) {
        Some(Json::Text(text)) => text,
        _ => "",
    }
}

fn object(bytes: &[u8]) -> Option<Members<'_>> {
    json::object(str::from_utf8(bytes).ok()?, Most::Header).ok()
}
