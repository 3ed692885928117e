//! Signing access tokens.

use crate::claims::{Claims, TimeForm, largest_claim};
use crate::ed25519::Signer;
use crate::encoding::base64url;
use crate::jwt::{self, AlgorithmName};
use crate::{Format, jws, paseto};
use std::fmt;
use std::sync::Arc;

/// Largest token that is issued. With the other headers of a request it stays under the 8 KiB that HTTP servers
/// allow for all of them.
pub const MAX_ISSUED_BYTES: usize = 4 * 1024;

/// Signs claims as access tokens of one format, with one key.
#[derive(Clone)]
pub struct TokenSigner {
    signer: Arc<dyn Signer>,
    form: Form,
}

/// What is the same in every token that one key signs.
#[derive(Clone)]
enum Form {
    Jwt { header_segment: Box<str> },
    Paseto { footer: Box<str>, footer_segment: Box<str> },
}

/// The token would be larger than [`MAX_ISSUED_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the token would have {bytes} bytes, at most 4096 are issued; its largest claim is '{claim}' with {claim_bytes}"
)]
pub struct TokenTooLarge {
    /// The size it would have.
    pub bytes: usize,
    /// The claim that takes the most room.
    pub claim: String,
    /// Its share, in bytes of JSON.
    pub claim_bytes: usize,
}

impl TokenSigner {
    /// Signs JWTs; `alg` is how the header spells Ed25519. The signer's `kid` is an RFC 7638 thumbprint.
    pub fn jwt(signer: Arc<dyn Signer>, alg: AlgorithmName) -> Self {
        let header_segment = jwt::header_segment(alg, signer.kid()).into();
        Self { signer, form: Form::Jwt { header_segment } }
    }

    /// Signs PASETO v4.public tokens. The signer's `kid` is a `k4.pid`.
    pub fn paseto(signer: Arc<dyn Signer>) -> Self {
        let footer = paseto::access_token_footer(signer.kid());
        let footer_segment = base64url(footer.as_bytes()).into();
        Self { signer, form: Form::Paseto { footer: footer.into(), footer_segment } }
    }

    /// The format of what it signs.
    pub fn format(&self) -> Format {
        match self.form {
            Form::Jwt { .. } => Format::Jwt,
            Form::Paseto { .. } => Format::Paseto,
        }
    }

    /// The key it signs with.
    pub fn kid(&self) -> &str {
        self.signer.kid()
    }

    /// Signs `claims`.
    pub fn sign(&self, claims: &Claims) -> Result<String, TokenTooLarge> {
        let (payload, token);
        match &self.form {
            Form::Jwt { header_segment } => {
                payload = claims.to_json(TimeForm::NumericDate);
                token = jws::sign_encoded(header_segment, &payload, &*self.signer);
            }
            Form::Paseto { footer, footer_segment } => {
                payload = claims.to_json(TimeForm::Rfc3339);
                token = paseto::sign_with(&payload, footer.as_bytes(), footer_segment, b"", &*self.signer);
            }
        }
        if token.len() > MAX_ISSUED_BYTES {
            let (claim, claim_bytes) = largest_claim(&payload);
            return Err(TokenTooLarge { bytes: token.len(), claim, claim_bytes });
        }
        Ok(token)
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSigner({}, {})", self.format(), self.signer.kid())
    }
}
