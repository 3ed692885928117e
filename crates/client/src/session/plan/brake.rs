//! A service that takes no token at all, and those who ask for another one each time.

use std::time::Duration;

/// After a renewal that a service demanded by its 401, none is begun for this long for the same; each time twice as long.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_mins(10);

/// Holds back renewals that do not help: the issuer would limit them, and other services be without tokens then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Brake {
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    /// By the monotonic clock.
    at: Duration,
    pause: Duration,
}

impl Brake {
    /// Whether a token that was refused is given up for another one; takes note of it if so.
    pub(crate) fn lets(&mut self, monotonic: Duration) -> bool {
        let pause = match self.last.map(|last| (monotonic.saturating_sub(last.at), last.pause)) {
            Some((since, pause)) if since < pause => return false,
            Some((since, pause)) if since < pause.saturating_mul(4) => pause.saturating_mul(2).min(LONGEST),
            Some(_) | None => SHORTEST,
        };
        self.last = Some(Last { at: monotonic, pause });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_takes_nothing_costs_a_renewal_every_ten_minutes_in_the_end() {
        let mut brake = Brake::default();
        let let_through: Vec<u64> =
            (0..3000).filter(|second| brake.lets(Duration::from_secs(*second))).collect();
        assert_eq!(let_through, [0, 30, 90, 210, 450, 930, 1530, 2130, 2730]);
    }

    #[test]
    fn refusals_that_have_nothing_to_do_with_each_other_are_not_held_back() {
        let mut brake = Brake::default();
        assert!((0..20).all(|number| brake.lets(Duration::from_mins(2) * number)));
    }
}
