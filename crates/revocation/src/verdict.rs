use crate::kind::Kind;
use crate::sequence::Sequence;
use crate::standing::Ended;
use std::time::Duration;

/// What a verifier says of a token whose signature and claims are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing ends it.
    Good,
    /// Nothing that is known here ends it, and its issuer had applied more than is known here: accept it, and ask for
    /// news at once.
    GoodSoFar(Behind),
    /// It is over. The answer is 401, and no other verifier would say otherwise.
    Over(Over),
    /// Nobody can say. The answer is 503 with `Retry-After`, and the same token may be good in a moment.
    Unknown(Unknown),
}

/// A token is ahead of what is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// What its issuer had applied.
    pub rvs: Sequence,
    /// What is applied here.
    pub applied: Sequence,
}

/// Why a token is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    /// An entry ends it.
    #[error("the token is revoked, {}", by(ended))]
    Revoked {
        /// The entry.
        ended: Ended,
    },
    /// It was issued so long ago that what ended it may be forgotten.
    #[error("the token was issued at sequence {rvs}, before {floor}: no honest token of that time lives")]
    BelowFloor {
        /// Its `rvs`.
        rvs: Sequence,
        /// The lowest that is accepted.
        floor: Sequence,
    },
}

/// Why nobody can say whether a token is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Nothing was ever heard of the log.
    #[error("nothing is known of the revocation log yet")]
    NeverHeard,
    /// What is known is too old.
    #[error("what is known of the revocation log is {}s old, at most {}s are accepted", age.as_secs(), most.as_secs())]
    Stale {
        /// Its age.
        age: Duration,
        /// The limit.
        most: Duration,
    },
    /// The issuer of the token had applied more than is known here, and the policy is strict.
    #[error("the token was issued at sequence {}, and only {} is known here", behind.rvs, behind.applied)]
    Behind {
        /// By how much.
        behind: Behind,
    },
}

/// Of a token or a family the log remembers only a part of itself in which the entry stands, so no sequence is told.
fn by(ended: &Ended) -> String {
    match ended.by {
        Kind::Token => "by an entry about the token itself".to_owned(),
        Kind::Family => "by an entry about its family".to_owned(),
        Kind::All => format!("as everything was at sequence {}", ended.at),
        kind @ (Kind::Client | Kind::Tenant | Kind::Subject | Kind::Key) => {
            format!("by an entry about its {kind} at sequence {}", ended.at)
        }
    }
}

impl Over {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Revoked { .. } => "revoked",
            Self::BelowFloor { .. } => "issued_below_floor",
        }
    }
}

impl Unknown {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NeverHeard => "revocation_never_heard",
            Self::Stale { .. } => "revocation_stale",
            Self::Behind { .. } => "revocation_behind",
        }
    }
}
