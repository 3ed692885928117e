//! The power is cut while sessions go on: of a Redis, of an issuer before it, of an issuer that has its store in a file.
//! Afterwards the old token works, or its successor can be had. Where a store keeps what it confirmed, no rotation is
//! lost; where it does not, that is told, and no session ends by it.

use super::refresher;
use super::storm::{Line, goes_on, storm};
use crate::dice::{Dice, rounds};
use crate::issuer::Machine;
use crate::power::{Disk, Syncs, Unsynced};
use crate::support::{Folder, Http, Pair, Refresher, Server, counted};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::cell::RefCell;
use std::sync::Mutex;

/// Enough for a store that does not sync to lose something.
const CONTROLS: u32 = 5;

/// Sessions that begin before a store is told not to sync any more.
const BEGUN: usize = 16;

const REGRESSED: &str = "chancery_alarms_total{alarm=\"store_regressed\"}";
const REPLAYED: &str = "chancery_alarms_total{alarm=\"refresh_replayed\"}";

/// What a store is known to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// It keeps what it confirms.
    ToKeep,
    /// It loses some of that.
    ToLose,
}

impl Known {
    fn rounds(self) -> u32 {
        if self == Self::ToKeep { rounds() } else { CONTROLS.max(rounds() / 6) }
    }

    /// One that keeps some of what was not synced shows less.
    fn unsynced(self, dice: &mut Dice) -> Unsynced {
        if self == Self::ToKeep && dice.heads() { Unsynced::Torn } else { Unsynced::Lost }
    }
}

/// What came of it, over all rounds.
#[derive(Debug, Default)]
struct Toll {
    sessions: usize,
    open: u32,
    regressed: u64,
}

impl Toll {
    /// Every session goes on, at each of the issuers in turn.
    fn count(&mut self, round: u32, agent: &Refresher, servers: &[&Server], lines: &[Line]) {
        let http = Http::new();
        let alarms = |series| counted(&http, servers.iter().copied(), series);
        let before = alarms(REGRESSED);
        for (line, server) in lines.iter().zip(servers.iter().cycle()) {
            goes_on(agent, &http, &server.url, line);
        }
        let (regressed, open) =
            (alarms(REGRESSED) - before, lines.iter().filter(|line| line.is_open).count());
        println!("round {round}: {} sessions, {open} of them open; {regressed} had regressed", lines.len());
        assert_eq!(alarms(REPLAYED), 0, "a lost rotation is no replay");
        self.sessions += lines.len();
        self.open += u32::from(open > 0);
        self.regressed += regressed;
    }

    #[track_caller]
    fn nothing_was_lost(&self) {
        assert_eq!(self.regressed, 0, "rotations that were confirmed are lost: {self:?}");
        assert!(self.open >= rounds() / 4, "the cuts hit nothing: {self:?}");
    }

    #[track_caller]
    fn something_was_lost(&self) {
        assert!(self.regressed > 0, "the harness is blind: {self:?}");
    }
}

/// A Redis on a disk that can lose its power.
fn redis_on(disk: &Disk, folder: &Folder) -> RedisServer {
    let options = RedisOptions::default().durable().set("dir", folder.path().to_str().unwrap());
    RedisServer::start(
        disk.environment().into_iter().fold(options, |made, (name, value)| made.env(name, &value)),
    )
}

/// Cuts the power of a Redis under two issuers that go on. `settings` are those of the issuers.
fn redis(appendfsync: &str, known: Known, settings: &[(&str, &str)]) -> Toll {
    let mut dice = Dice::thrown(appendfsync);
    let (folder, mut toll) = (Folder::new(), Toll::default());
    let disk = Disk::under(folder.path(), Syncs::Hold);
    let redis = RefCell::new(redis_on(&disk, &folder));
    let url = redis.borrow().url();
    let set = |machine: Machine| settings.iter().fold(machine, |made, (name, value)| made.set(name, value));
    let first = set(Machine::on_redis(&url));
    let servers = [first.serve(), set(Machine::on_redis(&url)).keyed_like(&first).serve()];
    for round in 0..known.rounds() {
        let agent = refresher(&first, &format!("agent-{round}"));
        let lines = match known {
            Known::ToKeep => {
                let urls: Vec<&str> = servers.iter().map(|server| &*server.url).collect();
                let begin = |http: &Http, url: &str| agent.try_begin(http, url);
                storm(&agent, &urls, begin, &mut dice, || redis.borrow_mut().kill9())
            }
            Known::ToLose => {
                let begun = Mutex::new(begun(&agent, &servers[0]));
                redis.borrow().ask(&["CONFIG", "SET", "appendfsync", appendfsync]);
                let urls: Vec<&str> = servers.iter().map(|server| &*server.url).collect();
                let begin = |_: &Http, _: &str| begun.lock().unwrap().pop();
                storm(&agent, &urls, begin, &mut dice, || redis.borrow_mut().kill9())
            }
        };
        disk.cut(known.unsynced(&mut dice), &mut dice);
        redis.borrow_mut().restart();
        toll.count(round, &agent, &servers.each_ref(), &lines);
    }
    toll
}

/// Sessions of which nothing can be lost but what comes after.
fn begun(agent: &Refresher, server: &Server) -> Vec<Pair> {
    let http = Http::new();
    (0..BEGUN).map(|_| agent.begin(&http, &server.url)).collect()
}

/// Kills one of three issuers over a Redis, and starts it again. The others go on.
fn issuer_over_redis() -> Toll {
    let mut dice = Dice::thrown("issuer over redis");
    let mut toll = Toll::default();
    let redis = RedisServer::start(RedisOptions::default().durable());
    let first = Machine::on_redis(&redis.url());
    let mut servers = vec![first.serve()];
    let others = [(); 2].map(|()| Machine::on_redis(&redis.url()).keyed_like(&first));
    servers.extend(others.iter().map(Machine::serve));
    let machines = [&first, &others[0], &others[1]];
    for round in 0..rounds() {
        let agent = refresher(&first, &format!("agent-{round}"));
        let victim = dice.below(servers.len());
        let urls: Vec<&str> = servers.iter().map(|server| &*server.url).collect();
        let begin = |http: &Http, url: &str| agent.try_begin(http, url);
        let lines = storm(&agent, &urls, begin, &mut dice, || servers[victim].signal("KILL"));
        servers.remove(victim).kill();
        // First at those that went on, then also at the one that is back.
        let is_back = dice.heads();
        let again = is_back.then(|| machines[victim].serve());
        toll.count(round, &agent, &servers.iter().chain(&again).collect::<Vec<_>>(), &lines);
        servers.insert(victim, again.unwrap_or_else(|| machines[victim].serve()));
    }
    toll
}

/// Cuts the power of a machine on which an issuer runs, with its store.
fn issuer_with_its_store(syncs: Syncs, known: Known) -> Toll {
    let mut dice = Dice::thrown("issuer with its store");
    let mut toll = Toll::default();
    let machine = Machine::embedded();
    drop(machine.serve());
    for round in 0..known.rounds() {
        let agent = refresher(&machine, &format!("agent-{round}"));
        let begun = (known == Known::ToLose).then(|| Mutex::new(begun(&agent, &machine.serve())));
        // What is there now is safe.
        let disk = Disk::under(machine.folder.path(), syncs);
        let chancery = disk.environment().into_iter();
        let chancery = chancery.fold(machine.chancery.clone(), |made, (name, value)| made.env(name, value));
        let server = Server::start(&chancery);
        let begin = |http: &Http, url: &str| match &begun {
            Some(begun) => begun.lock().unwrap().pop(),
            None => agent.try_begin(http, url),
        };
        let lines = storm(&agent, &[&server.url], begin, &mut dice, || server.signal("KILL"));
        server.kill();
        let dropped = disk.cut(known.unsynced(&mut dice), &mut dice);
        println!("the power cut took {dropped:?}");
        toll.count(round, &agent, &[&machine.serve()], &lines);
    }
    toll
}

#[test]
fn r_2_7_after_a_power_cut_of_redis_every_session_goes_on_and_no_rotation_is_lost() {
    redis("always", Known::ToKeep, &[]).nothing_was_lost();
}

#[test]
fn r_2_7_after_an_issuer_was_killed_every_session_goes_on_and_no_rotation_is_lost() {
    issuer_over_redis().nothing_was_lost();
}

#[test]
fn r_2_7_after_a_power_cut_of_an_issuer_with_its_store_every_session_goes_on_and_no_rotation_is_lost() {
    issuer_with_its_store(Syncs::Hold, Known::ToKeep).nothing_was_lost();
}

#[test]
fn r_2_7_a_redis_that_syncs_every_second_loses_rotations_and_that_is_told_and_ends_no_session() {
    let attested = [("REVOCATION__DURABILITY", "attested"), ("REVOCATION__ATTESTED_BECAUSE", "A test.")];
    redis("everysec", Known::ToLose, &attested).something_was_lost();
}

#[test]
fn r_2_7_a_redis_that_never_syncs_loses_rotations_and_that_is_told_and_ends_no_session() {
    redis("no", Known::ToLose, &[("REVOCATION__DURABILITY", "volatile")]).something_was_lost();
}

#[test]
fn r_2_7_a_store_in_a_file_that_does_not_sync_loses_rotations_and_that_is_told_and_ends_no_session() {
    issuer_with_its_store(Syncs::Lie, Known::ToLose).something_was_lost();
}
