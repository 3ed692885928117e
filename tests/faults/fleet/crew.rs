//! Processes of one kind, and what became of their calls.

use super::worker::{Outcome, Said, Worker};
use crate::support::MovedClock;
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use std::collections::BTreeSet;

/// Some processes that call at the same time.
pub(super) struct Crew {
    name: &'static str,
    workers: Vec<Worker>,
    /// What each of them said last.
    last: Vec<Said>,
    pub(super) tally: Tally,
}

/// What became of calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) served: u64,
    /// There was no token, or it was not taken, or nobody answered; the next call may go well.
    pub(super) failed: u64,
    /// There was no token, and there will be none until somebody logs in.
    pub(super) logged_out: u64,
    /// What the first said that was not served, and when.
    pub(super) first: Option<(UnixTime, Outcome)>,
    /// The sessions that the services saw.
    pub(super) sessions: BTreeSet<String>,
}

impl Crew {
    pub(super) fn of(name: &'static str, workers: impl IntoIterator<Item = Worker>) -> Self {
        Self { name, workers: workers.into_iter().collect(), last: Vec::new(), tally: Tally::default() }
    }

    pub(super) fn join(&mut self, worker: Worker) {
        self.workers.push(worker);
    }

    /// All processes of all `crews` call, at once.
    pub(super) fn call(crews: &mut [&mut Self], clock: &MovedClock) {
        for worker in crews.iter_mut().flat_map(|crew| &mut crew.workers) {
            worker.tell(clock);
        }
        for crew in crews {
            crew.last = crew.workers.iter_mut().map(Worker::hear).collect();
            crew.last.iter().for_each(|said| crew.tally.count(&said.outcome, clock.now()));
        }
    }

    /// What they said last.
    pub(super) fn last(&self) -> impl Iterator<Item = &Outcome> {
        self.last.iter().map(|said| &said.outcome)
    }

    pub(super) fn all_were_served(&self) -> bool {
        self.last().all(|outcome| matches!(outcome, Outcome::Served { .. }))
    }

    /// How often they began anew, all together: each by its own credentials.
    pub(super) fn begun_anew(&self) -> u64 {
        self.last.iter().filter_map(|said| said.renewals).map(|[_, begun_anew]| begun_anew).sum()
    }

    /// That every call of theirs was served, until now.
    #[track_caller]
    pub(super) fn never_failed(&self) {
        let Tally { failed, logged_out, .. } = self.tally;
        assert_eq!((failed, logged_out), (0, 0), "{}: {:?}", self.name, self.tally);
    }

    pub(super) fn tell(&self) {
        let Tally { served, failed, logged_out, sessions, .. } = &self.tally;
        println!(
            "{}: {} processes; {served} calls served, {failed} failed, {logged_out} forced logins; {} sessions",
            self.name,
            self.workers.len(),
            sessions.len(),
        );
    }
}

impl Tally {
    fn count(&mut self, outcome: &Outcome, now: UnixTime) {
        match outcome {
            Outcome::Served { session } => {
                self.served += 1;
                self.sessions.extend(session.clone());
                return;
            }
            Outcome::Refused { .. } | Outcome::Unanswered { .. } | Outcome::Waiting { .. } => {
                self.failed += 1;
            }
            Outcome::LoggedOut { .. } => self.logged_out += 1,
        }
        self.first.get_or_insert_with(|| (now, outcome.clone()));
    }
}
