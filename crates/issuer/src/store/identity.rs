//! Whose store it is: one issuer, one environment, one master key, one revocation log.

use super::{ChangeCounter, InitialiseError, Store, StoreFault};
use crate::master_key::{Fingerprint, MasterKey, MasterKeyFault};
use chancery_revocation::{LogId, Sequence};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::path::Path;

/// Whose store it is. Written once, at the first start.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// The URL of the issuer.
    pub issuer: String,
    /// Its environment (R07).
    pub environment: Environment,
    /// The master key that seals its secrets.
    pub master_key: Fingerprint,
    /// Its revocation log.
    pub log: LogId,
    /// The sequence at which the log began: the `rvs` of its tokens until there is an entry.
    pub log_start: Sequence,
}

/// Why an issuer may not work with a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// Another environment (R07).
    #[error("the store belongs to a {stored} issuer, and this one is {wanted}; give each its own store")]
    OtherEnvironment {
        /// The store's.
        stored: Environment,
        /// The issuer's.
        wanted: Environment,
    },
    /// Another URL.
    #[error(
        "the store belongs to {stored}, and this issuer is {wanted}; set issuer.url to the first, or use a new store"
    )]
    OtherIssuer {
        /// The store's.
        stored: String,
        /// The issuer's.
        wanted: String,
    },
    /// Another master key.
    #[error(
        "the store was sealed under the master key {stored}; the one at hand is {wanted}. Point keys.master_key_file to the first"
    )]
    OtherMasterKey {
        /// The store's.
        stored: Fingerprint,
        /// The issuer's.
        wanted: Fingerprint,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl IdentityFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::OtherEnvironment { .. } => "other_environment",
            Self::OtherIssuer { .. } => "other_issuer",
            Self::OtherMasterKey { .. } => "other_master_key",
            Self::Store(fault) => fault.reason(),
        }
    }
}

impl Identity {
    /// Takes `store` into use for an issuer: a new one is given to it, one in use must be its own. Of two
    /// processes that start together, both end with the identity that was stored first. A store that was in use
    /// and has no identity is refused: another revocation log would begin in it, and the loss go unnoticed.
    pub async fn establish(
        store: &dyn Store,
        issuer: &str,
        environment: Environment,
        master: &MasterKey,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Self, IdentityFault> {
        // Asked first, so that beside a process that begins it is never moved and without an identity.
        let is_untouched = store.changes(ChangeCounter::START).await?.counter == ChangeCounter::START;
        let stored = if let Some(stored) = store.identity().await? {
            stored
        } else if !is_untouched {
            return Err(
                StoreFault::Corrupt { detail: "it was in use, and does not say by whom".to_owned() }.into()
            );
        } else {
            let mut log = [0; 16];
            entropy.fill(&mut log);
            let new = Self {
                issuer: issuer.into(),
                environment,
                master_key: master.fingerprint(),
                log: LogId::from_bytes(log),
                log_start: Sequence::start(None, now),
            };
            match store.initialise(&new).await {
                Ok(()) => new,
                Err(InitialiseError::Taken(first)) => *first,
                Err(InitialiseError::Fault(fault)) => return Err(fault.into()),
            }
        };
        stored.belongs_to(issuer, environment, master)
    }

    fn belongs_to(
        self,
        issuer: &str,
        environment: Environment,
        master: &MasterKey,
    ) -> Result<Self, IdentityFault> {
        if self.environment != environment {
            return Err(IdentityFault::OtherEnvironment { stored: self.environment, wanted: environment });
        }
        if self.issuer != issuer {
            return Err(IdentityFault::OtherIssuer { stored: self.issuer, wanted: issuer.into() });
        }
        let wanted = master.fingerprint();
        if self.master_key != wanted {
            return Err(IdentityFault::OtherMasterKey { stored: self.master_key, wanted });
        }
        Ok(self)
    }
}

/// The master key for `store`: the one in the file at `path`, which is made only for a store that was never used.
pub async fn master_key(
    store: &dyn Store,
    path: &Path,
    entropy: &dyn Entropy,
) -> Result<MasterKey, MasterKeyError> {
    match MasterKey::read(path) {
        Err(MasterKeyFault::Missing { .. }) if store.identity().await?.is_none() => {
            Ok(MasterKey::create(path, entropy)?)
        }
        read => Ok(read?),
    }
}

/// Why there is no master key for a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// The file.
    #[error(transparent)]
    Key(#[from] MasterKeyFault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl MasterKeyError {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Key(fault) => fault.reason(),
            Self::Store(fault) => fault.reason(),
        }
    }
}

#[cfg(test)]
mod tests;
