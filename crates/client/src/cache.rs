//! The tokens of one process: which is used again, and when another is asked for.

use crate::access_token::AccessToken;
use crate::flight::{Flight, Outcome, Pilot};
use crate::request::TokenRequest;
use chancery_token::UnixTime;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most kinds of tokens that are kept. A program asks for a handful; one that asks for more does not want a cache.
const MAX_SLOTS: usize = 1024;
/// After a refresh in the background failed, the next one waits this long: the old token is still good.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);

/// Slots by request.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    slots: Mutex<HashMap<TokenRequest, Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    held: Option<Held>,
    flight: Option<Flight>,
    /// By the monotonic clock.
    no_refresh_before: Duration,
}

#[derive(Clone, Debug)]
struct Held {
    token: AccessToken,
    half_life: UnixTime,
}

/// What a caller has to do.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Take this token.
    Take(AccessToken),
    /// Take this token, and make the request that replaces it.
    TakeAndRefresh(AccessToken, Pilot),
    /// Wait for a request that another caller makes.
    Wait(Flight),
    /// Make the request, and wait for it.
    Ask(Pilot, Flight),
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
        let usable = slot.held.as_ref().filter(|held| held.token.ttl(now) > min_ttl);
        match (usable, &slot.flight) {
            (Some(held), _) if now < held.half_life => Plan::Take(held.token.clone()),
            (Some(held), Some(_)) => Plan::Take(held.token.clone()),
            (Some(held), None) if monotonic < slot.no_refresh_before => Plan::Take(held.token.clone()),
            (Some(held), None) => {
                let token = held.token.clone();
                let (pilot, flight) = Flight::begin();
                slot.flight = Some(flight);
                Plan::TakeAndRefresh(token, pilot)
            }
            (None, Some(flight)) => Plan::Wait(flight.clone()),
            (None, None) => {
                let (pilot, flight) = Flight::begin();
                slot.flight = Some(flight.clone());
                Plan::Ask(pilot, flight)
            }
        }
    }

    /// Keeps what a request ended with, and tells whoever waits.
    pub(crate) fn land(
        &self,
        request: &TokenRequest,
        asked_at: UnixTime,
        monotonic: Duration,
        pilot: Pilot,
        outcome: Outcome,
    ) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(request.clone()).or_default();
        slot.flight = None;
        match &outcome {
            Ok(token) => {
                let half_life = asked_at.plus(token.ttl(asked_at) / 2);
                slot.held = Some(Held { token: token.clone(), half_life });
            }
            Err(error) => slot.no_refresh_before = monotonic + error.retry_after().unwrap_or(REFRESH_PAUSE),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RequestError;
    use zeroize::Zeroizing;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
    const MIN_TTL: Duration = Duration::from_secs(30);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ask(cache: &Cache, after: u64) -> Plan {
        cache.plan(&TokenRequest::new(), NOW.plus(secs(after)), secs(after), MIN_TTL)
    }

    fn land(cache: &Cache, after: u64, pilot: Pilot, outcome: Outcome) {
        cache.land(&TokenRequest::new(), NOW.plus(secs(after)), secs(after), pilot, outcome);
    }

    fn holding() -> Cache {
        let cache = Cache::default();
        let Plan::Ask(pilot, _) = ask(&cache, 0) else { panic!("an empty cache asks") };
        let token = AccessToken::new(Zeroizing::new("t".to_owned()), NOW.plus(secs(900)), None);
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
