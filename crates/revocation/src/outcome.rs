use crate::log_id::LogId;
use crate::sequence::Sequence;

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first snapshot: there is something to judge by now.
    Installed {
        /// Where the log stands.
        at: Sequence,
    },
    /// A delta was applied.
    Advanced {
        /// From here.
        from: Sequence,
        /// To here.
        to: Sequence,
    },
    /// A snapshot of the same log was applied.
    CaughtUp {
        /// From here.
        from: Sequence,
        /// To here.
        to: Sequence,
    },
    /// Nothing was revoked, and somebody looked more recently than was known.
    Heartbeat,
    /// All of it was known, and when it was confirmed too.
    AlreadyHeld,
    /// It does not follow on what is known. Ask for a snapshot.
    NeedSnapshot(NeedSnapshot),
    /// Another log follows on this one: the issuer lost its store and began anew. Nothing was forgotten; somebody should
    /// know.
    MergedAnotherLog {
        /// The log that was followed.
        from: LogId,
        /// The log that is followed now.
        to: LogId,
        /// Where it stands.
        at: Sequence,
    },
    /// The log has two branches, and this verifier knew the other one. Nothing was forgotten; somebody should know.
    MergedFork {
        /// Where they differ, at the latest.
        at: Sequence,
    },
    /// It is older than what is known: repeated, delayed, or of an issuer that is a moment behind. Nothing changed.
    Older {
        /// What is known.
        held: Sequence,
        /// What the document tells of.
        offered: Sequence,
    },
    /// It tells of less than is known here, and was signed later: the issuer's store went back. Nothing changed, and what
    /// is known grows old, until somebody looks.
    WentBack {
        /// What is known.
        held: Sequence,
        /// What the document tells of.
        offered: Sequence,
    },
}

/// Why a delta cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedSnapshot {
    /// Nothing is known that a delta could follow on.
    NothingHeld,
    /// It begins elsewhere.
    Gap {
        /// What is known.
        held: Sequence,
        /// Where it begins.
        from: Sequence,
    },
    /// It is of another log, which is ahead of the one that is known.
    AnotherLog {
        /// That log.
        log: LogId,
    },
    /// It follows on another branch than the one that is known.
    Forked {
        /// What is known.
        at: Sequence,
    },
}

/// What to do with the document on disk, so that the next start knows what is known now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It says it all: what was kept before can go, unless [`crate::Follow::needs_earlier_documents`].
    AsBeginning,
    /// Behind what was kept before.
    Behind,
    /// It says nothing new.
    Not,
}

impl Outcome {
    /// Whether somebody should be told: the issuer's store lost something.
    pub const fn is_alarming(&self) -> bool {
        match self {
            Self::MergedAnotherLog { .. } | Self::MergedFork { .. } | Self::WentBack { .. } => true,
            Self::Installed { .. }
            | Self::Advanced { .. }
            | Self::CaughtUp { .. }
            | Self::Heartbeat
            | Self::AlreadyHeld
            | Self::NeedSnapshot(_)
            | Self::Older { .. } => false,
        }
    }

    /// What to do with the document on disk.
    pub const fn keep(&self) -> Keep {
        match self {
            Self::Installed { .. }
            | Self::CaughtUp { .. }
            | Self::MergedAnotherLog { .. }
            | Self::MergedFork { .. } => Keep::AsBeginning,
            Self::Advanced { .. } | Self::Heartbeat => Keep::Behind,
            Self::AlreadyHeld | Self::NeedSnapshot(_) | Self::Older { .. } | Self::WentBack { .. } => {
                Keep::Not
            }
        }
    }

    /// The stable name of what became of it, for logs and metrics; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Installed { .. } => "installed",
            Self::Advanced { .. } => "advanced",
            Self::CaughtUp { .. } => "caught_up",
            Self::Heartbeat => "heartbeat",
            Self::AlreadyHeld => "already_held",
            Self::NeedSnapshot(NeedSnapshot::NothingHeld) => "snapshot_needed",
            Self::NeedSnapshot(NeedSnapshot::Gap { .. }) => "delta_gap",
            Self::NeedSnapshot(NeedSnapshot::AnotherLog { .. }) => "delta_of_another_log",
            Self::NeedSnapshot(NeedSnapshot::Forked { .. }) => "delta_of_another_branch",
            Self::MergedAnotherLog { .. } => "merged_another_log",
            Self::MergedFork { .. } => "merged_fork",
            Self::Older { .. } => "document_older",
            Self::WentBack { .. } => "log_went_back",
        }
    }
}
