//! The token that is handed out.

use crate::access_token::AccessToken;
use crate::session::plan::{Least, Life, Moment, There};
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A token, and how long it lives.
pub(super) struct Holding {
    pub(super) token: AccessToken,
    pub(super) life: Life,
    pub(super) is_refused: bool,
    glance: Glance,
}

impl Holding {
    pub(super) fn new(token: AccessToken, life: Life) -> Self {
        Self { token, life, is_refused: false, glance: Glance::default() }
    }

    /// The same, to which a resource server has said no.
    pub(super) fn refused(&self) -> Self {
        Self { token: self.token.clone(), life: self.life, is_refused: true, glance: Glance::default() }
    }

    pub(super) fn there(&self) -> There {
        There { life: self.life, is_refused: self.is_refused }
    }

    /// Whether it can be handed out and there is nothing else to be done.
    pub(super) fn is_at_hand(&self, least: Least, clock: &dyn Clock) -> bool {
        let wall = clock.now();
        let left = self.glance.left(wall).or_else(|| {
            let now = Moment { wall, monotonic: clock.monotonic() };
            let is_at_rest = !self.is_refused && !self.life.is_old(now);
            is_at_rest.then(|| self.glance.note(wall, self.life.left(now)))
        });
        left.is_some_and(|left| self.life.is_ample(left, least))
    }
}

/// In which second it was looked at last that nothing is to be done, and how many were left then. Reading two clocks takes
/// most of the time of a call; within one second one of them is enough.
#[derive(Default)]
struct Glance(AtomicU64);

/// The lower half is what was left, the upper half the second, of which no more than that is needed.
const HALF: u64 = 0xffff_ffff;

impl Glance {
    fn left(&self, wall: UnixTime) -> Option<Duration> {
        let seen = self.0.load(Ordering::Relaxed);
        let left = seen & HALF;
        (left != 0 && seen >> 32 == wall.as_secs() & HALF).then(|| Duration::from_secs(left))
    }

    fn note(&self, wall: UnixTime, left: Duration) -> Duration {
        // A token lives for a day at most.
        let seconds = left.as_secs().min(HALF);
        self.0.store((wall.as_secs() & HALF) << 32 | seconds, Ordering::Relaxed);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::Binding;
    use chancery_verifier::clock::FixedClock;
    use std::sync::atomic::AtomicUsize;
    use zeroize::Zeroizing;

    const START: UnixTime = UnixTime::from_secs(1_795_305_600);

    /// A clock that counts how often it is read.
    #[derive(Debug)]
    struct Counted {
        clock: FixedClock,
        reads: AtomicUsize,
    }

    impl Clock for Counted {
        fn now(&self) -> UnixTime {
            self.reads.fetch_add(1, Ordering::SeqCst);
            self.clock.now()
        }

        fn monotonic(&self) -> Duration {
            self.reads.fetch_add(1, Ordering::SeqCst);
            self.clock.monotonic()
        }
    }

    fn held() -> (Holding, Counted) {
        let clock = Counted { clock: FixedClock::new(START), reads: AtomicUsize::new(0) };
        let expires_at = START.plus(Duration::from_mins(15));
        let life = Life::new(START, expires_at, Moment { wall: START, monotonic: Duration::ZERO });
        let text = Zeroizing::new("t".to_owned());
        (Holding::new(AccessToken::received(text, (START, expires_at), None, Binding::Bearer), life), clock)
    }

    #[test]
    fn within_a_second_one_clock_is_read_once_for_each_call() {
        let (holding, clock) = held();
        for (second, reads) in [(0, 2 + 9), (1, 2 + 9)] {
            clock.reads.store(0, Ordering::SeqCst);
            for _ in 0..10 {
                assert!(holding.is_at_hand(Least::Usual, &clock));
            }
            assert_eq!(clock.reads.load(Ordering::SeqCst), reads, "second {second}");
            clock.clock.advance(Duration::from_secs(1));
        }
    }

    #[test]
    fn what_was_seen_for_one_caller_is_not_enough_for_one_who_wants_more() {
        let (holding, clock) = held();
        clock.clock.advance(Duration::from_secs(100));
        assert!(holding.is_at_hand(Least::Usual, &clock));
        // A tenth of its life more: then the next one is begun.
        assert!(holding.is_at_hand(Least::Demanded(Duration::from_secs(709)), &clock));
        assert!(!holding.is_at_hand(Least::Demanded(Duration::from_secs(710)), &clock));
        assert!(!holding.is_at_hand(Least::Wished(Duration::from_secs(710)), &clock));
    }

    #[test]
    fn a_clock_that_jumps_is_looked_at_again() {
        for jump in [START.plus(Duration::from_mins(4)), START.minus(Duration::from_secs(1))] {
            let (holding, clock) = held();
            assert!(holding.is_at_hand(Least::Usual, &clock));
            clock.clock.jump(jump);
            assert!(!holding.is_at_hand(Least::Usual, &clock), "{jump:?}");
        }
        let (holding, clock) = held();
        clock.clock.advance(Duration::from_secs(200));
        assert!(holding.is_at_hand(Least::Usual, &clock));
        clock.clock.advance(Duration::from_secs(40));
        clock.clock.jump(START.plus(Duration::from_secs(100)));
        assert!(!holding.is_at_hand(Least::Usual, &clock), "the other clock knows better");
    }

    #[test]
    fn a_refused_token_is_never_at_hand() {
        let (holding, clock) = held();
        assert!(holding.is_at_hand(Least::Usual, &clock));
        assert!(!holding.refused().is_at_hand(Least::Usual, &clock));
    }
}
