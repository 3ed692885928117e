//! What a verifier knows at one moment.

use super::keys::Keys;
use chancery_revocation::Follow;
use chancery_token::{KeySet, UnixTime};
use std::sync::Arc;

/// Keys and log, read together by every verdict. Replaced whole, never changed in place; what is not replaced is shared
/// with the one before.
#[derive(Debug, Default)]
pub(super) struct Installed {
    pub(super) keys: Keys,
    pub(super) log: Follow,
}

impl Installed {
    pub(super) fn with_keys(&self, set: &Arc<KeySet>, good_until: Option<UnixTime>) -> Self {
        Self { keys: self.keys.replaced(set, good_until), log: self.log.clone() }
    }

    #[cfg(feature = "follow")]
    pub(super) fn without_keys(&self) -> Self {
        Self { keys: self.keys.dropped(), log: self.log.clone() }
    }

    pub(super) fn with_log(&self, log: Follow) -> Self {
        Self { keys: self.keys.clone(), log }
    }
}
