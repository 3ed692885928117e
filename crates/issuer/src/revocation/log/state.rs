//! How it stands with the log, for those who watch it.

use crate::revocation::LogFault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the log of the store stands with what is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogState {
    /// It is the same, and its end was seen a moment ago.
    Following,
    /// It is the same, and the store would not keep what is appended: nothing can be revoked until that is mended.
    Refusing {
        /// What the store said of it.
        fault: Arc<LogFault>,
    },
    /// Its end cannot be seen just now, or the clock cannot be believed that says when.
    Unconfirmed {
        /// What the last look ended with; `None` when nobody looked for too long.
        fault: Option<Arc<LogFault>>,
    },
    /// It is another one: nothing is appended, and documents are not confirmed any more.
    Lost {
        /// What is wrong with it.
        fault: Arc<LogFault>,
    },
}

impl LogState {
    /// Every word that [`LogState::as_str`] has.
    pub const WORDS: [&'static str; 4] = ["following", "refusing", "unconfirmed", "lost"];

    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        let [following, refusing, unconfirmed, lost] = Self::WORDS;
        match self {
            Self::Following => following,
            Self::Refusing { .. } => refusing,
            Self::Unconfirmed { .. } => unconfirmed,
            Self::Lost { .. } => lost,
        }
    }

    /// What is wrong.
    pub fn fault(&self) -> Option<&LogFault> {
        match self {
            Self::Following => None,
            Self::Unconfirmed { fault } => fault.as_deref(),
            Self::Refusing { fault } | Self::Lost { fault } => Some(fault),
        }
    }
}

/// What happened since the start.
#[derive(Debug, Default)]
pub struct Figures {
    entries: AtomicU64,
    batches: AtomicU64,
    losses: AtomicU64,
}

impl Figures {
    /// Entries that were appended by this process.
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Writes to the store that they took.
    pub fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    /// How often the store was found to have lost something.
    pub fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    pub(in crate::revocation) fn appended(&self, entries: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.entries.fetch_add(u64::try_from(entries).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn lost(&self) {
        self.losses.fetch_add(1, Ordering::Relaxed);
    }
}
