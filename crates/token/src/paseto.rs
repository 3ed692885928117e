//! PASETO v4.public, and our access tokens in it.

use crate::ed25519::{PublicKey, SignatureValid, Signer};
use crate::encoding::{append_base64url, append_from_base64url, base64url, from_base64url};
use crate::json::{self, Json, Most, member};
use crate::jws;
use crate::malformed::{Malformed, Part, excerpt};
use subtle::ConstantTimeEq as _;

/// The version and purpose, with the trailing dot that is signed with them.
const HEADER: &str = "v4.public.";

/// Signs `message` with a free `footer` and `implicit` assertion.
pub fn sign(message: &[u8], footer: &[u8], implicit: &[u8], signer: &dyn Signer) -> String {
    let footer_segment = base64url(footer);
    sign_with(message, footer, &footer_segment, implicit, signer)
}

/// As [`sign`], with the footer encoded already.
pub(crate) fn sign_with(
    message: &[u8],
    footer: &[u8],
    footer_segment: &str,
    implicit: &[u8],
    signer: &dyn Signer,
) -> String {
    let mut input = SigningInput::begin(message.len() + (footer.len() + implicit.len()).max(64));
    input.bytes.extend_from_slice(message);
    input.end(footer, implicit);
    let signature = signer.sign(&input.bytes);
    // What is encoded is the message with the signature behind it: the place of the footer is free again.
    input.bytes.truncate(MESSAGE_AT + message.len());
    input.bytes.extend_from_slice(&signature);
    let body = input.bytes.get(MESSAGE_AT..).unwrap_or_default();
    let mut out = Vec::with_capacity(HEADER.len() + body.len() * 4 / 3 + 4 + footer_segment.len() + 1);
    out.extend_from_slice(HEADER.as_bytes());
    append_base64url(body, &mut out);
    if !footer.is_empty() {
        out.push(b'.');
        out.extend_from_slice(footer_segment.as_bytes());
    }
    jws::text(out)
}

/// A v4.public token, taken apart. **Nothing in it may be believed** until [`Unverified::verify`].
#[derive(Debug)]
pub struct Unverified<'a> {
    whole: &'a str,
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
            return Err(jws::foreign_form(text).unwrap_or_else(|| match text.match_indices('.').nth(1) {
                Some((end, _)) => Malformed::Version { header: excerpt(text.get(..end).unwrap_or(text)) },
                None => Malformed::NotCompact { segments: text.split('.').count() },
            }));
        };
        let (body, footer_segment) = match rest.split_once('.') {
            None => (rest, ""),
            // A dot with nothing behind it is a second spelling of a token without a footer.
            Some((_, "")) => return Err(Malformed::Encoding(Part::Footer)),
            Some((body, footer)) if !footer.contains('.') => (body, footer),
            Some(_) => {
                let count = Malformed::NotCompact { segments: text.split('.').count() };
                return Err(jws::foreign_form(text).unwrap_or(count));
            }
        };
        Ok(Self { whole: text, body, footer_segment })
    }

    /// The footer, unverified. Only good for looking a key up.
    pub fn footer(&self) -> Result<Vec<u8>, Malformed> {
        from_base64url(self.footer_segment).ok_or_else(|| self.not_base64url(Part::Footer))
    }

    /// Checks the signature, and that the footer is `footer`, in constant time; hands out the message.
    pub fn verify(&self, key: &PublicKey, footer: &[u8], implicit: &[u8]) -> Result<Vec<u8>, Malformed> {
        if !bool::from(self.footer()?.ct_eq(footer)) {
            return Err(Malformed::Footer);
        }
        self.verify_body(key, footer, implicit).map(|message| message.as_bytes().to_vec())
    }

    /// As [`Unverified::verify`], for a footer segment that was compared already.
    pub(crate) fn verify_body(
        &self,
        key: &PublicKey,
        footer: &[u8],
        implicit: &[u8],
    ) -> Result<Message, Malformed> {
        let mut input = SigningInput::begin(self.body.len() + footer.len() + implicit.len());
        if !append_from_base64url(self.body, &mut input.bytes) {
            return Err(self.not_base64url(Part::Payload));
        }
        let body = input.bytes.get(MESSAGE_AT..).unwrap_or_default();
        let Some((message, signature)) = body.split_last_chunk::<64>() else {
            return Err(Malformed::SignatureLength { bytes: body.len() });
        };
        let (end, signature) = (MESSAGE_AT + message.len(), *signature);
        input.bytes.truncate(end);
        input.end(footer, implicit);
        let _: SignatureValid = key.verify(&input.bytes, &signature)?;
        Ok(Message { input: input.bytes, end })
    }

    fn not_base64url(&self, part: Part) -> Malformed {
        jws::foreign_form(self.whole).unwrap_or(Malformed::Encoding(part))
    }
}

/// A message whose signature holds, still where it was verified.
pub(crate) struct Message {
    input: Vec<u8>,
    end: usize,
}

impl Message {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.input.get(MESSAGE_AT..self.end).unwrap_or_default()
    }
}

/// Where the message stands in what is signed: behind the number of pieces, the header with its length, and the
/// message's own length.
const MESSAGE_AT: usize = 8 + 8 + HEADER.len() + 8;

/// What is signed: the header, the message, the footer and the implicit assertion as PAE of the PASETO
/// specification, with lengths as 64-bit little endian, so that no two inputs meet.
///
/// The message is written (or decoded) right into its place, between [`SigningInput::begin`] and
/// [`SigningInput::end`].
struct SigningInput {
    bytes: Vec<u8>,
}

impl SigningInput {
    fn begin(room: usize) -> Self {
        let mut bytes = Vec::with_capacity(MESSAGE_AT + room + 16);
        bytes.extend_from_slice(&length(4));
        bytes.extend_from_slice(&length(HEADER.len()));
        bytes.extend_from_slice(HEADER.as_bytes());
        bytes.extend_from_slice(&length(0));
        Self { bytes }
    }

    fn end(&mut self, footer: &[u8], implicit: &[u8]) {
        let message = self.bytes.len().saturating_sub(MESSAGE_AT);
        if let Some(place) = self.bytes.get_mut(MESSAGE_AT - 8..MESSAGE_AT) {
            place.copy_from_slice(&length(message));
        }
        for piece in [footer, implicit] {
            self.bytes.extend_from_slice(&length(piece.len()));
            self.bytes.extend_from_slice(piece);
        }
    }
}

/// The specification clears the top bit, which no length in memory has.
fn length(of: usize) -> [u8; 8] {
    u64::try_from(of).unwrap_or(u64::MAX >> 1).to_le_bytes()
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
    let members = json::object(text, Most::Header).map_err(|_| Malformed::Footer)?;
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
