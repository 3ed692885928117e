//! What openssl writes as a public key: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 8410, RFC 5480, RFC 3279).

use chancery_issuer::client::NotAClientKey;
use chancery_token::encoding::{base64url, from_base64url};
use serde_json::{Value, json};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;

/// 1.3.101.112 (RFC 8410 section 3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 1.2.840.10045.2.1 (RFC 5480 section 2.1.1).
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10045.3.1.7 (RFC 5480 section 2.1.1.1).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// 1.2.840.113549.1.1.1 (RFC 3279 section 2.3.1).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The JWK of what stands behind the first line of a PEM file. Whether the key is any good is judged by its reader.
pub(super) fn jwk(pem: &str) -> Result<Value, NotAClientKey> {
    let body = pem.split("-----END PUBLIC KEY-----").next().unwrap_or_default();
    let text: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let der = from_base64url(&text).ok_or(NotAClientKey::Member)?;
    read(&der).unwrap_or(Err(NotAClientKey::Member))
}

fn read(der: &[u8]) -> Option<Result<Value, NotAClientKey>> {
    let mut whole = Der(der);
    let mut info = Der(whole.take(SEQUENCE)?);
    let mut algorithm = Der(info.take(SEQUENCE)?);
    let (unused, key) = info.take(BIT_STRING)?.split_first()?;
    if *unused != 0 || !info.0.is_empty() || !whole.0.is_empty() {
        return None;
    }
    Some(Ok(match algorithm.take(OBJECT)? {
        ED25519 => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(key) }),
        EC if algorithm.take(OBJECT)? == P256 => {
            // Uncompressed (RFC 5480 section 2.2).
            let point = key.strip_prefix(&[4])?;
            let (x, y) = point.split_at_checked(32)?;
            json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
        }
        RSA => {
            let mut key = Der(key);
            let mut numbers = Der(key.take(SEQUENCE)?);
            let (n, e) = (numbers.take(INTEGER)?, numbers.take(INTEGER)?);
            json!({ "kty": "RSA", "n": base64url(positive(n)), "e": base64url(positive(e)) })
        }
        _ => return Some(Err(NotAClientKey::Kind)),
    }))
}

/// A number without the zero that says it is not negative (X.690 section 8.3).
fn positive(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

/// What is left of a piece of DER.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The content of the next value, if it has this tag.
    fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
            0x82 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        (*found == tag).then_some(content)
    }
}
