//! Whole days of a client that calls each second, by the decisions alone: an issuer that comes and goes.

use super::*;
use proptest::prelude::*;

/// A client, and how often it asked.
struct Day {
    there: Option<There>,
    course: Course,
    asked: u64,
    /// How often somebody waited for the answer.
    waited: u64,
}

impl Day {
    fn new() -> Self {
        Self { there: None, course: Course::Clear, asked: 0, waited: 0 }
    }

    /// A call; whoever has to ask is answered at once.
    fn call(&mut self, now: u64, whole: u64, answer: Result<(), &SessionError>, chance: u8) -> Step {
        let step = at_call(self.there, &self.course, false, Least::Usual, at(now), || false);
        match step {
            Step::Take | Step::Refuse => step,
            Step::Wait => panic!("nothing is under way"),
            Step::Renew | Step::TakeAndRenew => {
                self.asked += 1;
                match answer {
                    Ok(()) => {
                        let life = Life::new(at(now).wall, at(now).wall.plus(secs(whole)), at(now));
                        self.there = Some(There { life, is_refused: false });
                        self.course = Course::Clear;
                    }
                    Err(error) => {
                        let left = self.there.map(|there| there.life.left(at(now)));
                        let pause =
                            |error: &SessionError, failures| pause_after(error, failures, left, chance);
                        self.course = self.course.failed(error.clone(), secs(now), pause);
                    }
                }
                self.waited += u64::from(step == Step::Renew);
                if step == Step::Renew {
                    after_wait(self.there, answer, Least::Usual, at(now))
                } else {
                    Step::Take
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn r_11_2_no_outage_of_ten_minutes_is_felt_if_a_minute_passes_between_two_of_them(
        outages in prop::collection::vec((61..2000u64, 1..=600u64), 1..12),
        whole in 900..7200u64,
        chance: u8,
    ) {
        let (mut day, mut now) = (Day::new(), 0);
        for (quiet, outage) in outages {
            for (seconds, answer) in [(quiet, Ok(())), (outage, Err(away()))] {
                for _ in 0..seconds {
                    prop_assert_eq!(day.call(now, whole, answer.as_ref().copied(), chance), Step::Take, "at {}", now);
                    now += 1;
                }
            }
        }
    }

    #[test]
    fn r_11_2_whoever_ends_an_outage_by_a_wish_for_later_is_not_felt_either(
        quiet in 1..2000u64,
        away_for in 0..=600u64,
        status in prop::sample::select(vec![429, 502, 503]),
        wish in 0..=60u64,
        longer: bool,
        whole in 900..7200u64,
        chance: u8,
    ) {
        // Who asks too often is told so, and waits though its token ends.
        let wish = if longer && status != 429 { wish * 60 } else { wish };
        let answers = [Ok(()), Err(away()), Err(unavailable(status, Some(wish)).into()), Ok(())];
        let (mut day, mut now) = (Day::new(), 0);
        for (seconds, answer) in [quiet, away_for, 600 - away_for, 2 * whole].into_iter().zip(answers) {
            for _ in 0..seconds {
                prop_assert_eq!(day.call(now, whole, answer.as_ref().copied(), chance), Step::Take, "at {}", now);
                now += 1;
            }
        }
    }

    #[test]
    fn a_refusal_that_stays_is_asked_for_seldom(whole in 2..7200u64, chance: u8) {
        let mut day = Day::new();
        day.call(0, whole, Ok(()), chance);
        let refusal: SessionError = refused(401, "invalid_client", None).into();
        for now in 1..whole + 3600 {
            day.call(now, whole, Err(&refusal), chance);
        }
        prop_assert!(day.asked < 60, "asked {} times", day.asked);
    }

    #[test]
    fn a_client_that_is_left_in_peace_asks_once_for_each_token_and_waits_for_the_first_alone(whole in 4..7200u64) {
        let mut day = Day::new();
        for now in 0..20_000 {
            prop_assert_eq!(day.call(now, whole, Ok(()), 0), Step::Take);
        }
        let each = (0..=whole).find(|age| life(whole).is_due(Least::Usual, at(*age))).unwrap();
        prop_assert_eq!((day.asked, day.waited), (20_000_u64.div_ceil(each), 1));
    }
}
