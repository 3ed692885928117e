//! The tokens of one process: which is used again, and when another is asked for.

use crate::access_token::AccessToken;
use crate::due::{renewed_after, wished_pause};
use crate::error::RequestError;
use crate::flight::{Flight, Pilot};
use crate::request::TokenRequest;
use chancery_token::UnixTime;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most kinds of tokens that are kept. A program asks for a handful; one that asks for more does not want a cache.
const MAX_SLOTS: usize = 1024;
/// After a refresh failed, the next one waits this long, while the old token lives.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);

/// What a request ended with.
pub(crate) type Outcome = Result<AccessToken, RequestError>;

/// Slots by request.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    slots: Mutex<HashMap<TokenRequest, Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    held: Option<Held>,
    flight: Option<Flight<Outcome>>,
    pause: Option<Pause>,
}

/// The issuer is left alone.
#[derive(Debug)]
struct Pause {
    /// By the monotonic clock.
    until: Duration,
    /// What it said.
    error: RequestError,
    /// Whether it asked for that.
    is_wished: bool,
}

#[derive(Clone, Debug)]
struct Held {
    token: AccessToken,
    /// Its end by the monotonic clock, which nobody sets back.
    ends: Duration,
}

impl Held {
    /// What is left of it, by whichever clock it is less.
    fn left(&self, now: UnixTime, monotonic: Duration) -> Duration {
        self.token.ttl(now).min(self.ends.saturating_sub(monotonic))
    }

    /// Whether it is time for the next one. By a clock that went back, nobody knows.
    fn is_due(&self, now: UnixTime, monotonic: Duration) -> bool {
        let life = self.token.life();
        now < self.token.obtained_at()
            || life.saturating_sub(self.left(now, monotonic)) >= renewed_after(life)
    }
}

/// What a caller has to do.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Take this token.
    Take(AccessToken),
    /// Take this token, and make the request that replaces it.
    TakeAndRefresh(AccessToken, Pilot<Outcome>),
    /// Wait for a request that another caller makes.
    Wait(Flight<Outcome>),
    /// Make the request, and wait for it.
    Ask(Pilot<Outcome>, Flight<Outcome>),
    /// Nobody is asked now, and nothing is there that lives.
    Refuse(RequestError),
}

impl Cache {
    /// Decides, without waiting for anything.
    pub(crate) fn plan(
        &self,
        request: &TokenRequest,
        now: UnixTime,
        monotonic: Duration,
        min_ttl: Duration,
    ) -> Plan {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_SLOTS && !slots.contains_key(request) {
            slots.retain(|_, slot| {
                slot.flight.is_some() || slot.held.as_ref().is_some_and(|h| h.token.expires_at() > now)
            });
            if slots.len() >= MAX_SLOTS {
                slots.clear();
            }
        }
        let slot = slots.entry(request.clone()).or_default();
        let usable = slot.held.as_ref().filter(|held| held.left(now, monotonic) > min_ttl);
        let pause = slot.pause.as_ref().filter(|pause| monotonic < pause.until);
        let lives = slot.held.as_ref().filter(|held| !held.left(now, monotonic).is_zero());
        match (usable, &slot.flight) {
            (Some(held), _) if !held.is_due(now, monotonic) => Plan::Take(held.token.clone()),
            (Some(held), Some(_)) => Plan::Take(held.token.clone()),
            (Some(held), None) if pause.is_some() => Plan::Take(held.token.clone()),
            (Some(held), None) => {
                let token = held.token.clone();
                let (pilot, flight) = Flight::begin();
                slot.flight = Some(flight);
                Plan::TakeAndRefresh(token, pilot)
            }
            (None, Some(flight)) => Plan::Wait(flight.clone()),
            (None, None) => match (pause, lives) {
                (Some(_), Some(held)) => Plan::Take(held.token.clone()),
                (Some(pause), None) if pause.is_wished => Plan::Refuse(pause.told(monotonic)),
                _ => {
                    let (pilot, flight) = Flight::begin();
                    slot.flight = Some(flight.clone());
                    Plan::Ask(pilot, flight)
                }
            },
        }
    }

    /// The token that still lives, for a caller that waited in vain for another.
    pub(crate) fn in_need(
        &self,
        request: &TokenRequest,
        now: UnixTime,
        monotonic: Duration,
    ) -> Option<AccessToken> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let held = slots.get(request)?.held.as_ref()?;
        (!held.left(now, monotonic).is_zero()).then(|| held.token.clone())
    }

    /// Keeps what a request ended with, and tells whoever waits.
    pub(crate) fn land(
        &self,
        request: &TokenRequest,
        now: UnixTime,
        monotonic: Duration,
        pilot: Pilot<Outcome>,
        outcome: Outcome,
    ) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(request.clone()).or_default();
        slot.flight = None;
        match &outcome {
            Ok(token) => {
                let ends = monotonic.saturating_add(token.ttl(now));
                slot.held = Some(Held { token: token.clone(), ends });
                slot.pause = None;
            }
            Err(error) => {
                let left =
                    slot.held.as_ref().map(|held| held.left(now, monotonic)).filter(|left| !left.is_zero());
                slot.pause = Some(Pause::after(error, left, monotonic));
            }
        }
        drop(slots);
        pilot.land(outcome);
    }

    /// Takes note that a request ended without an outcome.
    pub(crate) fn give_up(&self, request: &TokenRequest) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(request)
            && slot.flight.as_ref().is_some_and(Flight::is_abandoned)
        {
            slot.flight = None;
        }
    }

    /// Forgets a token that a resource server refused, if it is the one that is held.
    pub(crate) fn forget(&self, request: &TokenRequest, refused: &AccessToken) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(request)
            && slot.held.as_ref().is_some_and(|held| held.token.expose() == refused.expose())
        {
            slot.held = None;
        }
    }
}

impl Pause {
    fn after(error: &RequestError, left: Option<Duration>, monotonic: Duration) -> Self {
        let (pause, is_wished) = match error {
            RequestError::Unavailable { status, retry_after: Some(wish) } => {
                (wished_pause(*status, *wish, left, Duration::ZERO), true)
            }
            _ => (REFRESH_PAUSE, false),
        };
        Self { until: monotonic.saturating_add(pause), error: error.clone(), is_wished }
    }

    /// The error, with what is left of the wish.
    fn told(&self, monotonic: Duration) -> RequestError {
        self.error.clone().waiting(self.until.saturating_sub(monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::Binding;
    use zeroize::Zeroizing;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
    const MIN_TTL: Duration = Duration::from_secs(30);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ask(cache: &Cache, after: u64) -> Plan {
        cache.plan(&TokenRequest::new(), NOW.plus(secs(after)), secs(after), MIN_TTL)
    }

    fn land(cache: &Cache, after: u64, pilot: Pilot<Outcome>, outcome: Outcome) {
        cache.land(&TokenRequest::new(), NOW.plus(secs(after)), secs(after), pilot, outcome);
    }

    fn holding() -> Cache {
        let cache = Cache::default();
        let Plan::Ask(pilot, _) = ask(&cache, 0) else { panic!("an empty cache asks") };
        let token = AccessToken::received(
            Zeroizing::new("t".to_owned()),
            (NOW, NOW.plus(secs(900))),
            None,
            Binding::Bearer,
        );
        land(&cache, 0, pilot, Ok(token));
        cache
    }

    #[test]
    fn a_refresh_that_failed_waits_as_long_as_the_issuer_asked() {
        for (wish, pause) in [(Some(secs(60)), 60), (None, 5)] {
            let cache = holding();
            let Plan::TakeAndRefresh(_, pilot) = ask(&cache, 500) else { panic!("half of its life is over") };
            assert!(matches!(ask(&cache, 500), Plan::Take(_)), "one refresh at a time");
            land(&cache, 500, pilot, Err(RequestError::Unavailable { status: 503, retry_after: wish }));
            assert!(matches!(ask(&cache, 499 + pause), Plan::Take(_)));
            assert!(matches!(ask(&cache, 500 + pause), Plan::TakeAndRefresh(..)));
        }
    }

    #[test]
    fn a_token_of_fifteen_minutes_is_renewed_with_eleven_left() {
        let cache = holding();
        assert!(matches!(ask(&cache, 239), Plan::Take(_)));
        assert!(matches!(ask(&cache, 240), Plan::TakeAndRefresh(..)));
    }

    #[test]
    fn a_clock_that_jumps_back_renews_a_token_and_makes_it_live_no_longer() {
        let at = |monotonic| {
            let cache = holding();
            cache.plan(&TokenRequest::new(), NOW.minus(secs(7200)), secs(monotonic), MIN_TTL)
        };
        assert!(matches!((at(10), at(869)), (Plan::TakeAndRefresh(..), Plan::TakeAndRefresh(..))));
        assert!(matches!(at(870), Plan::Ask(..)), "the other clock knows better");
    }

    #[test]
    fn min_ttl_ends_the_use_of_a_token_to_the_second() {
        let cache = holding();
        assert!(matches!(ask(&cache, 869), Plan::TakeAndRefresh(..)));
        assert!(matches!(ask(&cache, 870), Plan::Wait(_)), "the refresh is under way");
    }

    #[test]
    fn the_number_of_slots_is_bounded() {
        let cache = Cache::default();
        for number in 0..3 * MAX_SLOTS {
            let request = TokenRequest::new().resource(format!("https://api.example/{number}"));
            cache.plan(&request, NOW, Duration::ZERO, MIN_TTL);
        }
        assert!(cache.slots.lock().unwrap().len() <= MAX_SLOTS);
    }
}
