//! Other people's libraries judge what is signed here, before anybody else has to.
//!
//! A judge looks at the signature and at the form of the token. It does not look at the claims: both libraries
//! would read the wall clock for that.

mod canary;
mod jwt;
mod paseto;

pub(crate) use canary::{examine, examine_log_key};

use chancery_token::{Format, PublicKey};

/// Why a judge refused. It names the library that spoke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeRefusal {
    /// A token that was changed was accepted: the library, or how it is used, is broken.
    #[error("{library} accepted a token with a flipped bit")]
    AcceptedForgery {
        /// The library.
        library: &'static str,
    },
    /// The token is not in the form that the library reads.
    #[error("{library} does not read the token: {detail}")]
    Form {
        /// The library.
        library: &'static str,
        /// What it said.
        detail: String,
    },
    /// The key is not in the form that the library reads.
    #[error("the key was refused: {detail}")]
    Key {
        /// What was said.
        detail: String,
    },
    /// The key did not sign these bytes.
    #[error("{library} says that the key did not sign this token")]
    Signature {
        /// The library.
        library: &'static str,
    },
}

impl JudgeRefusal {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AcceptedForgery { .. } => "judge_accepted_forgery",
            Self::Form { .. } => "judge_form",
            Self::Key { .. } => "judge_key",
            Self::Signature { .. } => "judge_signature",
        }
    }
}

/// Asks the library of `format` (`jsonwebtoken`, `pasetors`) whether `key` signed `token`.
pub fn judge(format: Format, key: &PublicKey, token: &str) -> Result<(), JudgeRefusal> {
    match format {
        Format::Jwt => jwt::judge(key, token),
        Format::Paseto => paseto::judge(key, token),
    }
}

#[cfg(test)]
mod tests;
