//! What a follower knows, under one lock that is never held while anything waits.

use super::fault::{FetchBlame, FetchFault};
use super::fetch::{Cargo, Load, Luggage, Place};
use super::plan::{Failure, Lookup, Plan, Step};
use super::state_file::State;
use super::status::{FetchCounts, HeldKey, LastFailure, Standing, Status, UnknownKeyCounts};
use chancery_token::jwk::SkippedKey;
use chancery_token::{KeySet, UnixTime};
use reqwest::header::HeaderValue;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// An instant on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) wall: UnixTime,
    pub(super) monotonic: Duration,
}

#[derive(Debug)]
pub(super) struct Ledger {
    plan: Plan,
    max_stale: Duration,
    held: Option<Held>,
    place: Option<Place>,
    last_failure: Option<LastFailure>,
    fetches: FetchCounts,
    unknown_keys: UnknownKeyCounts,
    /// Whether somebody was told of stale or ended keys, and waits for better news.
    troubled: bool,
}

/// The document that is trusted.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) keys: KeySet,
    since: HashMap<Arc<str>, UnixTime>,
    pub(super) skipped: Vec<(usize, SkippedKey)>,
    pub(super) text: String,
    pub(super) url: String,
    validator: Option<HeaderValue>,
    /// What came with the document; a 304 need not repeat it (RFC 9111 section 4.3.4).
    lifetime: Option<Duration>,
    pub(super) confirmed_at: UnixTime,
}

/// How a flight ended.
#[derive(Debug)]
pub(super) enum Landing {
    Confirmed(Box<Confirmed>),
    Failed(LastFailure),
    /// It confirmed a document that was thrown away while it was under way.
    InVain,
}

/// What changed for whoever verifies.
#[derive(Debug)]
pub(super) struct Confirmed {
    pub(super) held: Held,
    pub(super) added: Vec<Arc<str>>,
    pub(super) removed: Vec<Arc<str>>,
    pub(super) newly_skipped: Vec<(usize, SkippedKey)>,
    pub(super) recovered: bool,
}

impl Ledger {
    pub(super) fn new(max_stale: Duration, cooldown: Duration, now: Now) -> Self {
        Self {
            plan: Plan::new(max_stale, cooldown, now.monotonic),
            max_stale,
            held: None,
            place: None,
            last_failure: None,
            fetches: FetchCounts::default(),
            unknown_keys: UnknownKeyCounts::default(),
            troubled: false,
        }
    }

    /// Takes over what an earlier process kept. Its age was judged by the wall clock.
    pub(super) fn restore(
        &mut self,
        now: Now,
        state: State,
        keys: KeySet,
        skipped: Vec<(usize, SkippedKey)>,
    ) {
        let confirmed_at = state.confirmed_at;
        self.plan.restored(now.monotonic, now.wall.since(confirmed_at));
        self.held = Some(Held {
            since: keys.kids().map(|kid| (Arc::clone(kid), confirmed_at)).collect(),
            keys,
            skipped,
            text: state.document,
            url: state.url,
            validator: state.etag.and_then(|tag| HeaderValue::try_from(tag).ok()),
            lifetime: None,
            confirmed_at,
        });
    }

    pub(super) fn step(&mut self, now: Now) -> Step {
        let step = self.plan.step(now.monotonic);
        match step {
            Step::Fetch => self.fetches.begun += 1,
            Step::Expire => {
                self.held = None;
                self.troubled = true;
            }
            Step::TellStale { .. } => self.troubled = true,
            Step::Wait(_) => {}
        }
        step
    }

    pub(super) fn luggage(&self) -> Luggage {
        let validator = self.held.as_ref().and_then(|held| Some((held.url.clone(), held.validator.clone()?)));
        Luggage { place: self.place.clone(), validator, doubtful: self.plan.failures() > 0 }
    }

    pub(super) fn unknown_key(&mut self, now: Now) -> Lookup {
        let lookup = self.plan.unknown_key(now.monotonic);
        match lookup {
            Lookup::Join { .. } => self.unknown_keys.waited += 1,
            Lookup::CoolingDown | Lookup::Failing => self.unknown_keys.refused += 1,
        }
        lookup
    }

    /// The flight brought something good.
    pub(super) fn confirmed(&mut self, now: Now, cargo: Cargo, draw: u64) -> Landing {
        let before = self.held.take();
        let known = before.as_ref().map(|held| held.since.clone()).unwrap_or_default();
        let known_skips = before.as_ref().map(|held| held.skipped.clone()).unwrap_or_default();
        let held = match (cargo.load, before) {
            (Load::Document { text, read, validator }, _) => {
                self.fetches.installed += 1;
                Held {
                    since: read.keys.kids().map(|kid| first_seen(&known, kid, now.wall)).collect(),
                    keys: read.keys,
                    skipped: read.skipped,
                    // JSON is UTF-8, and this was read as JSON.
                    text: String::from_utf8_lossy(&text).into_owned(),
                    url: cargo.place.keys.url().into(),
                    validator,
                    lifetime: cargo.lifetime,
                    confirmed_at: now.wall,
                }
            }
            (Load::Unchanged, Some(before)) => {
                self.fetches.unchanged += 1;
                Held { lifetime: cargo.lifetime.or(before.lifetime), confirmed_at: now.wall, ..before }
            }
            (Load::Unchanged, None) => {
                self.plan.in_vain(now.monotonic);
                return Landing::InVain;
            }
        };
        self.place = Some(cargo.place);
        self.last_failure = None;
        self.plan.confirmed(now.monotonic, held.lifetime, draw);
        self.held = Some(held.clone());
        Landing::Confirmed(Box::new(Confirmed {
            added: held.keys.kids().filter(|kid| !known.contains_key(*kid)).cloned().collect(),
            removed: known.into_keys().filter(|kid| !held.keys.contains(kid)).collect(),
            newly_skipped: if held.skipped == known_skips { Vec::new() } else { held.skipped.clone() },
            recovered: std::mem::take(&mut self.troubled),
            held,
        }))
    }

    pub(super) fn failed(&mut self, now: Now, fault: FetchFault, draw: u64) -> LastFailure {
        let failure = match fault.blame() {
            FetchBlame::Setup => Failure::Setup,
            FetchBlame::Issuer | FetchBlame::Network => Failure::Passing,
        };
        self.fetches.failed += 1;
        self.plan.failed(now.monotonic, failure, draw);
        let last = LastFailure { at: now.wall, fault, in_a_row: self.plan.failures() };
        self.last_failure = Some(last.clone());
        last
    }

    /// The number of the flight that was begun last.
    pub(super) fn flight(&self) -> u64 {
        self.plan.flight()
    }

    /// When the use of the keys ends by the wall clock.
    pub(super) fn good_until(&self) -> Option<UnixTime> {
        self.held.as_ref().map(|held| held.confirmed_at.plus(self.max_stale))
    }

    /// A picture of this instant.
    pub(super) fn status(&self, now: Now) -> Status {
        let held = self.held.as_ref();
        let age = self.plan.age(now.monotonic).filter(|_| held.is_some());
        // The verifier goes by the wall clock, the plan by the monotonic one. Whichever ends first ends.
        let ended = age.is_none_or(|age| age >= self.max_stale)
            || self.good_until().is_none_or(|end| now.wall >= end);
        let standing = match (ended, self.plan.is_stale(now.monotonic)) {
            (true, _) => Standing::Absent,
            (false, true) => Standing::Stale,
            (false, false) => Standing::Fresh,
        };
        let held_key = |kid: &Arc<str>| HeldKey {
            kid: Arc::clone(kid),
            since: held.and_then(|held| held.since.get(kid).copied()).unwrap_or(now.wall),
        };
        Status {
            standing,
            age,
            confirmed_at: held.map(|held| held.confirmed_at),
            good_until: self.good_until(),
            keys: held.iter().flat_map(|held| held.keys.kids()).map(held_key).collect(),
            skipped: held.map_or(0, |held| held.skipped.len()),
            last_failure: self.last_failure.clone(),
            fetches: self.fetches,
            unknown_keys: self.unknown_keys,
            log: None,
        }
    }
}

impl Held {
    pub(super) fn etag(&self) -> Option<String> {
        self.validator.as_ref().and_then(|tag| tag.to_str().ok()).map(str::to_owned)
    }
}

fn first_seen(known: &HashMap<Arc<str>, UnixTime>, kid: &Arc<str>, now: UnixTime) -> (Arc<str>, UnixTime) {
    (Arc::clone(kid), known.get(kid).copied().unwrap_or(now))
}
