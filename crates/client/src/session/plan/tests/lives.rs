//! How long a token lives, and when it is renewed.

use super::*;
use proptest::prelude::*;

/// The first second at which a token of this life is due.
fn due(whole: u64) -> u64 {
    (0..=whole).find(|second| life(whole).is_old(at(*second))).unwrap()
}

#[test]
fn a_token_is_renewed_at_half_its_life_or_with_eleven_minutes_left_whichever_is_earlier() {
    for (whole, expected) in [
        (60, 30),
        (300, 150),
        (658, 329),
        (660, 330),
        (878, 439),
        (880, 220),
        (900, 240),
        (1200, 540),
        (1320, 660),
        (1322, 661),
        (3600, 1800),
        (86_400, 43_200),
    ] {
        assert_eq!(due(whole), expected, "{whole}");
        assert_eq!(life(whole).due_at(at(0)), START.plus(secs(expected)), "{whole}");
    }
}

#[test]
fn a_token_of_fifteen_minutes_outlives_an_outage_of_ten_that_begins_just_before_it_is_renewed() {
    let end_of_the_outage = at(due(900) + 600);
    assert!(life(900).suffices(Least::Usual, end_of_the_outage));
}

#[test]
fn what_is_left_ends_to_the_second() {
    assert!(life(900).suffices(Least::Usual, at(869)) && !life(900).suffices(Least::Usual, at(870)));
    assert_eq!(life(900).left(at(899)), secs(1));
    assert_eq!(life(900).left(at(900)), Duration::ZERO);
    assert_eq!(life(900).left(at(5000)), Duration::ZERO);
}

#[test]
fn where_nobody_said_what_is_left_need_not_be_more_than_a_quarter() {
    assert!(life(40).suffices(Least::Usual, at(29)) && !life(40).suffices(Least::Usual, at(30)));
    assert!(life(2).suffices(Least::Usual, at(0)));
}

#[test]
fn what_was_said_is_wanted_in_full_where_a_token_lives_long_enough_and_else_a_fresh_one() {
    for of in [Least::Wished, Least::Demanded] {
        for (whole, span, until) in [
            (900, 600, 300),
            (900, 780, 120),
            // Hardly as long, or never: fresh is as good as it gets.
            (900, 800, 113),
            (900, 899, 113),
            (900, 900, 113),
            (900, 5000, 113),
            (320, 600, 40),
            (60, 59, 30),
            (60, 600, 30),
            (20, 600, 10),
        ] {
            let suffices = |second| life(whole).suffices(of(secs(span)), at(second));
            assert!(suffices(until - 1) && !suffices(until), "{whole} {span}");
        }
    }
}

#[test]
fn the_next_one_is_asked_for_before_anybody_has_to_wait_for_it() {
    for whole in (4..200).chain((200..4000).step_by(61)) {
        for least in [
            Least::Usual,
            Least::Wished(secs(60)),
            Least::Wished(secs(720)),
            Least::Demanded(secs(whole - 1)),
            Least::Demanded(secs(whole)),
            Least::Demanded(secs(1_000_000)),
        ] {
            let due = (0..=whole).find(|second| life(whole).is_due(least, at(*second))).unwrap();
            assert!(due > 0 || whole < 20, "{whole} {least:?}: due at once");
            assert!(
                life(whole).suffices(least, at(due)) || whole < 20,
                "{whole} {least:?}: all wait at {due}"
            );
        }
        let usual = (0..=whole).find(|second| life(whole).is_due(Least::Usual, at(*second))).unwrap();
        assert!(life(whole).suffices(Least::Usual, at(usual)), "{whole}");
    }
}

#[test]
fn no_wish_makes_an_issuer_rotate_more_than_eight_times_in_two_minutes() {
    for whole in (60..300).chain((300..4000).step_by(61)) {
        for span in [whole / 2, whole - 1, whole, 10 * whole] {
            let least = Least::Demanded(secs(span));
            let due = (0..=whole).find(|second| life(whole).is_due(least, at(*second))).unwrap();
            assert!(due * 9 > 120, "{whole} {span}: each {due} s");
        }
    }
}

#[test]
fn a_clock_that_jumps_forward_ends_a_token_and_one_that_jumps_back_renews_it() {
    let forward = Moment { wall: START.plus(secs(1000)), monotonic: secs(10) };
    assert_eq!(life(900).left(forward), Duration::ZERO);
    let back = Moment { wall: START.minus(secs(86_400)), monotonic: secs(10) };
    assert!(life(900).is_old(back));
    assert_eq!(life(900).left(back), secs(890), "no longer than it was given");
    let a_little_back = Moment { wall: START.plus(secs(100)), monotonic: secs(600) };
    assert_eq!(life(900).left(a_little_back), secs(300), "the other clock knows better");
    assert!(life(900).is_old(a_little_back));
}

#[test]
fn a_token_from_a_file_that_is_from_the_future_is_due_and_lives_no_longer_than_it_was_given() {
    let future = START.plus(secs(5000));
    let life = Life::new(future, future.plus(secs(900)), at(0));
    assert!(life.is_old(at(0)));
    assert_eq!(life.left(at(0)), secs(900));
    assert_eq!(life.left(at(899)), secs(1));
    assert_eq!(life.left(at(900)), Duration::ZERO);
}

#[test]
fn a_token_that_ended_before_it_was_got_has_no_life() {
    let life = Life::new(START, START.minus(secs(5)), at(0));
    assert!(life.is_old(at(0)) && life.left(at(0)).is_zero() && !life.suffices(Least::Usual, at(0)));
}

#[test]
fn what_was_got_for_one_caller_is_enough_for_those_who_want_no_more() {
    assert!(Least::Usual.covers(Least::Wished(secs(30))) && Least::Demanded(secs(60)).covers(Least::Usual));
    assert!(!Least::Usual.covers(Least::Demanded(secs(31))));
}

proptest! {
    #[test]
    fn no_jump_of_the_wall_clock_makes_a_token_live_longer_than_it_was_given(
        whole in 0..100_000u64,
        wall in 0..400_000_000_000u64,
        monotonic in 0..1_000_000u64,
    ) {
        let now = Moment { wall: UnixTime::from_secs(wall), monotonic: secs(monotonic) };
        let left = life(whole).left(now);
        prop_assert!(left <= secs(whole).saturating_sub(secs(monotonic)));
    }

    #[test]
    fn a_fresh_token_is_always_handed_out_and_an_ended_one_is_always_due(whole in 1..100_000u64, wish in 0..100_000u64) {
        for least in [Least::Usual, Least::Wished(secs(wish)), Least::Demanded(secs(wish))] {
            prop_assert!(life(whole).suffices(least, at(0)));
            prop_assert!(!life(whole).suffices(least, at(whole)));
        }
        prop_assert!(life(whole).is_old(at(whole)));
        prop_assert!(whole < 2 || !life(whole).is_old(at(0)));
    }

    #[test]
    fn a_token_that_is_due_stays_due(whole in 1..100_000u64, first in 0..100_000u64, more in 0..100_000u64) {
        prop_assert!(!life(whole).is_old(at(first)) || life(whole).is_old(at(first + more)));
    }
}
