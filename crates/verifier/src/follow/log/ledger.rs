//! What the task of the log knows, under one lock that is never held while anything waits.

use super::pace;
use super::question::{Brought, Found, HeldKeys, Luggage, Question};
use super::status::{LogStanding, LogStatus, Receipts};
use crate::follow::address::Address;
use crate::follow::fault::{FetchBlame, FetchFault};
use crate::follow::pace as key_pace;
use crate::follow::status::LastFailure;
use chancery_revocation::{BadDocument, Follow, Freshness, Moment, Outcome, Position, RevokedSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct LogLedger {
    /// How long the keys of the log are used without word of the issuer.
    max_stale: Duration,
    found: Option<Found>,
    keys: Option<Arc<HeldKeys>>,
    keys_due: Duration,
    /// Failed questions since the last good one.
    failures: u32,
    /// Answers in a row that only said to take a snapshot.
    detours: u32,
    turn: usize,
    introduction: Introduced,
    snapshot: Snapshot,
    /// From when on a snapshot is asked for though nothing but the disk needs one.
    tidy: Option<Duration>,
    state: State,
    asked: u64,
    hurried: u64,
    outcomes: BTreeMap<&'static str, u64>,
    failed: BTreeMap<&'static str, u64>,
    last_failure: Option<LastFailure>,
    alarms: u64,
    last_alarm: Option<Outcome>,
    told: LogStanding,
}

/// Whether questions say who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Introduced {
    /// Nobody is to know, or a name is told and no more.
    Anonymously,
    Yes,
    /// The credentials were refused, and are shown again at this time.
    Refused {
        until: Duration,
    },
}

/// Whether the next question is for a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Snapshot {
    NotNeeded,
    Needed,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// A question is under way; `hangs` if the issuer was asked to hold it.
    Asking { since: Duration, hangs: bool },
    /// The next one is due at `at`.
    Waiting { at: Duration, why: Why },
}

/// Why the next question waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The last one failed.
    Failed,
    /// Nothing new came, and at once.
    Breath,
}

/// What to do now.
#[derive(Debug)]
pub(super) enum Step {
    /// Ask, and say how it went.
    Ask { question: Question, luggage: Box<Luggage> },
    /// Nothing, for this long or until something happens.
    Rest(Duration),
}

/// Whoever waits for the task to do what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Nobody does.
    None,
    /// Somebody does, and the issuer was not asked since.
    Unanswered,
    /// Somebody does, and the issuer was asked since.
    Answered,
}

/// Whether what is known became too old, or young again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Stale { age: Duration },
    Fresh,
}

/// Credentials that were refused are shown again after this long: whoever mends them need not start the service again
/// if it was the issuer's side that was wrong.
const UNKNOWN_FOR: Duration = Duration::from_mins(10);
/// A snapshot for the disk that was no use is asked for again after this long, and what is new meanwhile. It may have 64 MB
/// and says less than is known here for most of the ten seconds that an issuer keeps one, where much is revoked.
const TIDY_AGAIN: Duration = Duration::from_mins(1);
/// Nothing happens for this long at most.
const LONGEST_REST: Duration = Duration::from_mins(10);

impl LogLedger {
    /// `has_credentials`: whether the issuer is to count this verifier by its name.
    pub(super) fn new(max_stale: Duration, has_credentials: bool, now: Duration) -> Self {
        Self {
            max_stale,
            found: None,
            keys: None,
            keys_due: now,
            failures: 0,
            detours: 0,
            turn: 0,
            introduction: if has_credentials { Introduced::Yes } else { Introduced::Anonymously },
            snapshot: Snapshot::NotNeeded,
            tidy: None,
            state: State::Waiting { at: now, why: Why::Breath },
            asked: 0,
            hurried: 0,
            outcomes: BTreeMap::new(),
            failed: BTreeMap::new(),
            last_failure: None,
            alarms: 0,
            last_alarm: None,
            told: LogStanding::Unheard,
        }
    }

    /// Keys that were kept on disk. Fetching them stays due.
    pub(super) fn restored_keys(&mut self, keys: HeldKeys) {
        self.keys = Some(Arc::new(keys));
    }

    /// What to do now, when the log is known up to `position` and heartbeats are to come every `hold`.
    pub(super) fn step(
        &mut self,
        now: Moment,
        position: Option<&Position>,
        hold: Duration,
        looks: Looks,
    ) -> Step {
        match self.state {
            State::Asking { hangs: true, .. } if looks == Looks::Unanswered => {}
            State::Asking { .. } => return Step::Rest(LONGEST_REST),
            State::Waiting { at, why: Why::Failed } if now.monotonic < at => {
                return Step::Rest(at.saturating_sub(now.monotonic));
            }
            State::Waiting { at, why: Why::Breath } if now.monotonic < at && looks != Looks::Unanswered => {
                return Step::Rest(at.saturating_sub(now.monotonic));
            }
            State::Waiting { .. } => {}
        }
        let tidies = self.tidy.is_some_and(|from| from <= now.monotonic);
        let question = match position {
            Some(position) if self.snapshot == Snapshot::NotNeeded && !tidies => {
                if looks == Looks::Answered {
                    return Step::Rest(Duration::ZERO);
                }
                let hold = if looks == Looks::None { hold } else { Duration::ZERO };
                Question::Delta { log: position.log, after: position.sequence, hold }
            }
            _ => Question::Snapshot,
        };
        let hangs = matches!(question, Question::Delta { hold, .. } if !hold.is_zero());
        self.state = State::Asking { since: now.monotonic, hangs };
        self.asked += 1;
        let too_old = |keys: &HeldKeys| now.wall.since(keys.confirmed_at) >= self.max_stale;
        let luggage = Luggage {
            found: self.found.clone(),
            keys: self.keys.clone().filter(|keys| keys.text.is_none() || !too_old(keys)),
            keys_due: now.monotonic >= self.keys_due,
            doubtful: self.failures > 0,
            turn: self.turn,
            introduced: match self.introduction {
                Introduced::Anonymously | Introduced::Yes => true,
                Introduced::Refused { until } => now.monotonic >= until,
            },
        };
        Step::Ask { question, luggage: Box::new(luggage) }
    }

    /// A token is ahead of what is known. Says whether to stop what is under way and ask anew.
    pub(super) fn hurry(&mut self, now: Duration) -> bool {
        self.hurried += 1;
        match self.state {
            State::Asking { since, hangs } => {
                let sleeps = hangs && now.saturating_sub(since) >= pace::BREATH;
                if sleeps {
                    // Whoever holds the question may not know either.
                    self.turn = self.turn.wrapping_add(1);
                    self.state = State::Waiting { at: now, why: Why::Breath };
                }
                sleeps
            }
            State::Waiting { .. } => {
                self.state = State::Waiting { at: now, why: Why::Breath };
                false
            }
        }
    }

    /// What came along with the answer, or with its failure. Says whether a key is gone that was held: what is on disk may
    /// be signed by it, and a start could not open that.
    pub(super) fn brought(&mut self, now: Moment, brought: &Brought, draw: u64) -> bool {
        if let Some(found) = &brought.found {
            self.found = Some(found.clone());
        }
        if let Some(fault) = &brought.stranger {
            *self.failed.entry(fault.reason()).or_default() += 1;
            self.introduction = Introduced::Refused { until: now.monotonic + UNKNOWN_FOR };
        } else if let Introduced::Refused { until } = self.introduction
            && now.monotonic >= until
        {
            self.introduction = Introduced::Yes;
        }
        let Some(keys) = &brought.keys else {
            if brought.keys_fault.is_some() {
                self.keys_due = now.monotonic + key_pace::retry_after(4, draw);
            }
            return false;
        };
        let stays = |kid: &Arc<str>| keys.keys.kids().any(|kept| kept == kid);
        let is_gone = self.keys.as_ref().is_some_and(|before| !before.keys.kids().all(stays));
        let lifetime = key_pace::lifetime(keys.lifetime, self.max_stale);
        self.keys_due = now.monotonic + key_pace::refresh_after(lifetime, draw);
        self.keys = Some(Arc::clone(keys));
        is_gone
    }

    pub(super) fn keys(&self) -> Option<Arc<HeldKeys>> {
        self.keys.clone()
    }

    /// A document was taken in, or was no use.
    pub(super) fn heard(
        &mut self,
        now: Moment,
        at: &Address,
        outcome: Outcome,
        draw: u64,
    ) -> Option<FetchFault> {
        *self.outcomes.entry(outcome.reason()).or_default() += 1;
        if outcome.is_alarming() {
            self.alarms += 1;
            self.last_alarm = Some(outcome);
        }
        match (self.tidied(), outcome) {
            (true, Outcome::Older { .. }) => {
                // It lies ready for as long as that, and says less than is known here.
                self.tidy = Some(now.monotonic + TIDY_AGAIN);
                self.state = State::Waiting { at: now.monotonic, why: Why::Breath };
                return None;
            }
            (true, Outcome::NeedSnapshot(_) | Outcome::WentBack { .. }) | (false, _) => {}
            (true, _) => self.tidy = None,
        }
        match outcome {
            Outcome::NeedSnapshot(_) if self.detours == 0 => {
                self.detour(now.monotonic);
                None
            }
            Outcome::NeedSnapshot(_) | Outcome::Older { .. } | Outcome::WentBack { .. } => {
                // Where this came from, a snapshot may be as old. Another place is asked, and a snapshot if need be.
                if matches!(outcome, Outcome::NeedSnapshot(_)) {
                    self.snapshot = Snapshot::Needed;
                }
                let fault = FetchFault::NotOurPlace { at: at.clone(), outcome };
                self.failed(now, &fault, draw);
                Some(fault)
            }
            Outcome::Installed { .. }
            | Outcome::CaughtUp { .. }
            | Outcome::MergedAnotherLog { .. }
            | Outcome::MergedFork { .. } => {
                // Detours go on counting until a delta fits.
                self.succeeded(now.monotonic);
                None
            }
            Outcome::Advanced { .. } => {
                self.detours = 0;
                self.succeeded(now.monotonic);
                None
            }
            Outcome::Heartbeat | Outcome::AlreadyHeld => {
                let since = match self.state {
                    State::Asking { since, .. } => since,
                    State::Waiting { at, .. } => at,
                };
                self.detours = 0;
                self.succeeded(now.monotonic);
                self.state = State::Waiting { at: since + pace::BREATH, why: Why::Breath };
                None
            }
        }
    }

    /// The issuer does not remember the place in the log: a snapshot is needed.
    pub(super) fn forgotten(&mut self, now: Moment, draw: u64) {
        if self.detours == 0 {
            return self.detour(now.monotonic);
        }
        self.detours = self.detours.saturating_add(1);
        self.snapshot = Snapshot::Needed;
        let wait = pace::retry_after(self.detours, None, draw);
        self.state = State::Waiting { at: now.monotonic + wait, why: Why::Failed };
    }

    fn detour(&mut self, now: Duration) {
        self.detours = self.detours.saturating_add(1);
        self.snapshot = Snapshot::Needed;
        self.state = State::Waiting { at: now, why: Why::Breath };
    }

    fn succeeded(&mut self, now: Duration) {
        self.failures = 0;
        self.last_failure = None;
        self.snapshot = Snapshot::NotNeeded;
        self.state = State::Waiting { at: now, why: Why::Breath };
    }

    /// The question brought nothing. Says whether it failed for another reason than the one before.
    pub(super) fn failed(&mut self, now: Moment, fault: &FetchFault, draw: u64) -> bool {
        if self.tidied() {
            self.tidy = Some(now.monotonic + TIDY_AGAIN);
        }
        self.failures = self.failures.saturating_add(1);
        *self.failed.entry(fault.reason()).or_default() += 1;
        self.turn = self.turn.wrapping_add(1);
        if let FetchFault::BadLogDocument { why: BadDocument::UnknownKey { .. }, .. } = fault {
            // A new key of the log: the next question fetches the keys first.
            self.keys_due = now.monotonic;
        }
        let wait = match (fault, fault.blame()) {
            (FetchFault::Busy { retry_after, .. }, _) => pace::retry_after(self.failures, *retry_after, draw),
            (_, FetchBlame::Setup) => key_pace::setup_retry_after(draw),
            (_, FetchBlame::Issuer | FetchBlame::Network) => pace::retry_after(self.failures, None, draw),
        };
        self.state = State::Waiting { at: now.monotonic + wait, why: Why::Failed };
        let is_new = self.last_failure.as_ref().is_none_or(|last| last.fault.reason() != fault.reason());
        self.last_failure = Some(LastFailure { at: now.wall, fault: fault.clone(), in_a_row: self.failures });
        is_new
    }

    /// What is on disk is to begin anew: so much is kept behind the last snapshot, or a key is gone.
    pub(super) fn take_snapshot(&mut self, now: Duration) {
        self.tidy = Some(now);
    }

    /// Whether what is under way is a snapshot for the disk.
    fn tidied(&self) -> bool {
        matches!(self.state, State::Asking { since, .. } if self.tidy.is_some_and(|from| from <= since))
    }

    /// Whether what is known became too old since the last call, or young again; and when to look next.
    pub(super) fn aged(&mut self, log: &Follow, policy: Freshness, now: Moment) -> (Option<Turn>, Duration) {
        let standing = standing(log, policy, now);
        let age = log.age(now).unwrap_or_default();
        let turn = match (self.told, standing) {
            (LogStanding::Fresh | LogStanding::Unheard, LogStanding::Stale) => Some(Turn::Stale { age }),
            (LogStanding::Stale, LogStanding::Fresh) => Some(Turn::Fresh),
            _ => None,
        };
        self.told = standing;
        let next = match standing {
            // A second later, for ages are compared to the second.
            LogStanding::Fresh => policy.max_staleness().saturating_sub(age) + Duration::from_secs(1),
            LogStanding::Stale | LogStanding::Unheard => LONGEST_REST,
        };
        (turn, next)
    }

    /// A picture of this instant.
    pub(super) fn status(&self, log: &Follow, policy: Freshness, now: Moment) -> LogStatus {
        let set = log.set();
        let keys = self.keys.as_ref();
        LogStatus {
            standing: standing(log, policy, now),
            age: log.age(now),
            confirmed_at: log.confirmed_at(),
            position: log.position().copied(),
            ids: set.map_or(0, RevokedSet::ids),
            names: set.map_or(0, RevokedSet::names),
            bytes: set.map_or(0, RevokedSet::bytes),
            keys: keys.map_or_else(Vec::new, |held| held.keys.kids().cloned().collect()),
            asked: self.asked,
            outcomes: self.outcomes.clone(),
            failures: self.failed.clone(),
            last_failure: self.last_failure.clone(),
            alarms: self.alarms,
            last_alarm: self.last_alarm,
            hurried: self.hurried,
            receipts: match self.introduction {
                Introduced::Anonymously => Receipts::Anonymous,
                Introduced::Yes => Receipts::Named,
                Introduced::Refused { .. } => Receipts::Refused,
            },
        }
    }
}

pub(super) fn standing(log: &Follow, policy: Freshness, now: Moment) -> LogStanding {
    match log.age(now) {
        None => LogStanding::Unheard,
        Some(age) if age > policy.max_staleness() => LogStanding::Stale,
        Some(_) => LogStanding::Fresh,
    }
}
