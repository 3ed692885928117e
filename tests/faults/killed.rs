//! The power is cut while tokens are revoked: of a Redis, and of an issuer that has its store in a file. What was
//! acknowledged is there afterwards, every time.

mod stored;
mod storm;

use crate::dice::{Dice, rounds};
use crate::issuer::{Admin, Machine, any_id, token_of_id};
use crate::power::{Disk, Syncs, Unsynced};
use crate::support::{Folder, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::cell::RefCell;
use stored::Found;
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
    fn count(&mut self, round: u32, revoked: &Revoked, found: &Found, dropped: &[String]) {
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
    fn nothing(&self) {
        assert_eq!(self.missing, 0, "acknowledged revocations are missing: {self:?}");
        assert!(self.open >= rounds() / 2, "the cuts hit nothing: {self:?}");
    }

    #[track_caller]
    fn something(&self) {
        assert!(self.missing > 0, "the harness is blind: {self:?}");
    }
}

/// What is killed is to lose nothing, or is a control that must.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    Promise,
    Control,
}

impl Tried {
    fn rounds(self) -> u32 {
        if self == Self::Promise { rounds() } else { CONTROLS }
    }

    /// A control that keeps some of what was not synced proves less.
    fn unsynced(self, dice: &mut Dice) -> Unsynced {
        if self == Self::Promise && dice.heads() { Unsynced::Torn } else { Unsynced::Lost }
    }
}

/// Cuts the power of a Redis with this `appendfsync`, round after round, under one issuer that goes on.
fn redis(appendfsync: &str, tried: Tried) -> Toll {
    let mut dice = Dice::thrown(appendfsync);
    let (folder, mut toll) = (Folder::new(), Toll::default());
    let disk = Disk::under(folder.path(), Syncs::Hold);
    let options = RedisOptions::default()
        .set("dir", folder.path().to_str().unwrap())
        .set("appendonly", "yes")
        .set("appendfsync", appendfsync);
    let options = disk.environment().into_iter().fold(options, |made, (name, value)| made.env(name, &value));
    let redis = RefCell::new(RedisServer::start(options));
    let url = redis.borrow().url();
    // What a control is set to, no issuer takes for durable.
    let durability = if tried == Tried::Promise { "verified" } else { "volatile" };
    let machine = Machine::on_redis(&url).set("REVOCATION__DURABILITY", durability);
    let server = machine.serve();
    for round in 0..tried.rounds() {
        let revoked = storm(|| Admin::of(&machine, &server.url), &mut dice, || redis.borrow_mut().kill9());
        let dropped = disk.cut(tried.unsynced(&mut dice), &mut dice);
        redis.borrow_mut().restart();
        toll.count(round, &revoked, &stored::in_redis(&url), &dropped);
        if toll.missing > 0 {
            // From here on the issuer refuses to go on, as it must.
            break;
        }
        let admin = Admin::of(&machine, &server.url);
        let id = token_of_id(any_id(&mut dice));
        until("a revocation after the power came back", || admin.try_revoke(&id));
    }
    toll
}

/// Cuts the power of a machine on which an issuer runs, round after round.
fn issuer(machine: Machine, syncs: Syncs, tried: Tried, found: impl Fn(&Machine) -> Found) -> Toll {
    let mut dice = Dice::thrown("issuer");
    let mut toll = Toll::default();
    // The first start makes the store and the keys: what is there then is safe.
    drop(machine.serve());
    let disk = Disk::under(machine.folder.path(), syncs);
    let machine = machine.on(&disk);
    for round in 0..tried.rounds() {
        let server = machine.serve();
        let revoked = storm(|| Admin::of(&machine, &server.url), &mut dice, || server.signal("KILL"));
        drop(server);
        let dropped = disk.cut(tried.unsynced(&mut dice), &mut dice);
        toll.count(round, &revoked, &found(&machine), &dropped);
    }
    toll
}

#[test]
fn a_power_cut_of_redis_takes_no_acknowledged_revocation() {
    redis("always", Tried::Promise).nothing();
}

#[test]
fn a_power_cut_of_a_redis_that_syncs_every_second_takes_acknowledged_revocations() {
    redis("everysec", Tried::Control).something();
}

#[test]
fn a_power_cut_of_a_redis_that_never_syncs_takes_acknowledged_revocations() {
    redis("no", Tried::Control).something();
}

#[test]
fn a_power_cut_of_an_issuer_with_its_store_takes_no_acknowledged_revocation() {
    let found = |machine: &Machine| stored::in_file(&machine.store());
    issuer(Machine::embedded(), Syncs::Hold, Tried::Promise, found).nothing();
}

#[test]
fn a_power_cut_of_an_issuer_whose_store_does_not_sync_takes_acknowledged_revocations() {
    let found = |machine: &Machine| stored::in_file(&machine.store());
    issuer(Machine::embedded(), Syncs::Lie, Tried::Control, found).something();
}

#[test]
fn a_power_cut_of_an_issuer_on_a_redis_takes_no_acknowledged_revocation() {
    let redis = RedisServer::start(RedisOptions::default().durable());
    let url = redis.url();
    issuer(Machine::on_redis(&url), Syncs::Hold, Tried::Promise, |_| stored::in_redis(&url)).nothing();
}
