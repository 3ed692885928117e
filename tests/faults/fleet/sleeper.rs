//! Processes that are away for longer than a token lives.

use super::crew::Crew;
use super::site::Site;
use crate::dice::Dice;
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use std::time::Duration;

/// How long one sleeps: others rotate what it has twice or three times meanwhile, all of it within the two minutes in
/// which it is a late worker and no replay (docs/PROTOCOL.md).
const SLEEP_SECS: [usize; 2] = [30, 50];
const WORK_SECS: [usize; 2] = [60, 180];

/// One that works and sleeps by turns.
pub(super) struct Sleeper {
    pub(super) crew: Crew,
    pub(super) slept: u32,
    course: Course,
    dice: Dice,
}

#[derive(Clone, Copy, Debug)]
enum Course {
    Works { until: UnixTime },
    Sleeps { until: UnixTime },
}

impl Sleeper {
    pub(super) fn of(crew: Crew, site: &Site, dice: Dice) -> Self {
        let now = site.clock.now();
        let mut sleeper = Self { crew, slept: 0, course: Course::Works { until: now }, dice };
        sleeper.works(now);
        sleeper
    }

    /// It calls, if it is awake. Who has no token that lives does not come back where nobody could have one.
    pub(super) fn step(&mut self, site: &Site, has_store: bool) {
        let now = site.clock.now();
        match self.course {
            Course::Works { until } if now < until => {
                Crew::call(&mut [&mut self.crew], &site.clock);
                assert!(self.crew.all_were_served(), "{:?}", self.crew.tally);
            }
            Course::Works { .. } => {
                self.slept += 1;
                self.course = Course::Sleeps { until: now.plus(self.some(SLEEP_SECS)) };
            }
            Course::Sleeps { until } if now < until || !has_store => {}
            Course::Sleeps { .. } => {
                if comes_back(&mut self.crew, site) {
                    self.works(now);
                }
            }
        }
    }

    fn works(&mut self, now: UnixTime) {
        self.course = Course::Works { until: now.plus(self.some(WORK_SECS)) };
    }

    fn some(&mut self, [least, most]: [usize; 2]) -> Duration {
        Duration::from_secs(u64::try_from(least + self.dice.below(most - least + 1)).unwrap())
    }
}

/// Calls, with a token that is over. Whether it was served: if not, its own request was hit, and it asks again a moment
/// later, as any program does that starts.
pub(super) fn comes_back(crew: &mut Crew, site: &Site) -> bool {
    let hit = || {
        let met = site.between.all();
        met.lost + met.failed
    };
    let before = hit();
    Crew::call(&mut [&mut *crew], &site.clock);
    let is_served = crew.all_were_served();
    assert!(is_served || hit() > before, "nothing kept it: {:?}", crew.tally);
    assert_eq!(crew.tally.logged_out, 0, "{:?}", crew.tally);
    is_served
}
