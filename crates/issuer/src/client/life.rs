//! What happens to a client while it lives: it authenticates, gets and loses secrets, is switched off.

use super::{Authentication, Client, ClientKey, ClientState, DisabledBy, MAX_KEYS, MAX_SECRETS};
use crate::secret::{ClientSecret, SecretHasher, StoredSecret};
use chancery_token::UnixTime;
use subtle::{Choice, ConstantTimeEq as _};

/// Why a client that is known gets no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Somebody switched it off.
    #[error("the client was disabled at {at}: {reason}")]
    Disabled {
        /// When.
        at: UnixTime,
        /// Why.
        reason: String,
    },
    /// Its end has come.
    #[error("the client expired at {at}; its owner registers a new one or extends it")]
    Expired {
        /// When.
        at: UnixTime,
    },
}

impl Unusable {
    /// Stable name for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "client_disabled",
            Self::Expired { .. } => "client_expired",
        }
    }
}

/// The client holds [`MAX_SECRETS`] secrets already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client has two secrets already; drop one of {} first", .held.join(", "))]
pub struct TooManySecrets {
    /// The ids of those it holds.
    pub held: Vec<String>,
}

/// The client holds [`MAX_KEYS`] keys already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client has two keys already; drop one of {} first", .held.join(", "))]
pub struct TooManyKeys {
    /// The thumbprints of those it holds.
    pub held: Vec<String>,
}

impl Client {
    /// Whether it may have a token at `now`. Its own end second is too late, as with tokens
    /// (RFC 7519 section 4.1.4).
    pub fn usable(&self, now: UnixTime) -> Result<(), Unusable> {
        match &self.state {
            ClientState::Disabled { at, reason, .. } => {
                Err(Unusable::Disabled { at: *at, reason: reason.clone() })
            }
            ClientState::Active if now >= self.expires_at => Err(Unusable::Expired { at: self.expires_at }),
            ClientState::Active => Ok(()),
        }
    }

    /// The secret of this client that was presented. Every stored digest is compared, each in constant time, so
    /// that the answer takes as long whichever it is.
    pub fn authenticate(&self, presented: &ClientSecret, hasher: &SecretHasher) -> Option<&StoredSecret> {
        let digest = presented.digest(hasher);
        let mut found = None;
        for stored in &self.secrets {
            let same: Choice = stored.digest.ct_eq(&digest);
            if bool::from(same) {
                found = Some(stored);
            }
        }
        found
    }

    /// Whether it holds what it proves itself with.
    pub fn has_proof(&self) -> bool {
        match self.authentication {
            Authentication::Secret => !self.secrets.is_empty(),
            Authentication::PrivateKeyJwt => !self.keys.is_empty(),
            Authentication::None => false,
        }
    }

    /// Adds a key beside the one in use; that one stays good (R52).
    pub fn with_key(mut self, key: ClientKey) -> Result<Self, TooManyKeys> {
        if self.keys.len() >= MAX_KEYS {
            return Err(TooManyKeys { held: self.keys.into_iter().map(|held| held.kid).collect() });
        }
        self.keys.push(key);
        Ok(self)
    }

    /// Drops the key with this thumbprint, if it is held.
    pub fn without_key(mut self, kid: &str) -> Self {
        self.keys.retain(|held| held.kid != kid);
        self
    }

    /// Adds a secret beside the one in use; that one stays good (R52).
    pub fn with_secret(mut self, secret: StoredSecret) -> Result<Self, TooManySecrets> {
        if self.secrets.len() >= MAX_SECRETS {
            return Err(TooManySecrets { held: self.secrets.into_iter().map(|held| held.id).collect() });
        }
        self.secrets.push(secret);
        Ok(self)
    }

    /// Drops the secret with this id, if it is held.
    pub fn without_secret(mut self, id: &str) -> Self {
        self.secrets.retain(|held| held.id != id);
        self
    }

    /// Switches it off. A client that is off stays off for its first reason.
    /// The operator's word stands above a tenant's: it can be added to it.
    pub fn disable(mut self, at: UnixTime, reason: impl Into<String>, by: DisabledBy) -> Self {
        match &mut self.state {
            ClientState::Active => self.state = ClientState::Disabled { at, reason: reason.into(), by },
            ClientState::Disabled { by: held, .. } if by == DisabledBy::Operator => *held = by,
            ClientState::Disabled { .. } => {}
        }
        self
    }

    /// Switches it on again.
    pub fn enable(mut self) -> Self {
        self.state = ClientState::Active;
        self
    }
}
