//! JWS, compact serialization, Ed25519 only (RFC 7515, RFC 8037): the layer under every signed document.

use crate::ed25519::{PublicKey, SignatureValid, Signer};
use crate::encoding::{append_base64url, array_from_base64url, base64url, from_base64url};
use crate::json::{self, Json, JsonFault, Members, Most, member};
use crate::malformed::{Malformed, Part, excerpt};

/// Three segments whose header makes sense. **Nothing in it may be believed** until [`Compact::verify`].
#[derive(Debug)]
pub struct Compact<'a> {
    header: Header,
    segments: Segments<'a>,
}

/// What a header may say. The algorithm is not here: every header that gets this far says `EdDSA` or `Ed25519`,
/// and the key decides (RFC 8725 section 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The kind of the document (RFC 7515 section 4.1.9).
    pub typ: Option<String>,
    /// The name of the key (RFC 7515 section 4.1.4).
    pub kid: Option<String>,
}

impl<'a> Compact<'a> {
    /// Splits `text`, which may be as long as a token, and reads its header.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        Self::parse_at_most(text, crate::MAX_TOKEN_BYTES)
    }

    /// As [`Compact::parse`], for documents that may be longer than a token: the caller says how long, in bytes.
    pub fn parse_at_most(text: &'a str, most: usize) -> Result<Self, Malformed> {
        let segments = Segments::split_at_most(text, most)?;
        let header = Header::parse(segments.header).map_err(|fault| segments.blame(fault))?;
        Ok(Self { header, segments })
    }

    /// The header, unverified.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Checks the signature and hands out the payload it covers.
    pub fn verify(&self, key: &PublicKey) -> Result<Vec<u8>, Malformed> {
        self.segments.verify(key)
    }
}

/// Signs `payload` under `header`, which the caller wrote and which must be a JSON object.
pub fn sign(header: &str, payload: &[u8], signer: &dyn Signer) -> String {
    sign_encoded(&base64url(header.as_bytes()), payload, signer)
}

/// Signs `payload` under a header segment that is encoded already.
pub(crate) fn sign_encoded(header: &str, payload: &[u8], signer: &dyn Signer) -> String {
    // Base64url takes four characters for three bytes; a signature takes 86.
    let mut out = Vec::with_capacity(header.len() + payload.len() * 4 / 3 + 4 + 88);
    out.extend_from_slice(header.as_bytes());
    out.push(b'.');
    append_base64url(payload, &mut out);
    let signature = signer.sign(&out);
    out.push(b'.');
    append_base64url(&signature, &mut out);
    text(out)
}

/// A token that was put together as bytes.
#[expect(clippy::expect_used, reason = "called with text, dots and base64url alone")]
pub(crate) fn text(token: Vec<u8>) -> String {
    String::from_utf8(token).expect("a token is text")
}

/// The segments of a compact JWS, still encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segments<'a> {
    pub(crate) header: &'a str,
    payload: &'a str,
    signature: &'a str,
    signing_input: &'a str,
    whole: &'a str,
}

impl<'a> Segments<'a> {
    pub(crate) fn split(text: &'a str) -> Result<Self, Malformed> {
        Self::split_at_most(text, crate::MAX_TOKEN_BYTES)
    }

    fn split_at_most(text: &'a str, most: usize) -> Result<Self, Malformed> {
        if text.len() > most {
            return Err(Malformed::TooLarge { bytes: text.len() });
        }
        let three = text
            .split_once('.')
            .and_then(|(header, rest)| {
                rest.split_once('.').map(|(payload, signature)| (header, payload, signature))
            })
            .filter(|(_, _, signature)| !signature.contains('.'));
        let Some((header, payload, signature)) = three else {
            return Err(foreign_form(text).unwrap_or_else(|| match text.split('.').count() {
                5 => Malformed::Encrypted,
                segments => Malformed::NotCompact { segments },
            }));
        };
        let signing_input = text.get(..header.len() + 1 + payload.len()).unwrap_or(text);
        Ok(Self { header, payload, signature, signing_input, whole: text })
    }

    /// Checks the signature and hands out the payload it covers.
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<Vec<u8>, Malformed> {
        let Some(signature) = array_from_base64url::<64>(self.signature) else {
            return Err(self.blame(match from_base64url(self.signature) {
                Some(bytes) => Malformed::SignatureLength { bytes: bytes.len() },
                None => Malformed::Encoding(Part::Signature),
            }));
        };
        let payload =
            from_base64url(self.payload).ok_or_else(|| self.blame(Malformed::Encoding(Part::Payload)))?;
        let _: SignatureValid = key.verify(self.signing_input.as_bytes(), &signature)?;
        Ok(payload)
    }

    /// What the whole text is says more than the segment that it broke. Looked for only once something failed:
    /// a good token never pays for it.
    pub(crate) fn blame(&self, fault: Malformed) -> Malformed {
        match fault {
            Malformed::Encoding(_) => foreign_form(self.whole).unwrap_or(fault),
            other => other,
        }
    }
}

/// Why a text cannot be a compact token, whatever its segments say.
pub(crate) fn foreign_form(text: &str) -> Option<Malformed> {
    if text.trim_start().starts_with('{') {
        return Some(Malformed::JsonSerialization);
    }
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    text.bytes().position(|b| !legal(b)).map(|at| Malformed::ForbiddenCharacter { at })
}

impl Header {
    /// Reads an encoded header by the rules of RFC 8725: unique names, an algorithm of our keys, no key
    /// material, no extensions, no nesting.
    pub(crate) fn parse(segment: &str) -> Result<Self, Malformed> {
        let bytes = from_base64url(segment).ok_or(Malformed::Encoding(Part::Header))?;
        let text = str::from_utf8(&bytes).map_err(|_| Malformed::HeaderNotJson)?;
        let members = json::object(text, Most::Header).map_err(|fault| match fault {
            JsonFault::Duplicate => Malformed::HeaderDuplicated,
            JsonFault::TooDeep | JsonFault::TooMany => Malformed::HeaderTooComplex,
            JsonFault::NotAnObject | JsonFault::NumberRange | JsonFault::Syntax => Malformed::HeaderNotJson,
        })?;
        if member(&members, "enc").is_some() {
            return Err(Malformed::Encrypted);
        }
        algorithm(&members)?;
        if member(&members, "b64").is_some() {
            return Err(Malformed::UnencodedPayload);
        }
        if member(&members, "crit").is_some() {
            return Err(Malformed::Critical);
        }
        for name in ["jwk", "jku", "x5u", "x5c"] {
            if member(&members, name).is_some() {
                return Err(Malformed::KeyInHeader { name });
            }
        }
        if member(&members, "cty").is_some() {
            return Err(Malformed::Nested);
        }
        Ok(Self { typ: text_member(&members, "typ")?, kid: text_member(&members, "kid")? })
    }
}

fn algorithm(members: &Members<'_>) -> Result<(), Malformed> {
    match member(members, "alg") {
        Some(Json::Text(alg)) => match &**alg {
            // One algorithm under two names (RFC 8037 section 3.1, RFC 9864 section 2.2).
            "EdDSA" | "Ed25519" => Ok(()),
            none if none.eq_ignore_ascii_case("none") => Err(Malformed::AlgorithmNone),
            alg if alg.starts_with("HS") => Err(Malformed::AlgorithmSymmetric { alg: excerpt(alg) }),
            alg => Err(Malformed::AlgorithmNotAllowed { alg: excerpt(alg) }),
        },
        Some(_) => Err(Malformed::HeaderType { name: "alg" }),
        None => Err(Malformed::AlgorithmMissing),
    }
}

fn text_member(members: &Members<'_>, name: &'static str) -> Result<Option<String>, Malformed> {
    match member(members, name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone().into_owned())),
        Some(_) => Err(Malformed::HeaderType { name }),
    }
}
