//! A Redis that lost what it had promised to keep: emptied, or put back as it was some time ago. It is noticed by the
//! next revocation, nothing revoked is accepted, and what anybody still knows is restored.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Places};
use crate::issuer::{Admin, Machine, any_id, token_itself, token_of_id};
use crate::support::{Folder, Http, Server, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_verifier::clock::SystemClock;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// `FLUSHALL`, and the last backup is put back.
    Flushed,
    /// It stopped, and the last backup was put back.
    OldBackup,
}

struct World {
    redis: RedisServer,
    data: Folder,
    machine: Machine,
    http: Http,
}

impl World {
    fn new() -> Self {
        let data = Folder::new();
        let options = RedisOptions::default().durable().set("dir", data.path().to_str().unwrap());
        let redis = RedisServer::start(options);
        let machine = Machine::on_redis(&redis.url());
        Self { redis, data, machine, http: Http::new() }
    }

    fn token(&self, server: &Server, id: &str) -> String {
        self.machine.token(&self.http, &server.url, id)
    }

    /// Copies the files of the Redis, while nobody writes.
    fn back_up(&self) -> Folder {
        let backup = Folder::new();
        copy(self.data.path(), backup.path());
        backup
    }

    /// Starts the Redis with a backup in the place of what it has.
    fn put_back(&mut self, backup: &Folder) {
        self.redis.kill9();
        std::fs::remove_dir_all(self.data.file("appendonlydir")).unwrap();
        copy(backup.path(), self.data.path());
        self.redis.restart();
    }
}

impl World {
    /// Waits until the issuer has written down that it saw this: within a second, and a kill is faster.
    fn has_noted(&self, sequence: u64) {
        until("the journal", || {
            let journal = std::fs::read_to_string(self.machine.folder.file(".chancery/revocation.journal"));
            journal.is_ok_and(|journal| journal.contains(&sequence.to_string())).then_some(())
        });
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn lose(loss: Loss, dice: &mut Dice) {
    let mut world = World::new();
    let server = world.machine.serve();
    for id in ["billing", "partner"] {
        world.machine.register(id);
    }
    let admin = Admin::of(&world.machine, &server.url);
    let places = Places { keys: server.url.clone(), log: vec![server.url.clone()] };
    let clock = Arc::new(SystemClock::new());
    let gate = Gate::open(&places, clock.clone());
    let live = world.token(&server, "billing");
    let partners = world.token(&server, "partner");
    let mut revoked = Vec::new();
    let mut last = 0;
    let (before, after) = (1 + dice.below(20), 1 + dice.below(20));
    for _ in 0..before {
        revoked.push(world.token(&server, "billing"));
        last = admin.revoke(&token_itself(revoked.last().unwrap()));
    }
    gate.reaches(last);
    let backup = world.back_up();
    for _ in 0..after {
        revoked.push(world.token(&server, "billing"));
        last = admin.revoke(&token_itself(revoked.last().unwrap()));
    }
    last = admin.revoke(&json!({"kind": "client", "id": "partner", "reason": "it left"})).max(last);
    revoked.push(partners);
    gate.reaches(last);

    let refuses_them = |gate: &Gate, when: &str| {
        for token in &revoked {
            assert_eq!(gate.says(token), "revoked", "{loss:?}: {when}");
        }
    };
    if loss == Loss::Flushed {
        world.redis.ask(&["FLUSHALL"]);
        assert_eq!(admin.try_revoke(&token_of_id(any_id(dice))), None, "into an empty store");
        refuses_them(&gate, "after the loss");
    }
    world.put_back(&backup);
    // From the first answer on.
    until("the issuer that notices", || {
        assert_eq!(admin.try_revoke(&token_of_id(any_id(dice))), None, "behind what was revoked");
        admin.log().filter(|log| log["state"] == "lost")
    });
    refuses_them(&gate, "after the backup was put back");
    assert_eq!(gate.says(&live), "good", "{loss:?}: what is known is young enough");
    // Its documents are not confirmed any more, and say what was known.
    let newcomer = Gate::open(&places, clock.clone());
    newcomer.reaches(last);
    refuses_them(&newcomer, "to a verifier that comes now");
    if dice.heads() {
        server.signal("TERM");
        server.ended();
    } else {
        world.has_noted(last);
        server.kill();
    }
    let refused = world.machine.chancery.run(&["serve", "--listen", "127.0.0.1:0"]).expect(5);
    assert!(refused.err.contains("chancery revocation recover"), "{refused:?}");

    let is_whole = dice.heads();
    let words: &[&str] = if is_whole { &["--all-issuers", "--yes"] } else { &["--yes"] };
    let told = world.machine.chancery.run(&[&["revocation", "recover"], words].concat()).expect(0);
    println!("{loss:?}: {}{}", told.out, told.err);
    let server = world.machine.serve();
    let places = Places { keys: server.url.clone(), log: vec![server.url.clone()] };
    let newcomer = Gate::open(&places, clock);
    refuses_them(&newcomer, "after the recovery");
    let admin = Admin::of(&world.machine, &server.url);
    let fresh = world.token(&server, "billing");
    newcomer.reaches(admin.revoke(&token_of_id(any_id(dice))));
    // Where nobody says that no other issuer wrote there, everything that was issued before is revoked.
    let expected = if is_whole { "good" } else { "revoked" };
    assert_eq!(
        (newcomer.says(&live), newcomer.says(&fresh)),
        (expected, "good"),
        "{loss:?}: {:?}",
        admin.log()
    );
}

#[test]
fn a_redis_that_was_emptied_loses_no_revocation() {
    let mut dice = Dice::thrown("emptied");
    for _ in 0..rounds() {
        lose(Loss::Flushed, &mut dice);
    }
}

#[test]
fn a_redis_that_was_put_back_in_time_loses_no_revocation() {
    let mut dice = Dice::thrown("put back");
    for _ in 0..rounds() {
        lose(Loss::OldBackup, &mut dice);
    }
}
