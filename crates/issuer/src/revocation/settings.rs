//! What the log needs to know besides its store.

use crate::client::MAX_LIFETIME;
use crate::config::Config;
use chancery_revocation::Retention;
use std::path::PathBuf;
use std::time::Duration;

/// How far clocks may be apart: those of two issuers by a minute each (what NTP keeps is far below), and a verifier
/// may add its leeway, of which it allows 300 seconds at most.
pub const SKEW: Duration = Duration::from_mins(7);

/// The longest life of a refresh family. Entries that can end one are kept for so long.
pub const LONGEST_FAMILY: Duration = Duration::from_hours(90 * 24);

/// How a process keeps the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// How long things live.
    pub retention: Retention,
    /// What this process notes on its own disk of how far it has seen the log.
    pub journal: Journaling,
}

/// Who writes a journal, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Journaling {
    /// An issuer: that it appends before it does, and where and what the log is within a second.
    Within(PathBuf),
    /// A command that works on the store once, beside an issuer that may run: where the log is, before it answers.
    BeforeAnswer(PathBuf),
    /// Nobody.
    Never,
}

impl Journaling {
    /// The file.
    pub const fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Within(path) | Self::BeforeAnswer(path) => Some(path),
            Self::Never => None,
        }
    }
}

impl LogSettings {
    /// Those of an issuer.
    pub fn of(config: &Config) -> Self {
        let journal = Journaling::Within(config.revocation.journal_file.clone());
        Self { retention: retention(config), journal }
    }

    /// Those of a command that works on the store once, beside issuers that may run.
    pub fn of_a_command(config: &Config) -> Self {
        let journal = Journaling::BeforeAnswer(config.revocation.journal_file.clone());
        Self { retention: retention(config), journal }
    }
}

/// The longest lifetime is the one that there can be, not the configured one: that one may have been higher.
fn retention(config: &Config) -> Retention {
    Retention {
        longest_access: MAX_LIFETIME,
        max_blind: config.revocation.max_blind,
        skew: SKEW,
        longest_family: LONGEST_FAMILY,
    }
}
