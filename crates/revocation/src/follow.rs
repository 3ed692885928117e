//! What a verifier makes of the documents that reach it, in whatever order, as often as they like.

use crate::chain::Position;
use crate::delta::VerifiedDelta;
use crate::document::{BadDocument, Document};
use crate::freshness::{Confirmation, Freshness, Moment, TimeFloor};
use crate::ids::BlockNumber;
use crate::keys::RevocationKeys;
use crate::outcome::{NeedSnapshot, Outcome};
use crate::sequence::Sequence;
use crate::set::RevokedSet;
use crate::snapshot::VerifiedSnapshot;
use crate::standing::Standing;
use crate::token_marks::TokenMarks;
use crate::verdict::{Behind, Over, Unknown, Verdict};
use chancery_token::UnixTime;
use std::time::Duration;

/// How much later than what is known here a document may be signed and yet be behind it: another issuer's clock is
/// fast, or it is a moment behind. Beyond it the log went back.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// What a verifier knows of a log. It never changes: each document makes another one. Cloning is cheap.
///
/// Whatever comes, nothing is revived: what is known stays until it is at or below the floor.
#[derive(Clone, Debug, Default)]
pub struct Follow {
    state: State,
    /// `None` until something signed was heard.
    time_floor: Option<TimeFloor>,
}

/// What is known after a start, from disk alone.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What is known.
    pub follow: Follow,
    /// The documents that were left out: the position of each, and why.
    pub refused: Vec<(usize, BadDocument)>,
}

#[derive(Clone, Debug, Default)]
enum State {
    /// Nothing was ever heard. Closed.
    #[default]
    Unheard,
    Heard(Box<Known>),
}

#[derive(Clone, Debug)]
struct Known {
    position: Position,
    set: RevokedSet,
    confirmation: Confirmation,
    /// Up to where entries are held that no document of this log repeats: those of earlier logs, or of another branch.
    inherited: Option<Sequence>,
}

impl Follow {
    /// Nothing is known yet; every token is refused as unknown.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the documents say that were kept on disk, in the order in which they were kept, opened anew.
    ///
    /// One from the future shows that the clock was set back. Then nothing is taken from any of them: the older ones
    /// would look fresh by that clock, and the newer ones would be missing. Any other that cannot be opened is left out,
    /// and the age counts from those that can.
    pub fn restore<'t>(
        texts: impl IntoIterator<Item = &'t str>,
        keys: &RevocationKeys,
        issuer: &str,
        now: Moment,
    ) -> Restored {
        let mut restored = Restored { follow: Self::new(), refused: Vec::new() };
        for (at, text) in texts.into_iter().enumerate() {
            let (follow, received) = restored.follow.receive(text, keys, issuer, now);
            restored.follow = follow;
            restored.refused.extend(received.err().map(|bad| (at, bad)));
        }
        if restored.refused.iter().any(|(_, bad)| matches!(bad, BadDocument::FromFuture { .. })) {
            restored.follow = Self::new();
        }
        restored
    }

    /// Opens `text` and accepts it. A text that is no document changes nothing.
    pub fn receive(
        self,
        text: &str,
        keys: &RevocationKeys,
        issuer: &str,
        now: Moment,
    ) -> (Self, Result<Outcome, BadDocument>) {
        match keys.open(text, issuer, now.wall) {
            Ok(document) => {
                let (follow, outcome) = self.accept(document, now);
                (follow, Ok(outcome))
            }
            Err(bad) => (self, Err(bad)),
        }
    }

    /// Takes what is new in a document, or says why nothing is.
    pub fn accept(self, document: Document, now: Moment) -> (Self, Outcome) {
        let floor = TimeFloor::raised(self.time_floor, document.confirmed_at(), now);
        let hear = |signed| Confirmation::heard(signed, now, &floor);
        let (state, outcome) = match (self.state, document) {
            (State::Unheard, Document::Delta(_)) => {
                (State::Unheard, Outcome::NeedSnapshot(NeedSnapshot::NothingHeld))
            }
            (State::Unheard, Document::Snapshot(snapshot)) => {
                let confirmation = hear(snapshot.confirmed_at());
                let (position, set) = (*snapshot.position(), snapshot.set().clone());
                let known = Known { position, set, confirmation, inherited: None };
                (State::Heard(Box::new(known)), Outcome::Installed { at: position.sequence })
            }
            (State::Heard(known), Document::Delta(delta)) => known.delta(&delta, hear),
            (State::Heard(known), Document::Snapshot(snapshot)) => known.snapshot(&snapshot, hear),
        };
        (Self { state, time_floor: Some(floor) }, outcome)
    }

    /// What to say of a token `now`. Allocates nothing.
    pub fn judge(&self, token: &TokenMarks, freshness: Freshness, now: Moment) -> Verdict {
        let (State::Heard(known), Some(floor)) = (&self.state, &self.time_floor) else {
            return Verdict::Unknown(Unknown::NeverHeard);
        };
        // What is over stays over, however old the news of it is.
        let behind = match known.set.judge(token) {
            Standing::Revoked(ended) => return Verdict::Over(Over::Revoked { ended }),
            Standing::BelowFloor { rvs, floor } => return Verdict::Over(Over::BelowFloor { rvs, floor }),
            Standing::AheadOfUs { rvs, applied } => Some(Behind { rvs, applied }),
            Standing::Good => None,
        };
        let (age, most) = (known.confirmation.age(now, floor), freshness.max_staleness());
        match (behind, freshness) {
            _ if age > most => Verdict::Unknown(Unknown::Stale { age, most }),
            (None, _) => Verdict::Good,
            (Some(behind), Freshness::MaxStaleness(_)) => Verdict::GoodSoFar(behind),
            (Some(behind), Freshness::Strict { .. }) => Verdict::Unknown(Unknown::Behind { behind }),
        }
    }

    /// How old what is known is: the time since an issuer last looked at the end of the log and said so. `None` while
    /// nothing is known.
    pub fn age(&self, now: Moment) -> Option<Duration> {
        match (&self.state, &self.time_floor) {
            (State::Heard(known), Some(floor)) => Some(known.confirmation.age(now, floor)),
            _ => None,
        }
    }

    /// The place in the log: what to ask for news after.
    pub fn position(&self) -> Option<&Position> {
        match &self.state {
            State::Unheard => None,
            State::Heard(known) => Some(&known.position),
        }
    }

    /// What is revoked, as far as it is known.
    pub fn set(&self) -> Option<&RevokedSet> {
        match &self.state {
            State::Unheard => None,
            State::Heard(known) => Some(&known.set),
        }
    }

    /// The instant of the issuer's look at the end of the log that the age counts from.
    pub fn confirmed_at(&self) -> Option<UnixTime> {
        match &self.state {
            State::Unheard => None,
            State::Heard(known) => Some(known.confirmation.signed()),
        }
    }

    /// Whether documents from before the last snapshot are still needed on disk: they hold entries of an earlier log that
    /// the snapshot may not repeat. It ends when the floor has passed them.
    pub fn needs_earlier_documents(&self) -> bool {
        matches!(&self.state, State::Heard(known) if known.inherited.is_some())
    }
}

impl From<Known> for State {
    fn from(known: Known) -> Self {
        Self::Heard(Box::new(known))
    }
}

impl Known {
    fn delta(self, delta: &VerifiedDelta, hear: impl Fn(UnixTime) -> Confirmation) -> (State, Outcome) {
        let (signed, delta) = (delta.confirmed_at(), delta.delta());
        let (from, to) = (delta.from, delta.to);
        if to.log != self.position.log {
            let outcome = if to.sequence > self.position.sequence {
                Outcome::NeedSnapshot(NeedSnapshot::AnotherLog { log: to.log })
            } else {
                self.behind(signed, to.sequence)
            };
            return (self.into(), outcome);
        }
        if to == self.position {
            let heartbeat = signed > self.confirmation.signed();
            let outcome = if heartbeat { Outcome::Heartbeat } else { Outcome::AlreadyHeld };
            return (self.confirmed(signed, hear).above(delta.floor).into(), outcome);
        }
        let ours = self.position.sequence;
        if to.sequence < ours {
            let outcome = self.behind(signed, to.sequence);
            return (self.into(), outcome);
        }
        let why = match from.sequence {
            _ if to.sequence == ours => Some(NeedSnapshot::Forked { at: ours }),
            start if start == ours && from.head != self.position.head => {
                Some(NeedSnapshot::Forked { at: ours })
            }
            start if start == ours => None,
            start => Some(NeedSnapshot::Gap { held: ours, from: start }),
        };
        if let Some(why) = why {
            return (self.into(), Outcome::NeedSnapshot(why));
        }
        let set = self.set.clone().with(&delta.entries, to.sequence, delta.floor);
        let known = Self { position: to, set, ..self }.confirmed(signed, hear).above(delta.floor);
        (known.into(), Outcome::Advanced { from: ours, to: to.sequence })
    }

    fn snapshot(
        self,
        snapshot: &VerifiedSnapshot,
        hear: impl Fn(UnixTime) -> Confirmation,
    ) -> (State, Outcome) {
        let (signed, theirs, ours) = (snapshot.confirmed_at(), *snapshot.position(), self.position);
        if theirs == ours {
            let heartbeat = signed > self.confirmation.signed();
            let outcome = if heartbeat { Outcome::Heartbeat } else { Outcome::AlreadyHeld };
            return (self.confirmed(signed, hear).above(snapshot.set().floor()).into(), outcome);
        }
        let forked = theirs.log == ours.log && theirs.sequence == ours.sequence;
        // Of two branches of the same length the later signed one is followed; what the other said is kept.
        if theirs.sequence < ours.sequence || (forked && signed <= self.confirmation.signed()) {
            let outcome = self.behind(signed, theirs.sequence);
            return (self.into(), outcome);
        }
        let merged = self.set.clone().merge(snapshot.set());
        let inherited = self.inherited_by(&merged, snapshot.set());
        let (confirmation, outcome) = if theirs.log != ours.log {
            let (from, to) = (ours.log, theirs.log);
            (hear(signed), Outcome::MergedAnotherLog { from, to, at: theirs.sequence })
        } else if forked {
            (hear(signed), Outcome::MergedFork { at: theirs.sequence })
        } else {
            let (from, to) = (ours.sequence, theirs.sequence);
            (self.confirmed(signed, &hear).confirmation, Outcome::CaughtUp { from, to })
        };
        let floor = merged.floor();
        let known = Self { position: theirs, set: merged, confirmation, inherited };
        (known.above(floor).into(), outcome)
    }

    /// Up to where `merged` holds what `snapshot` does not repeat, of another log or a branch that was left behind.
    fn inherited_by(&self, merged: &RevokedSet, snapshot: &RevokedSet) -> Option<Sequence> {
        let theirs = snapshot.clone().above(merged.floor());
        if *merged == theirs {
            None
        } else if merged.ends_a_key_beside(&theirs) {
            // No floor ends a key.
            Some(Sequence::new(u64::MAX))
        } else {
            self.inherited.max(Some(self.position.sequence))
        }
    }

    /// With a later confirmation of what is known, if it is one.
    fn confirmed(self, signed: UnixTime, hear: impl Fn(UnixTime) -> Confirmation) -> Self {
        if signed > self.confirmation.signed() { Self { confirmation: hear(signed), ..self } } else { self }
    }

    fn above(self, floor: Sequence) -> Self {
        let set = self.set.above(floor);
        let inherited = self.inherited.filter(|inherited| *inherited > BlockNumber::last_below(set.floor()));
        Self { set, inherited, ..self }
    }

    /// A document tells of less than is known here: it is an old one, or the log went back.
    fn behind(&self, signed: UnixTime, offered: Sequence) -> Outcome {
        if signed > self.confirmation.signed().plus(CLOCKS_DIFFER) {
            Outcome::WentBack { held: self.position.sequence, offered }
        } else {
            Outcome::Older { held: self.position.sequence, offered }
        }
    }
}
