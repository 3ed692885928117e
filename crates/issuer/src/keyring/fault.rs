use super::KeyUse;
use super::succession::RotationPending;
use crate::judge::JudgeRefusal;
use crate::master_key::SealFault;
use crate::store::StoreFault;

/// Why there are no keys to sign with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The stored keyring does not open.
    #[error("the stored keyring does not open: {0}")]
    Seal(#[from] SealFault),
    /// It opened, and holds something else than a keyring that this version can read.
    #[error("the stored keyring cannot be read: {why}")]
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
    /// The store has been in use, and the keyring is gone.
    #[error("the store has lost its keyring; stop the issuer and restore the store from its backup")]
    Missing,
    /// A new key did not pass; it was not published.
    #[error("a new {keys} key was refused before it was published: {refusal}")]
    Judged {
        /// What the key was for.
        keys: KeyUse,
        /// Why.
        refusal: JudgeRefusal,
    },
}

impl KeyringFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.reason(),
            Self::Seal(fault) => fault.reason(),
            Self::Unreadable { .. } => "keyring_unreadable",
            Self::Missing => "keyring_missing",
            Self::Judged { .. } => "key_refused_by_judge",
        }
    }
}

/// Why a rotation did not happen. The keyring is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// Another one of these keys is under way. Nothing was rotated, the other keys neither.
    #[error("the {keys} keys: {pending}")]
    Pending {
        /// Whose keys.
        keys: KeyUse,
        /// The other one.
        pending: RotationPending,
    },
    /// Other processes changed the keyring again and again.
    #[error(
        "other processes kept changing the keyring; look at `key list`, then rotate again if it is still due"
    )]
    Contended,
    /// The keyring cannot be read or written.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

impl RotateError {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "rotation_pending",
            Self::Contended => "keyring_contended",
            Self::Keyring(fault) => fault.reason(),
        }
    }
}

/// Why a key was not revoked. The keyring is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeKeyError {
    /// The keyring holds no such key, and none of this name was ever revoked: it is mistyped, or was retired so long
    /// ago that no token of it lives.
    #[error("the keyring holds no key '{kid}'; look at `key list`")]
    Unknown {
        /// The name that was given.
        kid: String,
    },
    /// Other processes changed the keyring again and again.
    #[error("other processes kept changing the keyring; revoke the key again")]
    Contended,
    /// The keyring cannot be read or written.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

impl RevokeKeyError {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "key_unknown",
            Self::Contended => "keyring_contended",
            Self::Keyring(fault) => fault.reason(),
        }
    }
}

/// Why a refresh key was not revoked. The keyring is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeEpochError {
    /// It was never in use: the number is mistyped.
    #[error(
        "refresh tokens are written under key {current}, and none was ever written under key {epoch}; name {current}"
    )]
    Unknown {
        /// The number that was given.
        epoch: u32,
        /// The one in use.
        current: u32,
    },
    /// Other processes changed the keyring again and again.
    #[error("other processes kept changing the keyring; revoke the refresh key again")]
    Contended,
    /// The keyring cannot be read or written.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

impl RevokeEpochError {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "refresh_epoch_unknown",
            Self::Contended => "keyring_contended",
            Self::Keyring(fault) => fault.reason(),
        }
    }
}
