//! What a client signs to say who it is (RFC 7523 section 3, as its revision has it: for the issuer alone).

mod claims;
mod fault;
mod header;
mod signature;

pub(crate) use fault::{NotAnAssertion, Unproven};

use crate::client::ClientKey;
use aws_lc_rs::digest::{Context, SHA256};
use chancery_token::UnixTime;
use claims::Claims;
use header::Header;
use serde::Deserialize;
use std::time::Duration;

/// Longest text that is read as one: as much as a token of ours may have.
const MAX_BYTES: usize = chancery_token::MAX_TOKEN_BYTES;
/// So far ahead `exp` may lie. What was used once is remembered until then, and so the store holds little.
const MAX_AHEAD: Duration = Duration::from_mins(5);
/// Clocks of clients and ours may differ by this.
const LEEWAY: Duration = Duration::from_secs(30);
/// Longest `jti`, in bytes: a UUID has 36.
const MAX_JTI: usize = 128;

/// A text that says it is of a client, is for this issuer and of now. **Nobody has proved anything** until
/// [`Assertion::verify`].
#[derive(Debug)]
pub(crate) struct Assertion<'a> {
    header: Header,
    claims: Claims,
    /// What the signature covers.
    message: &'a str,
    signature: &'a str,
}

/// An assertion that a key of its client made.
#[derive(Debug)]
pub(crate) struct Proven {
    claims: Claims,
}

impl<'a> Assertion<'a> {
    /// Reads everything that can be judged without knowing who the client is.
    pub(crate) fn read(text: &'a str, issuer: &str, now: UnixTime) -> Result<Self, NotAnAssertion> {
        if text.len() > MAX_BYTES {
            return Err(NotAnAssertion::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(NotAnAssertion::Form)?;
        let (header, payload) = message.split_once('.').ok_or(NotAnAssertion::Form)?;
        let header = Header::read(header)?;
        let claims = Claims::read(payload)?;
        claims.check(issuer, now)?;
        Ok(Self { header, claims, message, signature })
    }

    /// The client that it says it is of.
    pub(crate) fn client(&self) -> &str {
        &self.claims.client
    }

    /// Checks that one of `keys` made it. The key says by which algorithm (RFC 8725 section 3.1).
    pub(crate) fn verify(self, keys: &[ClientKey]) -> Result<Proven, Unproven> {
        let algorithm = self.header.algorithm;
        let made_it = |key: &ClientKey| signature::verify(key, self.message, self.signature);
        if let Some(kid) = &self.header.kid {
            let key = keys.iter().find(|key| key.kid == *kid).ok_or(Unproven::Key)?;
            if key.algorithm != algorithm {
                return Err(Unproven::Algorithm);
            }
            made_it(key)?;
        } else {
            // A client that names none goes on while it changes keys: it has two of them at most.
            let mut fitting = keys.iter().filter(|key| key.algorithm == algorithm);
            let first = made_it(fitting.next().ok_or(Unproven::Key)?);
            fitting.fold(first, |made, key| made.or_else(|_| made_it(key)))?;
        }
        Ok(Proven { claims: self.claims })
    }
}

impl Proven {
    /// Its name, among those of all clients.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hash = Context::new(&SHA256);
        for part in ["assertion", &self.claims.client, &self.claims.jti] {
            // Lengths first: no two lists of parts are the same bytes.
            hash.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        digest.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
        digest
    }

    /// Until then it could be used again.
    pub(crate) fn until(&self) -> UnixTime {
        self.claims.expires_at.plus(LEEWAY)
    }
}

/// Reads an object. Of a list serde would take the elements for the members of a struct, in their order.
fn object<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
    let begins_one = json.trim_ascii_start().first() == Some(&b'{');
    begins_one.then(|| serde_json::from_slice(json).ok()).flatten()
}

#[cfg(test)]
mod tests;
