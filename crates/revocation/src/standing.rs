use crate::kind::Kind;
use crate::sequence::Sequence;

/// How a token stands with what is known of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing ends it.
    Good,
    /// An entry ends it.
    Revoked(Ended),
    /// It was issued at a sequence whose entries may be forgotten: so long ago that no honest token of that time lives.
    BelowFloor {
        /// Its `rvs`.
        rvs: Sequence,
        /// The lowest `rvs` that is accepted.
        floor: Sequence,
    },
    /// Nothing that is known here ends it, but its issuer had applied entries that are not known here.
    AheadOfUs {
        /// Its `rvs`.
        rvs: Sequence,
        /// The last sequence that is known here.
        applied: Sequence,
    },
}

/// What ends a token or a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The kind of the entry.
    pub by: Kind,
    /// Where in the log: exactly, for an entry by name; at the latest, for one by id.
    pub at: Sequence,
}
