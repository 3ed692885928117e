//! What a request holds to say who sent it (RFC 6749 section 2.3, RFC 7521 section 4.2).

use super::fault::AuthenticationFault;
use crate::http::form::{self, TokenForm};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a client says it is, and its proof.
pub(super) enum Credentials<'r> {
    /// An id and a secret, in the header or the body.
    Secret { id: Cow<'r, str>, secret: Cow<'r, str> },
    /// A signed text that says who made it.
    Assertion(PresentedAssertion<'r>),
    /// An id, and no proof.
    Name(&'r str),
}

/// The parameters of RFC 7521 section 4.2.
pub(in crate::http) struct PresentedAssertion<'r> {
    /// Of which kind it is said to be.
    pub(in crate::http) kind: Option<&'r str>,
    pub(in crate::http) text: &'r str,
    /// `client_id`, which may stand beside it.
    pub(in crate::http) client_id: Option<&'r str>,
}

impl<'r> Credentials<'r> {
    /// Finds the one way of authentication that the request uses. `decoded` keeps what a header held, and is wiped.
    pub(super) fn read(
        headers: &HeaderMap,
        form: &'r TokenForm<'_>,
        decoded: &'r mut Zeroizing<Vec<u8>>,
    ) -> Result<Self, AuthenticationFault> {
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        let authorization = authorizations.next();
        if authorizations.next().is_some() {
            return Err(AuthenticationFault::RepeatedHeader);
        }
        let asserts = form.client_assertion.is_some() || form.client_assertion_type.is_some();
        let proofs = [authorization.is_some(), form.client_secret.is_some(), asserts];
        if proofs.iter().filter(|there| **there).count() > 1 {
            return Err(AuthenticationFault::TwoMethods);
        }
        if let Some(authorization) = authorization {
            let (id, secret) = basic(authorization.as_bytes(), decoded)?;
            if form.client_id.as_ref().is_some_and(|named| *named != id) {
                return Err(AuthenticationFault::DifferentIds);
            }
            return Ok(Self::Secret { id, secret });
        }
        let (client_id, secret) = (form.client_id.as_deref(), form.client_secret.as_deref());
        match (form.client_assertion.as_deref(), client_id, secret) {
            (Some(text), client_id, _) => Ok(Self::Assertion(PresentedAssertion {
                kind: form.client_assertion_type.as_deref(),
                text,
                client_id,
            })),
            (None, Some(id), Some(secret)) => {
                Ok(Self::Secret { id: Cow::Borrowed(id), secret: Cow::Borrowed(secret) })
            }
            // A type of assertion without one: whoever sent it meant to prove something.
            (None, Some(id), None) if !asserts => Ok(Self::Name(id)),
            _ => Err(AuthenticationFault::NoCredentials),
        }
    }
}

fn basic<'r>(
    header: &[u8],
    decoded: &'r mut Zeroizing<Vec<u8>>,
) -> Result<(Cow<'r, str>, Cow<'r, str>), AuthenticationFault> {
    let scheme = header.get(..6).ok_or(AuthenticationFault::Scheme)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(AuthenticationFault::Scheme);
    }
    let malformed = AuthenticationFault::BasicMalformed;
    let encoded = header.get(6..).unwrap_or_default().trim_ascii();
    // Enough room at once: growing would leave a copy of the secret behind.
    decoded.reserve_exact(encoded.len());
    if BASE64.decode_vec(encoded, decoded).is_err() {
        return Err(malformed);
    }
    let Some(colon) = decoded.iter().position(|byte| *byte == b':') else { return Err(malformed) };
    let (id, secret) =
        (decoded.get(..colon).unwrap_or_default(), decoded.get(colon + 1..).unwrap_or_default());
    // RFC 6749 section 2.3.1: both are form-encoded. Ids and secrets of ours look the same either way.
    match (form::decode(id), form::decode(secret)) {
        (Ok(id), Ok(secret)) => Ok((id, secret)),
        _ => Err(malformed),
    }
}
