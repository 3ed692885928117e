//! Redis goes away while somebody revokes.

use super::REACH;
use super::world::World;
use crate::support::{until, within};

#[test]
fn r_3_1_while_redis_is_away_a_revocation_is_503_and_when_it_is_back_the_same_request_is_200() {
    let mut world = World::redis();
    world.clients(["billing"]);
    let service = World::service(world.other());
    let (stolen, sister) = (world.token(world.one(), "billing"), world.token(world.one(), "billing"));
    world.redis.as_mut().unwrap().kill9();
    for server in &world.servers {
        let answer = world.revoke(server, "billing", &stolen);
        // An issuer that does not know the client yet cannot say who asks.
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(
            answer.retry_after.is_some() && answer.body["error"] == "temporarily_unavailable",
            "{answer:?}"
        );
    }
    assert_eq!(world.says(&service, &stolen), "200", "nothing was half applied");
    // Rule: tokens go on meanwhile.
    let issued = world.token(world.one(), "billing");
    assert_eq!(world.says(&service, &issued), "200");
    world.redis.as_mut().unwrap().restart();
    until("a revocation", || (world.revoke(world.one(), "billing", &stolen).status == 200).then_some(()));
    within(REACH, "the end of the token", || (world.says(&service, &stolen) == "401 revoked").then_some(()));
    assert_eq!(world.says(&service, &sister), "200");
}

#[test]
fn r_8_4_what_was_acknowledged_outlives_redis() {
    let mut world = World::redis();
    world.clients(["billing"]);
    let mut revoked = Vec::new();
    for _ in 0..3 {
        let stolen = world.token(world.one(), "billing");
        until("a revocation", || (world.revoke(world.one(), "billing", &stolen).status == 200).then_some(()));
        revoked.push(stolen);
        let redis = world.redis.as_mut().unwrap();
        redis.kill9();
        redis.restart();
    }
    // What issuers and services remember goes too.
    for at in 0..2 {
        world.kill_and_restart(at);
    }
    let service = World::service(world.other());
    for stolen in &revoked {
        assert_eq!(world.says(&service, stolen), "401 revoked");
        assert!(!world.is_active(world.one(), "billing", stolen));
    }
    assert_eq!(world.says(&service, &world.token(world.one(), "billing")), "200");
}
