//! The keys of the log: others than those of tokens, so that a stolen token key can neither forge the log nor stop it.

use chancery_token::jwk::SkippedKey;
use chancery_token::{BadKeyDocument, Format, KeySet, PublicKey, Signer};
use std::fmt;
use std::sync::Arc;

/// The public keys that sign the documents of a log, as `/keys/revocation.json` lists them. No [`KeySet`] becomes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationKeys(KeySet);

/// A key document, read.
#[derive(Clone, Debug)]
pub struct RevocationKeyDocument {
    /// The keys that can be used.
    pub keys: RevocationKeys,
    /// What was left out: the position in the document, and why.
    pub skipped: Vec<(usize, SkippedKey)>,
}

/// A key signs tokens and documents of the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key '{kid}' signs tokens and the log: whoever steals it could revive what was revoked; give the log its own"
)]
pub struct SharedKey {
    /// Its name among the keys of the log.
    pub kid: String,
}

impl SharedKey {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        "revocation_key_shared"
    }
}

impl RevocationKeys {
    /// Reads a JWK Set (RFC 7517), at most [`chancery_token::MAX_KEY_DOCUMENT_BYTES`].
    pub fn read(document: &[u8]) -> Result<RevocationKeyDocument, BadKeyDocument> {
        let read = KeySet::read(Format::Jwt, document)?;
        Ok(RevocationKeyDocument { keys: Self(read.keys), skipped: read.skipped })
    }

    /// Keys by hand, each under its RFC 7638 thumbprint; `None` without any.
    pub fn from_keys(keys: impl IntoIterator<Item = PublicKey>) -> Option<Self> {
        KeySet::from_keys(Format::Jwt, keys).map(Self)
    }

    /// The key ids, in the order of the document.
    pub fn kids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.kids()
    }

    /// Whether none of these keys signs tokens.
    pub fn disjoint_from(&self, tokens: &KeySet) -> Result<(), SharedKey> {
        let signs_tokens = |key: &PublicKey| tokens.kids().any(|kid| tokens.key(kid) == Some(key));
        match self.0.kids().find(|kid| self.0.key(kid).is_some_and(signs_tokens)) {
            Some(kid) => Err(SharedKey { kid: kid.to_string() }),
            None => Ok(()),
        }
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&PublicKey> {
        self.0.key(kid)
    }
}

/// Signs the documents of one issuer's log.
#[derive(Clone)]
pub struct DocumentSigner {
    pub(crate) issuer: String,
    pub(crate) signer: Arc<dyn Signer>,
}

impl DocumentSigner {
    /// `issuer` becomes `iss`; `signer` holds a key of the log, whose `kid` is its RFC 7638 thumbprint.
    pub fn new(issuer: impl Into<String>, signer: Arc<dyn Signer>) -> Self {
        Self { issuer: issuer.into(), signer }
    }

    /// The key it signs with.
    pub fn kid(&self) -> &str {
        self.signer.kid()
    }
}

impl fmt::Debug for DocumentSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentSigner({}, {})", self.issuer, self.signer.kid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::SecretKey;

    #[test]
    fn a_key_that_signs_tokens_is_found_whatever_its_name() {
        let [log, token, other] = [1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32]).public());
        let keys = RevocationKeys::from_keys([log.clone(), token.clone()]).unwrap();
        for format in [Format::Jwt, Format::Paseto] {
            let shared = KeySet::from_keys(format, [other.clone(), token.clone()]).unwrap();
            let kid = chancery_token::jwk::thumbprint(&token);
            assert_eq!(keys.disjoint_from(&shared), Err(SharedKey { kid }));
            assert_eq!(keys.disjoint_from(&KeySet::from_keys(format, [other.clone()]).unwrap()), Ok(()));
        }
    }
}
