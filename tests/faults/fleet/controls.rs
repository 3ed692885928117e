//! Fleets in which something goes wrong that must: else the harness is blind.

use super::between::Weather;
use super::crew::Crew;
use super::site::{LIFETIME, Site};
use super::worker::{Kind, Outcome, Worker};
use super::{OVER, STEP};
use crate::dice::Dice;
use chancery_verifier::clock::Clock as _;
use std::path::Path;
use std::time::Duration;

/// How long one of the copies is idle: longer than any window in which it might be a late worker.
const IDLE: Duration = Duration::from_mins(10);

/// One lost answer and one 5xx among so few.
const AMONG: usize = 10;

/// Ten minutes of bad weather.
const BAD_STEPS: u32 = 120;

/// So long nobody is reached: longer than any token lives.
const DOWN: Duration = Duration::from_mins(2);

/// The longest pause after so many failures (docs/PROTOCOL.md).
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Processes that each have a copy of a session.
fn copies(site: &Site, of: &Path, kind: Kind, name: &str, count: usize) -> Vec<Worker> {
    let copy = |number| {
        let file = site.copy(of, &format!("{name}-{number}"));
        site.worker(kind, &file, number)
    };
    (0..count).map(copy).collect()
}

#[test]
fn a_fleet_on_copies_of_a_session_that_ends_at_a_replay_is_seen_to_lose_it() {
    let site = Site::new(Dice::thrown("copies"));
    site.register("fleet", &[]);
    let file = site.login("fleet", "copied");
    site.copy_as(&file, "served");
    let agent = site.agent("served");
    let mut at_work = copies(&site, &file, Kind::Session, "machine", 6);
    at_work.push(site.worker(Kind::Agent, &agent.socket(), 0));
    let mut at_work = Crew::of("at work", at_work);
    let mut idle = Crew::of("idle", copies(&site, &file, Kind::Session, "idle", 1));
    Crew::call(&mut [&mut at_work, &mut idle], &site.clock);
    let steps = IDLE.as_secs() / STEP.as_secs();
    for _ in 0..steps {
        site.pass(STEP);
        Crew::call(&mut [&mut at_work], &site.clock);
    }
    at_work.never_failed();
    idle.never_failed();
    // It replays, and begins anew; the others lose what they all had.
    Crew::call(&mut [&mut idle], &site.clock);
    assert_eq!((idle.all_were_served(), idle.begun_anew()), (true, 1));
    for _ in 0..LIFETIME.as_secs() / STEP.as_secs() {
        site.pass(STEP);
        Crew::call(&mut [&mut at_work, &mut idle], &site.clock);
    }
    at_work.tell();
    idle.tell();
    let is_over = |outcome: &Outcome| matches!(outcome, Outcome::LoggedOut { reason, .. } if reason == OVER);
    assert!(at_work.last().all(is_over), "the harness is blind: {:?}", at_work.tally);
    idle.never_failed();
}

#[test]
fn a_client_that_throws_its_credentials_away_on_a_5xx_is_seen_to_be_logged_out() {
    let site = Site::new(Dice::thrown("careless"));
    site.register("copied", &["--on-replay", "refuse"]);
    let file = site.login("copied", "copied");
    let mut careless = Crew::of("careless", copies(&site, &file, Kind::Careless, "careless", 4));
    let mut others = Crew::of("others", copies(&site, &file, Kind::Session, "other", 4));
    site.between.turns(Weather::Foul { among: AMONG });
    for _ in 0..BAD_STEPS {
        site.pass(STEP);
        Crew::call(&mut [&mut careless, &mut others], &site.clock);
    }
    careless.tell();
    others.tell();
    let is_gone =
        |outcome: &Outcome| matches!(outcome, Outcome::LoggedOut { reason, .. } if reason == "no_session");
    assert!(careless.last().any(is_gone), "the harness is blind: {:?}", careless.tally);
    assert_eq!((others.tally.logged_out, others.begun_anew()), (0, 0), "{:?}", others.tally);
}

#[test]
fn calls_that_fail_while_nobody_is_reached_for_longer_than_a_token_lives_are_seen_and_end_nothing() {
    let site = Site::new(Dice::thrown("down"));
    site.register("fleet", &[]);
    site.login("fleet", "shared");
    let file = site.login("fleet", "own");
    let agent = site.agent("shared");
    let through = (0..8).map(|number| site.worker(Kind::Agent, &agent.socket(), number));
    let mut through = Crew::of("through the agent", through);
    let mut own = Crew::of("in a session of its own", [site.worker(Kind::Session, &file, 0)]);
    let call = |through: &mut Crew, own: &mut Crew| {
        site.pass(STEP);
        Crew::call(&mut [&mut *through, &mut *own], &site.clock);
    };
    for _ in 0..12 {
        call(&mut through, &mut own);
    }
    through.never_failed();
    own.never_failed();
    let (begin, mut first, mut last) = (site.clock.now(), None, Duration::ZERO);
    let over = DOWN + LONGEST_PAUSE + 4 * STEP;
    site.between.turns(Weather::Down);
    while site.clock.now().since(begin) < over + LIFETIME {
        if site.clock.now().since(begin) >= DOWN {
            site.between.turns(Weather::Fair);
        }
        call(&mut through, &mut own);
        if !(through.all_were_served() && own.all_were_served()) {
            last = site.clock.now().since(begin);
            first.get_or_insert(last);
        }
    }
    let first = first.expect("a call that fails: else the harness is blind");
    println!("down for {DOWN:?}: the first call failed after {first:?}, the last after {last:?}");
    through.tell();
    own.tell();
    assert!(first + STEP >= LIFETIME / 2 && last <= over, "{first:?} {last:?}");
    for crew in [&through, &own] {
        assert!(crew.tally.failed > 0, "the harness is blind: {:?}", crew.tally);
        assert_eq!((crew.tally.logged_out, crew.tally.sessions.len()), (0, 1), "{:?}", crew.tally);
        assert_eq!(crew.begun_anew(), 0);
        assert!(crew.all_were_served());
    }
}
