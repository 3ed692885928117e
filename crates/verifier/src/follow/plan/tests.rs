use super::*;
use proptest::prelude::*;

const HOUR: Duration = Duration::from_hours(1);
const MAX_STALE: Duration = Duration::from_hours(12);
const COOLDOWN: Duration = Duration::from_secs(30);
/// The draw that gives the shortest wait.
const SHORTEST: u64 = 0;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plan() -> Plan {
    Plan::new(MAX_STALE, COOLDOWN, secs(100))
}

/// A plan whose first fetch, at 100 s, brought keys for ten minutes.
fn with_keys() -> Plan {
    let mut plan = plan();
    assert_eq!(plan.step(secs(100)), Step::Fetch);
    plan.confirmed(secs(100), Some(secs(600)), SHORTEST);
    plan
}

fn fly(plan: &mut Plan, now: Duration) {
    assert_eq!(plan.step(now), Step::Fetch);
}

#[test]
fn the_first_fetch_is_due_at_once_and_given_out_once() {
    let mut plan = plan();
    assert_eq!(plan.step(secs(100)), Step::Fetch);
    assert!(matches!(plan.step(secs(100)), Step::Wait(_)));
    assert!(matches!(plan.step(secs(200)), Step::Wait(_)));
}

#[test]
fn r_1_5_the_next_fetch_comes_before_the_lifetime_ends() {
    let mut plan = with_keys();
    // Three quarters of 600 s less a tenth.
    assert_eq!(plan.step(secs(100)), Step::Wait(secs(405)));
    assert_eq!(plan.step(secs(504)), Step::Wait(secs(1)));
    assert_eq!(plan.step(secs(505)), Step::Fetch);
}

#[test]
fn r_1_3_the_first_unknown_key_is_fetched_for_at_once() {
    let mut plan = with_keys();
    assert_eq!(plan.unknown_key(secs(101)), Lookup::Join { flight: 2 });
    assert_eq!(plan.step(secs(101)), Step::Fetch);
}

#[test]
fn r_1_4_unknown_keys_join_the_flight_that_is_under_way() {
    let mut plan = plan();
    assert_eq!(plan.unknown_key(secs(100)), Lookup::Join { flight: 1 }, "due, not begun");
    fly(&mut plan, secs(100));
    assert_eq!(plan.unknown_key(secs(101)), Lookup::Join { flight: 1 }, "begun");
    plan.confirmed(secs(102), None, SHORTEST);
    // Joining a fetch that was due anyway starts no cooldown.
    assert_eq!(plan.unknown_key(secs(103)), Lookup::Join { flight: 2 });
}

#[test]
fn r_1_2_within_the_cooldown_there_is_one_fetch_for_unknown_keys() {
    let mut plan = with_keys();
    assert_eq!(plan.unknown_key(secs(110)), Lookup::Join { flight: 2 });
    assert_eq!(plan.unknown_key(secs(110)), Lookup::Join { flight: 2 });
    fly(&mut plan, secs(110));
    plan.confirmed(secs(111), Some(secs(600)), SHORTEST);
    for second in 111..140 {
        assert_eq!(plan.unknown_key(secs(second)), Lookup::CoolingDown, "{second}");
    }
    assert_eq!(plan.unknown_key(secs(140)), Lookup::Join { flight: 3 });
}

#[test]
fn r_1_4_while_fetches_fail_nobody_says_that_a_key_does_not_exist() {
    let mut plan = with_keys();
    assert_eq!(plan.unknown_key(secs(110)), Lookup::Join { flight: 2 });
    fly(&mut plan, secs(110));
    plan.failed(secs(112), Failure::Passing, 900);
    assert_eq!(plan.unknown_key(secs(112)), Lookup::Failing);
    // The retry that was due anyway mends it.
    fly(&mut plan, secs(113));
    plan.confirmed(secs(113), None, SHORTEST);
    assert_eq!(plan.unknown_key(secs(114)), Lookup::CoolingDown);
}

#[test]
fn r_1_5_failures_are_retried_and_forgotten_after_a_success() {
    let mut plan = plan();
    fly(&mut plan, secs(100));
    plan.failed(secs(100), Failure::Passing, 1000);
    assert_eq!(plan.step(secs(100)), Step::Wait(secs(1)));
    fly(&mut plan, secs(101));
    plan.failed(secs(101), Failure::Passing, 2000);
    assert_eq!(plan.step(secs(101)), Step::Wait(secs(2)));
    fly(&mut plan, secs(103));
    plan.confirmed(secs(103), Some(secs(600)), SHORTEST);
    fly(&mut plan, secs(600));
    plan.failed(secs(600), Failure::Passing, 1000);
    assert_eq!(plan.failures(), 1);
}

#[test]
fn r_1_6_stale_is_told_once_and_keys_end_at_their_last_age() {
    let mut plan = with_keys();
    fly(&mut plan, secs(600));
    plan.failed(secs(600), Failure::Passing, 10_000);
    assert!(!plan.is_stale(secs(699)));
    fly(&mut plan, secs(698));
    plan.failed(secs(698), Failure::Passing, 2000);
    // The lifetime ends at 700.
    assert_eq!(plan.step(secs(699)), Step::Wait(secs(1)));
    assert_eq!(plan.step(secs(700)), Step::TellStale { age: secs(600) });
    assert!(!matches!(plan.step(secs(700)), Step::TellStale { .. }));
    let end = secs(100) + MAX_STALE;
    assert_ne!(plan.step(end.saturating_sub(secs(1))), Step::Expire);
    assert_eq!(plan.step(end), Step::Expire);
    assert_eq!(plan.age(end), None);
    assert_ne!(plan.step(end), Step::Expire);
}

#[test]
fn r_1_6_keys_end_while_a_fetch_hangs() {
    let mut plan = with_keys();
    fly(&mut plan, secs(700));
    assert_eq!(plan.step(secs(100) + MAX_STALE), Step::Expire);
}

#[test]
fn r_1_10_keys_from_disk_bring_their_age_along() {
    let mut plan = plan();
    plan.restored(secs(100), 11 * HOUR);
    assert_eq!(plan.step(secs(100)), Step::Fetch, "they are old, but nothing has failed yet");
    plan.failed(secs(101), Failure::Passing, 1000);
    assert!(matches!(plan.step(secs(101)), Step::TellStale { .. }));
    assert_eq!(plan.step(secs(100) + HOUR), Step::Expire);
}

#[test]
fn a_wrong_setup_is_retried_slowly_and_still_answers_unknown_keys() {
    let mut plan = plan();
    fly(&mut plan, secs(100));
    plan.failed(secs(100), Failure::Setup, SHORTEST);
    assert_eq!(plan.step(secs(100)), Step::Wait(secs(150)));
    assert_eq!(plan.unknown_key(secs(101)), Lookup::Join { flight: 2 });
    fly(&mut plan, secs(101));
}

/// What may happen to a plan.
#[derive(Clone, Debug)]
enum Event {
    Pass(u64),
    Unknown,
    Land(bool),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0_u64..2000).prop_map(Event::Pass),
        Just(Event::Unknown),
        any::<bool>().prop_map(Event::Land),
    ];
    proptest::collection::vec(event, 0..200)
}

proptest! {
    /// Whatever happens: one flight at a time, a bound on fetches for unknown keys, no keys beyond their age, and
    /// always something to wait for.
    #[test]
    fn r_1_2_no_order_of_events_breaks_the_promises(events in events(), draw: u64) {
        let (mut plan, mut now) = (plan(), secs(100));
        let (mut flying, mut confirmed_at, mut scheduled_by_unknown): (bool, Option<Duration>, Vec<Duration>) =
            (false, None, Vec::new());
        for event in events {
            match event {
                Event::Pass(seconds) => now += secs(seconds),
                Event::Unknown => {
                    let due = matches!(plan.fetch, Fetch::Due { at } if at > now);
                    if let Lookup::Join { flight } = plan.unknown_key(now) {
                        prop_assert_eq!(flight, plan.flight() + u64::from(!flying));
                        if due {
                            scheduled_by_unknown.push(now);
                        }
                    }
                }
                Event::Land(good) if flying => {
                    flying = false;
                    if good {
                        plan.confirmed(now, None, draw);
                        confirmed_at = Some(now);
                    } else {
                        plan.failed(now, Failure::Passing, draw);
                    }
                }
                Event::Land(_) => {}
            }
            loop {
                match plan.step(now) {
                    Step::Fetch => {
                        prop_assert!(!flying);
                        flying = true;
                    }
                    Step::Expire | Step::TellStale { .. } => {}
                    Step::Wait(span) => {
                        prop_assert!(flying || span > Duration::ZERO);
                        break;
                    }
                }
            }
            if let Some(age) = plan.age(now) {
                prop_assert!(age < MAX_STALE);
                prop_assert_eq!(now.checked_sub(age), confirmed_at);
            }
        }
        for pair in scheduled_by_unknown.windows(2) {
            prop_assert!(pair[1] >= pair[0] + COOLDOWN);
        }
    }
}
