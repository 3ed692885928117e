//! What a recovery found, and what came of it.

use chancery_revocation::{Decision, Doubt, Issuers, Log, LogId, Position, Sequence};

/// For the operator, as words and as JSON.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recovery {
    /// Where something was looked for.
    pub found: Vec<Finding>,
    /// `needless`: nothing is missing, and nothing changes; `complete`, `revoked_all` or `went_on`.
    pub decision: &'static str,
    /// Whether an issuer that may have revoked something was not asked.
    pub silent_issuers: bool,
    /// Places that existed, and to which nobody has all that led there.
    pub unreached: Vec<Unreached>,
    /// The new log; the one that there is, where nothing changes.
    pub log: LogId,
    /// Where it begins.
    pub start: Sequence,
    /// Where it stands.
    pub sequence: Sequence,
    /// Tokens and families in it.
    pub ids: usize,
    /// Names in it: clients, tenants, subjects, keys, everything.
    pub names: usize,
    /// Revoked keys that nobody remembered but the keyring.
    pub keys_said_again: usize,
    /// Keys that the log ends and the keyring held again, as one from a backup does: they are taken out.
    pub keys_taken_out: Vec<String>,
}

/// One place where something was looked for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Which.
    pub from: String,
    /// What it is.
    pub source: Source,
    /// What it holds.
    pub state: State,
    /// The log that it knows.
    pub log: Option<LogId>,
    /// How far it knows it.
    pub sequence: Option<Sequence>,
    /// Tokens and families that it knows.
    pub ids: usize,
    /// Names that it knows.
    pub names: usize,
}

/// What was looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The store.
    Store,
    /// The journal of an issuer.
    Journal,
    /// Documents that a verifier kept, or an issuer publishes.
    Documents,
}

/// What something holds of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All of it, up to its place.
    Whole,
    /// Likewise, of an issuer that was about to append behind it, and did not write down what became of that.
    CutOff,
    /// Some of it.
    Damaged,
    /// A journal's place is ahead of what lies beside it as ….kept: all up to that, and nothing behind it.
    Trailing,
    /// The place alone.
    PlaceOnly,
    /// Nothing.
    Nothing,
    /// Something that cannot be read.
    Unreadable,
}

/// A place to which nobody has all that led there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unreached {
    /// The log.
    pub log: LogId,
    /// The place.
    pub sequence: Sequence,
}

impl Recovery {
    pub(super) fn of(
        found: Vec<Finding>,
        decision: &Decision,
        log: &Log,
        keys_said_again: usize,
        keys_taken_out: Vec<String>,
    ) -> Self {
        let (word, doubt) = match decision {
            Decision::Complete => ("complete", None),
            Decision::RevokedAll(doubt) => ("revoked_all", Some(doubt)),
            Decision::WentOn(doubt) => ("went_on", Some(doubt)),
        };
        let place = |doubt: &Doubt| -> Vec<Unreached> {
            let unreached = doubt.unreached.iter();
            unreached.map(|trace| Unreached { log: trace.log, sequence: trace.sequence }).collect()
        };
        Self {
            found,
            decision: word,
            silent_issuers: doubt.is_some_and(|doubt| doubt.issuers == Issuers::SomeSilent),
            unreached: doubt.map(place).unwrap_or_default(),
            log: log.position().log,
            start: log.start(),
            sequence: log.position().sequence,
            ids: log.published().ids(),
            names: log.published().names(),
            keys_said_again,
            keys_taken_out,
        }
    }
}

impl Recovery {
    /// The store's log holds all that was found anywhere.
    pub(super) fn needless(found: Vec<Finding>, log: &Log, issuers: Issuers) -> Self {
        Self {
            found,
            decision: "needless",
            silent_issuers: issuers == Issuers::SomeSilent,
            unreached: Vec::new(),
            log: log.position().log,
            start: log.start(),
            sequence: log.position().sequence,
            ids: log.published().ids(),
            names: log.published().names(),
            keys_said_again: 0,
            keys_taken_out: Vec::new(),
        }
    }
}

impl Finding {
    pub(super) fn at(
        from: String,
        source: Source,
        state: State,
        position: &Position,
        (ids, names): (usize, usize),
    ) -> Self {
        let (log, sequence) = (Some(position.log), Some(position.sequence));
        Self { from, source, state, log, sequence, ids, names }
    }

    pub(super) fn without_place(from: String, source: Source, state: State) -> Self {
        Self { from, source, state, log: None, sequence: None, ids: 0, names: 0 }
    }

    /// A journal was named and says nothing.
    pub(super) fn is_silent_issuer(&self) -> bool {
        self.source == Source::Journal && matches!(self.state, State::Nothing | State::Unreadable)
    }
}
