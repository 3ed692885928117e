//! PASETO v4.public, and our access tokens in it.

use crate::ed25519::{PublicKey, Signer};
use crate::encoding::{base64url, from_base64url, push_base64url};
use crate::json::{self, Json, member};
use crate::malformed::{Malformed, Part, excerpt};
use subtle::ConstantTimeEq as _;

/// The version and purpose, with the trailing dot that is signed with them.
const HEADER: &str = "v4.public.";

/// Signs `message` with a free `footer` and `implicit` assertion.
pub fn sign(message: &[u8], footer: &[u8], implicit: &[u8], signer: &dyn Signer) -> String {
    let footer_segment = base64url(footer);
    sign_with(message, footer, &footer_segment, implicit, signer)
}

pub(crate) fn sign_with(
    message: &[u8],
    footer: &[u8],
    footer_segment: &str,
    implicit: &[u8],
    signer: &dyn Signer,
) -> String {
    let signature = signer.sign(&pre_authentication_encoding(message, footer, implicit));
    let mut body = Vec::with_capacity(message.len() + 64);
    body.extend_from_slice(message);
    body.extend_from_slice(&signature);
    let mut out = String::with_capacity(HEADER.len() + body.len() * 4 / 3 + 4 + footer_segment.len() + 1);
    out.push_str(HEADER);
    push_base64url(&body, &mut out);
    if !footer.is_empty() {
        out.push('.');
        out.push_str(footer_segment);
    }
    out
}

/// A v4.public token, taken apart. **Nothing in it may be believed** until [`Unverified::verify`].
#[derive(Debug)]
pub struct Unverified<'a> {
    body: &'a str,
    pub(crate) footer_segment: &'a str,
}

impl<'a> Unverified<'a> {
    /// Splits `text`. Another version or purpose is refused here: the key says which one it is for, and ours
    /// are for this one ("algorithm lucidity").
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        if text.len() > crate::MAX_TOKEN_BYTES {
            return Err(Malformed::TooLarge { bytes: text.len() });
        }
        let Some(rest) = text.strip_prefix(HEADER) else {
            return Err(match (crate::jws::forbidden_character(text), text.match_indices('.').nth(1)) {
                (Some(at), _) => Malformed::ForbiddenCharacter { at },
                (None, Some((end, _))) => Malformed::Version { header: excerpt(text.get(..end).unwrap_or(text)) },
                (None, None) => Malformed::NotCompact { segments: text.split('.').count() },
            });
        };
        let (body, footer_segment) = match rest.split_once('.') {
            None => (rest, ""),
            // A dot with nothing behind it is a second spelling of a token without a footer.
            Some((_, "")) => return Err(Malformed::Encoding(Part::Footer)),
            Some((body, footer)) if !footer.contains('.') => (body, footer),
            Some(_) => return Err(Malformed::NotCompact { segments: text.split('.').count() }),
        };
        Ok(Self { body, footer_segment })
    }

    /// The footer, unverified. Only good for looking a key up.
    pub fn footer(&self) -> Result<Vec<u8>, Malformed> {
        from_base64url(self.footer_segment).ok_or_else(|| self.blame(self.footer_segment, Part::Footer))
    }

    /// Checks the signature, and that the footer is `footer`, in constant time; hands out the message.
    pub fn verify(&self, key: &PublicKey, footer: &[u8], implicit: &[u8]) -> Result<Vec<u8>, Malformed> {
        if !bool::from(self.footer()?.ct_eq(footer)) {
            return Err(Malformed::Footer);
        }
        self.verify_body(key, footer, implicit)
    }

    /// As [`Unverified::verify`], for a footer segment that was compared already.
    pub(crate) fn verify_body(&self, key: &PublicKey, footer: &[u8], implicit: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut message = from_base64url(self.body).ok_or_else(|| self.blame(self.body, Part::Payload))?;
        let Some(end) = message.len().checked_sub(64) else {
            return Err(Malformed::SignatureLength { bytes: message.len() });
        };
        let signature = message.split_off(end);
        let signed = pre_authentication_encoding(&message, footer, implicit);
        let _: crate::ed25519::SignatureValid = key.verify(&signed, &signature)?;
        Ok(message)
    }

    fn blame(&self, segment: &str, part: Part) -> Malformed {
        let before = if segment == self.body { HEADER.len() } else { HEADER.len() + self.body.len() + 1 };
        crate::jws::forbidden_character(segment)
            .map_or(Malformed::Encoding(part), |at| Malformed::ForbiddenCharacter { at: before + at })
    }
}

/// PAE of the PASETO specification: lengths as 64-bit little endian, so that no two inputs meet.
fn pre_authentication_encoding(message: &[u8], footer: &[u8], implicit: &[u8]) -> Vec<u8> {
    let pieces = [HEADER.as_bytes(), message, footer, implicit];
    let mut out = Vec::with_capacity(5 * 8 + pieces.iter().map(|piece| piece.len()).sum::<usize>());
    let mut push_length = |out: &mut Vec<u8>, length: usize| {
        // The specification clears the top bit, which no length in memory has.
        out.extend_from_slice(&u64::try_from(length).unwrap_or(0).to_le_bytes());
    };
    push_length(&mut out, pieces.len());
    for piece in pieces {
        push_length(&mut out, piece.len());
        out.extend_from_slice(piece);
    }
    out
}

/// The footer of every access token that is signed with the key `kid`.
pub(crate) fn access_token_footer(kid: &str) -> String {
    format!(r#"{{"kid":"{kid}","typ":"at+paseto"}}"#)
}

/// The key that a footer names, for a token whose footer is not one of the known ones. The footer is not
/// verified: its answer is good for a refusal, or for fetching keys.
pub(crate) fn kid_of_footer(token: &Unverified<'_>) -> Result<String, Malformed> {
    let bytes = token.footer()?;
    if bytes.is_empty() {
        return Err(Malformed::FooterMissing);
    }
    let text = str::from_utf8(&bytes).map_err(|_| Malformed::Footer)?;
    let members = json::object(text).map_err(|_| Malformed::Footer)?;
    match member(&members, "typ") {
        Some(Json::Text(typ)) if typ == "at+paseto" => {}
        Some(Json::Text(typ)) => return Err(Malformed::TypeNotAccessToken { typ: excerpt(typ) }),
        Some(_) => return Err(Malformed::HeaderType { name: "typ" }),
        None => return Err(Malformed::TypeMissing),
    }
    let kid = match member(&members, "kid") {
        Some(Json::Text(kid)) => kid.clone().into_owned(),
        Some(_) => return Err(Malformed::HeaderType { name: "kid" }),
        None => return Err(Malformed::KidMissing),
    };
    if !crate::paserk::legal_pid(&kid) {
        return Err(Malformed::KidMalformed);
    }
    if text == access_token_footer(&kid) { Ok(kid) } else { Err(Malformed::Footer) }
}
