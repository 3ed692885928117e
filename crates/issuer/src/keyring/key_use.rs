use chancery_token::Format;
use std::fmt;

/// What a key signs: one thing, for ever. Keys of the log sign no token, and keys of tokens no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// Tokens that are JWTs.
    Jwt,
    /// Tokens that are PASETOs.
    Paseto,
    /// Documents of the revocation log.
    Revocation,
}

impl KeyUse {
    /// `jwt`, `paseto` or `revocation`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Paseto => "paseto",
            Self::Revocation => "revocation",
        }
    }
}

impl From<Format> for KeyUse {
    fn from(format: Format) -> Self {
        match format {
            Format::Jwt => Self::Jwt,
            Format::Paseto => Self::Paseto,
        }
    }
}

impl std::str::FromStr for KeyUse {
    type Err = UnknownKeyUse;

    fn from_str(text: &str) -> Result<Self, UnknownKeyUse> {
        let uses = [Self::Jwt, Self::Paseto, Self::Revocation];
        uses.into_iter().find(|of| of.as_str() == text).ok_or(UnknownKeyUse)
    }
}

/// None of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keys are of 'jwt', 'paseto' or 'revocation'")]
pub struct UnknownKeyUse;

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
