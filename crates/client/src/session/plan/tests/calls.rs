//! What a caller has to do.

use super::*;

const USUAL: Least = Least::Usual;

fn step(there: Option<There>, course: &Course, now: u64) -> Step {
    at_call(there, course, false, USUAL, at(now), || false)
}

#[test]
fn a_session_without_a_token_asks_for_one_and_everybody_else_waits() {
    assert_eq!(step(None, &Course::Clear, 0), Step::Renew);
    assert_eq!(at_call(None, &Course::Clear, true, USUAL, at(0), || false), Step::Wait);
}

#[test]
fn a_token_is_taken_until_it_is_due_and_then_taken_and_renewed() {
    assert_eq!(step(Some(there(900)), &Course::Clear, 239), Step::Take);
    assert_eq!(step(Some(there(900)), &Course::Clear, 240), Step::TakeAndRenew);
    assert_eq!(at_call(Some(there(900)), &Course::Clear, true, USUAL, at(240), || false), Step::Take);
}

#[test]
fn with_too_little_left_callers_wait() {
    assert_eq!(step(Some(there(900)), &Course::Clear, 870), Step::Renew);
    assert_eq!(at_call(Some(there(900)), &Course::Clear, true, USUAL, at(870), || false), Step::Wait);
    let more =
        |now| at_call(Some(there(900)), &Course::Clear, false, Least::Demanded(secs(700)), at(now), || false);
    assert_eq!(
        (more(109), more(110), more(199), more(200)),
        (Step::Take, Step::TakeAndRenew, Step::TakeAndRenew, Step::Renew,)
    );
}

#[test]
fn a_token_that_a_service_refused_is_renewed_first() {
    let refused = There { is_refused: true, ..there(900) };
    assert_eq!(step(Some(refused), &Course::Clear, 10), Step::Renew);
}

#[test]
fn in_a_pause_nobody_is_asked_and_a_token_that_lives_is_taken() {
    let course = paused(1000);
    assert_eq!(step(Some(there(900)), &course, 500), Step::Take);
    assert_eq!(step(Some(there(900)), &course, 899), Step::Take, "better a second than nothing");
    assert_eq!(step(Some(there(900)), &course, 900), Step::Refuse);
    assert_eq!(step(None, &course, 900), Step::Refuse);
    let refused = There { is_refused: true, ..there(900) };
    assert_eq!(step(Some(refused), &course, 10), Step::Take, "another service may like it");
}

#[test]
fn in_a_pause_a_caller_that_demands_more_is_refused_and_one_that_wishes_it_is_not() {
    let call = |least| at_call(Some(there(900)), &paused(1000), false, least, at(500), || false);
    assert_eq!(call(Least::Demanded(secs(600))), Step::Refuse);
    assert_eq!(call(Least::Demanded(secs(300))), Step::Take);
    assert_eq!(call(Least::Wished(secs(600))), Step::Take);
}

#[test]
fn after_a_pause_it_is_tried_again() {
    assert_eq!(step(Some(there(900)), &paused(500), 500), Step::TakeAndRenew);
    assert_eq!(step(Some(there(900)), &paused(1000), 1000), Step::Renew);
    assert_eq!(step(None, &paused(500), 500), Step::Renew);
}

#[test]
fn a_file_that_somebody_wrote_ends_a_pause_for_those_who_get_nothing() {
    let call = |there| at_call(there, &paused(1000), false, USUAL, at(880), || true);
    assert_eq!(call(None), Step::Renew);
    assert_eq!(call(Some(there(900))), Step::Renew);
    assert_eq!(call(Some(there(3600))), Step::Take, "who has a good token does not look");
}

#[test]
fn what_is_over_stays_over_until_another_file_is_there() {
    for token in [None, Some(there(900))] {
        for now in [0, 100_000_000] {
            assert_eq!(at_call(token, &over(), false, USUAL, at(now), || false), Step::Refuse);
        }
        assert_eq!(at_call(token, &over(), false, USUAL, at(0), || true), Step::Renew);
        assert_eq!(at_call(token, &over(), true, USUAL, at(0), || false), Step::Wait);
    }
}

#[test]
fn the_file_is_looked_at_by_nobody_who_gets_a_token() {
    let looks = |there, course: &Course, now| {
        at_call(there, course, false, USUAL, at(now), || panic!("somebody looked"))
    };
    assert_eq!(looks(Some(there(900)), &Course::Clear, 0), Step::Take);
    assert_eq!(looks(Some(there(900)), &Course::Clear, 300), Step::TakeAndRenew);
    assert_eq!(looks(Some(there(900)), &paused(1000), 300), Step::Take);
    assert_eq!(looks(None, &Course::Clear, 0), Step::Renew);
}

#[test]
fn whoever_waited_takes_what_came_however_short_it_lives() {
    let demanding = Least::Demanded(secs(7200));
    assert_eq!(after_wait(Some(there(60)), Ok(()), demanding, at(59)), Step::Take);
    assert_eq!(after_wait(None, Ok(()), USUAL, at(0)), Step::Refuse, "it was ended meanwhile");
    assert_eq!(after_wait(Some(there(60)), Ok(()), USUAL, at(60)), Step::Renew, "it is over already");
}

#[test]
fn whoever_waited_in_vain_takes_a_token_that_lives_unless_more_was_demanded() {
    let error = away();
    assert_eq!(after_wait(Some(there(900)), Err(&error), USUAL, at(899)), Step::Take);
    assert_eq!(after_wait(Some(there(900)), Err(&error), Least::Wished(secs(600)), at(899)), Step::Take);
    assert_eq!(after_wait(Some(there(900)), Err(&error), Least::Demanded(secs(600)), at(500)), Step::Refuse);
    let refused = There { is_refused: true, ..there(900) };
    assert_eq!(after_wait(Some(refused), Err(&error), Least::Demanded(secs(300)), at(500)), Step::Take);
    assert_eq!(after_wait(Some(there(900)), Err(&error), USUAL, at(900)), Step::Refuse);
    assert_eq!(after_wait(None, Err(&error), USUAL, at(0)), Step::Refuse);
}

#[test]
fn r_2_10_a_token_that_another_process_renewed_is_taken_over() {
    let read = |now| at_reread(life(900), false, true, true, USUAL, at(now));
    assert_eq!((read(0), read(239), read(240)), (Reread::Adopt, Reread::Adopt, Reread::Refresh));
    assert_eq!(
        at_reread(life(900), true, true, true, USUAL, at(0)),
        Reread::Refresh,
        "the one that was refused"
    );
    let more = Least::Demanded(secs(800));
    assert_eq!(at_reread(life(900), false, true, true, more, at(100)), Reread::Refresh);
}

#[test]
fn without_a_refresh_token_the_credentials_are_used_or_what_there_is_is_used_up() {
    let read = |can_begin, now| at_reread(life(900), false, false, can_begin, USUAL, at(now));
    assert_eq!((read(true, 500), read(true, 900)), (Reread::Begin, Reread::Begin));
    assert_eq!((read(false, 500), read(false, 900)), (Reread::UseUp, Reread::OutOfMeans));
}

#[test]
fn nobody_waits_longer_than_half_of_what_is_left_of_a_token_that_would_serve() {
    assert_eq!(patience(Some(there(900)), USUAL, at(880)), Some(secs(10)));
    assert_eq!(patience(Some(there(900)), Least::Wished(secs(600)), at(880)), Some(secs(10)));
    for (there, least, now) in [
        (Some(there(900)), USUAL, 900),
        (Some(there(900)), Least::Demanded(secs(600)), 880),
        (None, USUAL, 0),
    ] {
        assert_eq!(patience(there, least, at(now)), None);
    }
}
