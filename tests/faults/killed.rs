//! The power is cut while tokens are revoked: of a Redis, and of an issuer that has its store in a file. What was
//! acknowledged is there afterwards, every time.

mod stored;
mod storm;

use crate::dice::{Dice, rounds};
use crate::issuer::{Admin, Machine};
use crate::power::{Disk, Syncs, Unsynced};
use crate::support::{Folder, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::cell::RefCell;
use storm::{Revoked, storm};

/// Enough for a store that does not sync to lose something.
const CONTROLS: u32 = 3;

/// How much was lost, over all rounds.
#[derive(Debug, Default)]
struct Toll {
    acknowledged: usize,
    missing: usize,
    open: u32,
}

impl Toll {
    /// Counts a round, and says what was lost in it.
    fn count(&mut self, round: u32, revoked: &Revoked, found: &stored::Found, dropped: &[String]) {
        let missing: Vec<_> = revoked.acknowledged.iter().filter(|id| !found.has(**id)).collect();
        println!(
            "round {round}: {} acknowledged, {} of {} open; {} in the store; missing: {missing:?}; the power cut took: {dropped:?}",
            revoked.acknowledged.len(),
            revoked.open.iter().filter(|id| found.has(**id)).count(),
            revoked.open.len(),
            found.count(),
        );
        self.acknowledged += revoked.acknowledged.len();
        self.missing += missing.len();
        self.open += u32::from(!revoked.open.is_empty());
    }

    /// That the cuts hit what they were meant to, and nothing was lost.
    #[track_caller]
    fn nothing(&self, rounds: u32) {
        assert_eq!(self.missing, 0, "acknowledged revocations are missing: {self:?}");
        assert!(self.open >= rounds / 2, "the cuts hit nothing: {self:?}");
    }

    #[track_caller]
    fn something(&self) {
        assert!(self.missing > 0, "the harness is blind: {self:?}");
    }
}

/// Cuts the power of a Redis with this `appendfsync`, round after round, under one issuer that goes on.
fn redis(test: &str, appendfsync: &str, durability: &str, rounds: u32) -> Toll {
    let mut dice = Dice::thrown(test);
    let (folder, mut toll) = (Folder::new(), Toll::default());
    let disk = Disk::under(folder.path(), Syncs::Hold);
    let options = RedisOptions::default()
        .set("dir", folder.path().to_str().unwrap())
        .set("appendonly", "yes")
        .set("appendfsync", appendfsync);
    let options = disk.environment().into_iter().fold(options, |made, (name, value)| made.env(name, &value));
    let redis = RefCell::new(RedisServer::start(options));
    let url = redis.borrow().url();
    let machine = Machine::on_redis(&url).set("REVOCATION__DURABILITY", durability);
    let server = machine.serve();
    for round in 0..rounds {
        let revoked = storm(|| Admin::of(&machine, &server.url), &mut dice, || redis.borrow_mut().kill9());
        let dropped = disk.cut(unsynced(durability, &mut dice), &mut dice);
        redis.borrow_mut().restart();
        let found = stored::in_redis(&url);
        toll.count(round, &revoked, &found, &dropped);
        if toll.missing > 0 {
            // From here on the issuer refuses to go on, as it must.
            break;
        }
        let admin = Admin::of(&machine, &server.url);
        let id = crate::issuer::token_of_id(crate::issuer::any_id(&mut dice));
        until("a revocation after the power came back", || admin.try_revoke(&id));
    }
    toll
}

/// Cuts the power of a machine on which an issuer runs, with its store, round after round.
fn embedded(test: &str, syncs: Syncs, rounds: u32) -> Toll {
    let mut dice = Dice::thrown(test);
    let (machine, mut toll) = (Machine::embedded(), Toll::default());
    // The first start makes the store: what is there then is safe.
    drop(machine.serve());
    let disk = Disk::under(machine.folder.path(), syncs);
    let machine = machine.on(&disk);
    for round in 0..rounds {
        let server = machine.serve();
        let revoked = storm(|| Admin::of(&machine, &server.url), &mut dice, || server.signal("KILL"));
        drop(server);
        let unsynced = if syncs == Syncs::Lie { Unsynced::Lost } else { unsynced("", &mut dice) };
        let dropped = disk.cut(unsynced, &mut dice);
        toll.count(round, &revoked, &stored::in_file(&machine.store()), &dropped);
    }
    toll
}

/// A control that keeps some of what was not synced proves less.
fn unsynced(durability: &str, dice: &mut Dice) -> Unsynced {
    if durability != "volatile" && dice.heads() { Unsynced::Torn } else { Unsynced::Lost }
}

#[test]
fn a_power_cut_of_redis_takes_no_acknowledged_revocation() {
    redis("redis", "always", "verified", rounds()).nothing(rounds());
}

#[test]
fn a_power_cut_of_a_redis_that_syncs_every_second_takes_acknowledged_revocations() {
    redis("everysec", "everysec", "volatile", CONTROLS).something();
}

#[test]
fn a_power_cut_of_a_redis_that_never_syncs_takes_acknowledged_revocations() {
    redis("no", "no", "volatile", CONTROLS).something();
}

#[test]
fn a_power_cut_of_an_issuer_with_its_store_takes_no_acknowledged_revocation() {
    embedded("embedded", Syncs::Hold, rounds()).nothing(rounds());
}

#[test]
fn a_power_cut_of_an_issuer_whose_store_does_not_sync_takes_acknowledged_revocations() {
    embedded("lies", Syncs::Lie, CONTROLS).something();
}
