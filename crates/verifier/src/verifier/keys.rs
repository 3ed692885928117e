//! The keys that are installed, and how long they may be used.

use crate::rejection::KeysUnavailable;
use chancery_token::{Format, KeySet, UnixTime};
use std::sync::Arc;

/// Keys of one format for a verifier of the other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are {found} keys; the verifier takes {expected} tokens")]
pub struct WrongFormat {
    /// What the verifier takes.
    pub expected: Format,
    /// What the keys are for.
    pub found: Format,
}

/// What is installed at one moment. Replaced whole, never changed in place.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    state: State,
    /// Moves on whenever the set changes, so that what was verified under another set is verified again.
    generation: u64,
}

#[derive(Clone, Debug)]
enum State {
    Missing(KeysUnavailable),
    Installed { set: Arc<KeySet>, good_until: Option<UnixTime> },
}

impl Default for Keys {
    fn default() -> Self {
        Self { state: State::Missing(KeysUnavailable::NeverInstalled), generation: 0 }
    }
}

impl Keys {
    /// The set, if it may be used at `now`.
    pub(super) fn usable(&self, now: UnixTime) -> Result<&KeySet, KeysUnavailable> {
        match &self.state {
            State::Missing(why) => Err(why.clone()),
            State::Installed { good_until: Some(good_until), .. } if now >= *good_until => {
                Err(KeysUnavailable::Stale { good_until: *good_until })
            }
            State::Installed { set, .. } => Ok(set),
        }
    }

    /// The set, whether it may still be used or not.
    pub(super) fn set(&self) -> Option<&KeySet> {
        match &self.state {
            State::Missing(_) => None,
            State::Installed { set, .. } => Some(set),
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn kids(&self) -> Vec<Arc<str>> {
        match &self.state {
            State::Missing(_) => Vec::new(),
            State::Installed { set, .. } => set.kids().cloned().collect(),
        }
    }

    /// What comes after these when `set` is installed. The same set again may be used longer, and what was
    /// verified with it stays verified.
    pub(super) fn replaced(&self, set: &Arc<KeySet>, good_until: Option<UnixTime>) -> Self {
        let unchanged = matches!(&self.state, State::Installed { set: old, .. } if old == set);
        let generation = if unchanged { self.generation } else { self.generation + 1 };
        Self { state: State::Installed { set: Arc::clone(set), good_until }, generation }
    }

    /// What comes after these when they are thrown away.
    #[cfg(feature = "follow")]
    pub(super) fn dropped(&self) -> Self {
        let why = match &self.state {
            State::Installed { good_until: Some(good_until), .. } => {
                KeysUnavailable::Stale { good_until: *good_until }
            }
            State::Installed { good_until: None, .. } => KeysUnavailable::NeverInstalled,
            State::Missing(why) => why.clone(),
        };
        Self { state: State::Missing(why), generation: self.generation + 1 }
    }
}
