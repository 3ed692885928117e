//! A replay ends a session in its record first, and then in the revocation log, which every service follows. An issuer
//! that dies between the two leaves a debt, and any other one pays it.

use super::{refresher, says};
use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Places};
use crate::issuer::Machine;
use crate::support::{Folder, Http, MovedClock, Pair, Refresher, Server, family, owed, until};
use chancery_issuer::family::{FamilyState, WhyEnded};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_verifier::LONGEST_STALENESS;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Just over the grace in which a token that was rotated away is a late worker's.
const OVER_GRACE: Duration = Duration::from_secs(121);

/// The user of the Redis that the first issuer is.
const USER: &str = "first";
const PASSWORD: &str = "a-password-of-a-test";

/// How long after a replay begins its issuer is killed at the latest: some moments longer than it takes.
const MOMENTS: usize = 4000;

/// Two issuers, of which the first one can be kept from writing the log, and a service that follows the second one.
struct World {
    gate: Gate,
    second: Server,
    first_machine: Machine,
    clock: Arc<MovedClock>,
    http: Http,
    redis: RedisServer,
    _password: Folder,
}

impl World {
    fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default().durable());
        let clock = Arc::new(MovedClock::new());
        let second_machine = Machine::on_redis(&redis.url()).by(&clock);
        let second = second_machine.serve();
        let password = Folder::new();
        let file = password.write("password", PASSWORD);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        redis.ask(&[
            "ACL",
            "SETUSER",
            USER,
            "on",
            &format!(">{PASSWORD}"),
            "+@all",
            "allkeys",
            "allchannels",
        ]);
        let first_machine = Machine::on_redis(&redis.url()).keyed_like(&second_machine).by(&clock);
        let first_machine = first_machine.set("STORE__USERNAME", USER);
        let first_machine = first_machine.set("STORE__PASSWORD_FILE", file.to_str().unwrap());
        let places = Places { keys: second.url.clone(), log: vec![second.url.clone()] };
        let gate = Gate::start(&places, LONGEST_STALENESS, None, clock.clone());
        gate.wait_ready();
        Self { gate, second, first_machine, clock, http: Http::new(), redis, _password: password }
    }

    /// The first issuer reads the log from now on, and writes it no more; what else it does it may do.
    fn keep_the_first_from_the_log(&self) {
        let but_the_log =
            ["~{f*", "~{chancery}:store", "~{chancery}:c*", "~{chancery}:k*", "~{chancery}:families*"];
        let words = [&["ACL", "SETUSER", USER, "resetkeys"], &but_the_log[..], &["%R~{chancery}:log*"]];
        self.redis.ask(&words.concat());
    }

    /// A session of which the first token was rotated away so long ago that it is a replay.
    fn old_session(&self, agent: &Refresher, url: &str) -> [Pair; 3] {
        let go_on = |from: &Pair| until("a successor", || agent.try_go_on(&self.http, url, &from.refresh));
        let first = until("a session", || agent.try_begin(&self.http, url));
        let second = go_on(&first);
        let third = go_on(&second);
        self.clock.advance(OVER_GRACE);
        [first, second, third]
    }

    fn is_ended(&self, pair: &Pair) -> bool {
        let state = family(&self.redis, &pair.family()).unwrap().state;
        assert!(!matches!(state, FamilyState::Ended { why: WhyEnded::Revoked, .. }));
        matches!(state, FamilyState::Ended { .. })
    }

    /// The second issuer tells what nobody told, and the service refuses.
    fn is_told(&self, agent: &Refresher, pairs: &[Pair]) {
        for pair in pairs {
            self.gate.comes_to(&pair.access, "revoked");
            let told = says(agent, &self.http, &self.second.url, &pair.refresh);
            assert_eq!(told, Err("400 invalid_grant refresh_token_ended".to_owned()));
        }
        until("a store that owes nothing", || owed(&self.redis).is_empty().then_some(()));
    }
}

#[test]
fn r51_a_replay_whose_issuer_died_before_the_log_had_it_is_told_by_another_issuer() {
    let world = World::new();
    let first = world.first_machine.serve();
    let agent = refresher(&world.first_machine, "agent");
    let pairs = world.old_session(&agent, &first.url);
    let sister = until("a session", || agent.try_begin(&world.http, &first.url));
    world.keep_the_first_from_the_log();
    // Whoever could tell in its place waits.
    world.second.signal("STOP");
    let told = says(&agent, &world.http, &first.url, &pairs[0].refresh);
    assert_eq!(told, Err("400 invalid_grant refresh_token_replayed".to_owned()));
    first.kill();
    assert!(world.is_ended(&pairs[2]), "the record says it");
    assert_eq!(owed(&world.redis).len(), 1, "and the store knows that the log does not");
    for pair in &pairs {
        assert_eq!(world.gate.says(&pair.access), "good", "nobody was told of it");
    }
    world.second.signal("CONT");
    world.is_told(&agent, &pairs);
    assert_eq!(world.gate.says(&sister.access), "good");
    until("a successor", || agent.try_go_on(&world.http, &world.second.url, &sister.refresh));
}

#[test]
fn r51_an_issuer_that_is_killed_at_a_replay_leaves_a_session_that_lives_or_one_that_ends_everywhere() {
    let mut dice = Dice::thrown("killed at a replay");
    let world = World::new();
    let (mut ended, mut indebted) = (0, 0);
    for round in 0..rounds() {
        let first = world.first_machine.serve();
        let agent = refresher(&world.first_machine, &format!("agent-{round}"));
        let pairs = world.old_session(&agent, &first.url);
        until("a service that knows of the moved clock", || {
            (world.gate.says(&pairs[2].access) == "good").then_some(())
        });
        world.second.signal("STOP");
        let moments = dice.below(MOMENTS);
        thread::scope(|scope| {
            let replay = scope.spawn(|| agent.try_shows(&Http::new(), &first.url, &pairs[0].refresh));
            for _ in 0..moments {
                thread::yield_now();
            }
            first.signal("KILL");
            // What it was told, if anything, says nothing about what was written.
            drop(replay.join().unwrap());
        });
        first.kill();
        let (is_ended, owes) = (world.is_ended(&pairs[2]), !owed(&world.redis).is_empty());
        world.second.signal("CONT");
        if is_ended {
            world.is_told(&agent, &pairs);
        } else {
            assert!(!owes);
            assert_eq!(world.gate.says(&pairs[2].access), "good");
            let newest = &pairs[2].refresh;
            until("a successor", || agent.try_go_on(&world.http, &world.second.url, newest));
        }
        ended += u32::from(is_ended);
        indebted += u32::from(owes);
    }
    println!("of {} sessions {ended} were ended, {indebted} of them with a debt", rounds());
    assert!(ended > 0, "every kill came too early");
}
