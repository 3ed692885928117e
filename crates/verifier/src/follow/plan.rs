//! What the follower does next. Pure: it is told what happened and when, by a clock that never goes back, and
//! says what to do. It fetches nothing and knows no key.

use super::pace;
use std::time::Duration;

/// Where the follower stands.
#[derive(Debug)]
pub(super) struct Plan {
    max_stale: Duration,
    cooldown: Duration,
    keys: Keys,
    fetch: Fetch,
    /// Failed fetches since the last good one.
    failures: u32,
    /// When a fetch was last made because of an unknown key. Rule: never, at the start.
    asked_at: Option<Duration>,
    /// How many fetches were begun; the number of the one under way, if one is.
    flights: u64,
}

#[derive(Clone, Copy, Debug)]
enum Keys {
    Absent,
    /// They were `age` old at the instant `at`.
    Held {
        age: Duration,
        at: Duration,
        lifetime: Duration,
        told_stale: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Fetch {
    Due { at: Duration },
    Flying,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The keys have reached their last age: throw them away.
    Expire,
    /// Fetch, and say how it went with [`Plan::confirmed`] or [`Plan::failed`].
    Fetch,
    /// The keys are used past their lifetime because fetches fail: say so, once.
    TellStale { age: Duration },
    /// Nothing, for this long or until something happens.
    Wait(Duration),
}

/// The answer to whoever met an unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// A fetch for an unknown key was made a moment ago, and was answered.
    CoolingDown,
    /// A fetch for an unknown key was made a moment ago, and fetches fail.
    Failing,
    /// Wait until this flight has landed.
    Join { flight: u64 },
}

/// What sort of failure a fetch met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// One that may pass.
    Passing,
    /// One that lasts until somebody changes the setup.
    Setup,
}

/// Nothing happens for this long at most, whatever the plan says.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

impl Plan {
    /// Without keys, and with a fetch due at once.
    pub(super) fn new(max_stale: Duration, cooldown: Duration, now: Duration) -> Self {
        let fetch = Fetch::Due { at: now };
        Self { max_stale, cooldown, keys: Keys::Absent, fetch, failures: 0, asked_at: None, flights: 0 }
    }

    /// Keys of this age were found on disk. The fetch stays due.
    pub(super) fn restored(&mut self, now: Duration, age: Duration) {
        let lifetime = pace::lifetime(None, self.max_stale);
        self.keys = Keys::Held { age, at: now, lifetime, told_stale: false };
    }

    /// What to do now. Each step is given out once.
    pub(super) fn step(&mut self, now: Duration) -> Step {
        let age = self.age(now);
        if age.is_some_and(|age| age >= self.max_stale) {
            self.keys = Keys::Absent;
            return Step::Expire;
        }
        if self.is_stale(now)
            && let Keys::Held { told_stale: told_stale @ false, .. } = &mut self.keys
        {
            *told_stale = true;
            return Step::TellStale { age: age.unwrap_or_default() };
        }
        if let Fetch::Due { at } = self.fetch
            && at <= now
        {
            self.fetch = Fetch::Flying;
            self.flights += 1;
            return Step::Fetch;
        }
        Step::Wait(self.idle(now))
    }

    fn idle(&self, now: Duration) -> Duration {
        let mut idle = LONGEST_WAIT;
        if let Fetch::Due { at } = self.fetch {
            idle = idle.min(at.saturating_sub(now));
        }
        if let (Keys::Held { lifetime, told_stale, .. }, Some(age)) = (self.keys, self.age(now)) {
            idle = idle.min(self.max_stale.saturating_sub(age));
            if self.failures > 0 && !told_stale {
                idle = idle.min(lifetime.saturating_sub(age));
            }
        }
        idle
    }

    /// The flight brought keys, or word that they have not changed; `answered` is the lifetime that came along.
    pub(super) fn confirmed(&mut self, now: Duration, answered: Option<Duration>, draw: u64) {
        let lifetime = pace::lifetime(answered, self.max_stale);
        self.keys = Keys::Held { age: Duration::ZERO, at: now, lifetime, told_stale: false };
        self.failures = 0;
        self.fetch = Fetch::Due { at: now + pace::refresh_after(lifetime, draw) };
    }

    /// The flight brought nothing. Keys that are held stay.
    pub(super) fn failed(&mut self, now: Duration, failure: Failure, draw: u64) {
        self.failures = self.failures.saturating_add(1);
        let wait = match failure {
            Failure::Passing => pace::retry_after(self.failures, draw),
            Failure::Setup => pace::setup_retry_after(draw),
        };
        self.fetch = Fetch::Due { at: now + wait };
    }

    /// The flight confirmed a document that is no longer held: another one goes at once.
    pub(super) fn in_vain(&mut self, now: Duration) {
        self.fetch = Fetch::Due { at: now };
    }

    /// Somebody met a key that is not held.
    pub(super) fn unknown_key(&mut self, now: Duration) -> Lookup {
        let due = match self.fetch {
            Fetch::Flying => return Lookup::Join { flight: self.flights },
            Fetch::Due { at } => at <= now,
        };
        if !due {
            let cooling = self.asked_at.is_some_and(|at| now.saturating_sub(at) < self.cooldown);
            match (cooling, self.failures) {
                (true, 0) => return Lookup::CoolingDown,
                (true, _) => return Lookup::Failing,
                (false, _) => {}
            }
            self.asked_at = Some(now);
            self.fetch = Fetch::Due { at: now };
        }
        Lookup::Join { flight: self.flights + 1 }
    }

    /// How long ago the issuer confirmed the keys that are held.
    pub(super) fn age(&self, now: Duration) -> Option<Duration> {
        match self.keys {
            Keys::Absent => None,
            Keys::Held { age, at, .. } => Some(age + now.saturating_sub(at)),
        }
    }

    /// Whether the keys are used past their lifetime because fetches fail.
    pub(super) fn is_stale(&self, now: Duration) -> bool {
        match (self.keys, self.age(now)) {
            (Keys::Held { lifetime, .. }, Some(age)) => self.failures > 0 && age >= lifetime,
            _ => false,
        }
    }

    /// Failed fetches since the last good one.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The number of the flight that was begun last.
    pub(super) fn flight(&self) -> u64 {
        self.flights
    }
}

#[cfg(test)]
mod tests;
