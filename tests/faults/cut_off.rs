//! Two issuers on one Redis, of which one or the other is cut off from it. A token that is issued in the dark does not
//! outlive a revocation that its issuer could not see.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Places};
use crate::issuer::{Admin, Machine, token_itself};
use crate::support::{Http, Server, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_tests::swallowing_proxy::{Swallowed, SwallowingProxy};
use chancery_verifier::clock::SystemClock;
use serde_json::{Value, json};
use std::sync::Arc;

/// One issuer, and its way to the Redis.
struct Side {
    proxy: SwallowingProxy,
    server: Server,
}

struct World {
    sides: [Side; 2],
    /// Both issuers have its master key, and the client is registered from it.
    machine: Machine,
    http: Http,
    _redis: RedisServer,
}

impl World {
    fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default().durable());
        let machine = Machine::on_redis(&redis.url());
        // The first start makes the master key, and the first administrator.
        drop(machine.serve());
        machine.register("billing");
        let side = || {
            let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], redis.port()).into()).unwrap();
            let through = format!("redis://{}/0", proxy.address());
            let server = Machine::on_redis(&through).keyed_like(&machine).serve();
            Side { proxy, server }
        };
        Self { sides: [side(), side()], http: Http::new(), _redis: redis, machine }
    }

    fn token(&self, side: usize) -> String {
        self.machine.token(&self.http, &self.sides[side].server.url, "billing")
    }

    fn admin(&self, side: usize) -> Admin {
        Admin::of(&self.machine, &self.sides[side].server.url)
    }
}

fn everything_of_the_client() -> Value {
    json!({"kind": "client", "id": "billing", "reason": "its machine was broken into"})
}

#[test]
fn what_one_issuer_revokes_ends_what_the_other_issues_in_the_dark() {
    let mut dice = Dice::thrown("cut off");
    let world = World::new();
    let urls: Vec<String> = world.sides.iter().map(|side| side.server.url.clone()).collect();
    let gates = [0, 1].map(|side| {
        let places =
            Places { keys: urls[side].clone(), log: vec![urls[side].clone(), urls[1 - side].clone()] };
        Gate::open(&places, Arc::new(SystemClock::new()))
    });
    let admins = [world.admin(0), world.admin(1)];
    let mut revoked = Vec::new();
    for round in 0..rounds() {
        let (dark, light) = if round % 2 == 0 { (0, 1) } else { (1, 0) };
        let [one, other] = [dark, light].map(|side| world.token(side));
        for gate in &gates {
            assert_eq!((gate.says(&one), gate.says(&other)), ("good", "good"), "round {round}");
        }
        let proxy = &world.sides[dark].proxy;
        // Silence costs seconds, a refusal nothing.
        match dice.below(6) {
            0 => proxy.swallow(Swallowed::Everything),
            1 => proxy.swallow(Swallowed::Answers),
            _ => proxy.refuse(),
        }
        // The light side revokes; what the dark one says that it revoked must be true all the same.
        let at = admins[light].revoke(&token_itself(&one));
        let all = admins[light].revoke(&everything_of_the_client());
        assert!(all > at);
        let in_the_dark = world.token(dark);
        gates[light].reaches(all);
        assert_eq!(
            gates[light].says(&in_the_dark),
            "revoked",
            "round {round}: it was issued around a revocation"
        );
        let told = admins[dark].try_revoke(&token_itself(&other));
        assert_eq!(told, None, "round {round}: nobody could hear that");
        proxy.heal();
        // It sees again what it missed: until it has, its tokens are of no use.
        let after = until("a token that counts", || {
            let token = world.token(dark);
            (gates[light].says(&token) == "good").then_some(token)
        });
        let last = until("a revocation by the one that was cut off", || {
            admins[dark].try_revoke(&token_itself(&other))
        });
        revoked.extend([one, other, in_the_dark]);
        for gate in &gates {
            gate.reaches(last);
            for token in &revoked {
                assert_eq!(gate.says(token), "revoked", "round {round}");
            }
            assert_eq!(gate.says(&after), "good", "round {round}");
            assert_eq!(gate.alarms(), 0, "round {round}: nothing was lost");
        }
    }
}
