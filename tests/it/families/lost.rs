//! The answer to a refresh never comes to where it is needed. The same token is shown again, and brings the same successor.

use super::{refresher, seen};
use crate::revocation::world::World;
use crate::support::{Chancery, Http, MovedClock, Server, family, until};
use chancery_tests::swallowing_proxy::{Swallowed, SwallowingProxy};
use std::thread;
use std::time::Duration;

/// More than any grace is.
const FOUR_DAYS: Duration = Duration::from_hours(4 * 24);

/// What is set of each command.
type Set<'s> = &'s dyn Fn(&Chancery) -> Chancery;

fn before(server: &Server) -> SwallowingProxy {
    let address = server.url.strip_prefix("http://").unwrap();
    SwallowingProxy::in_front_of(address.parse().unwrap()).unwrap()
}

#[test]
fn r_2_6_an_answer_that_was_lost_on_its_way_to_the_client_can_be_had_again() {
    for world in World::each() {
        let agent = refresher(&world, "agent");
        let first = agent.begin(&world.http, &world.one().url);
        let proxy = before(world.one());
        let bad = format!("http://{}", proxy.address());
        proxy.swallow(Swallowed::Answers);
        thread::scope(|scope| {
            let unlucky = scope.spawn(|| agent.try_go_on(&Http::new(), &bad, &first.refresh));
            until("the answer that gets lost", || (proxy.swallowed() > 0).then_some(()));
            proxy.cut();
            assert_eq!(unlucky.join().unwrap(), None);
        });
        assert_eq!(seen(&world, "rotated"), 1, "the issuer has done it");
        let again = agent.go_on(&world.http, &world.other().url, &first.refresh);
        let once_more = agent.go_on(&world.http, &world.one().url, &first.refresh);
        assert_eq!(again.refresh, once_more.refresh);
        assert_ne!(again.access, once_more.access);
        assert_eq!((seen(&world, "rotated"), seen(&world, "redelivered")), (1, 2));
        let next = agent.go_on(&world.http, &world.other().url, &again.refresh);
        assert_ne!(next.refresh, again.refresh, "what was delivered is the newest");
        assert_eq!(seen(&world, "rotated"), 2);
    }
}

#[test]
fn r_2_7_an_answer_that_was_lost_between_redis_and_an_issuer_leaves_a_token_that_works() {
    let mut world = World::redis();
    let redis = world.redis.take().unwrap();
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], redis.port()).into()).unwrap();
    // The second issuer, by another way to its store.
    world.servers.remove(1).kill();
    let through = format!("redis://{}/0", proxy.address());
    let chancery = world.machines[1].chancery.clone().set("STORE__REDIS", through);
    world.servers.push(Server::start(&chancery.set("LIMITS__REQUEST_TIMEOUT", "1s")));
    let agent = refresher(&world, "agent");
    let generation = |sid: &str| family(&redis, sid).unwrap().generation.0;
    let mut was_rotated = 0;
    for _ in 0..4 {
        let first = agent.begin(&world.http, &world.other().url);
        // So that nothing but the rotation itself is asked of the store.
        let second = agent.go_on(&world.http, &world.other().url, &first.refresh);
        let sid = second.family();
        proxy.swallow(Swallowed::Answers);
        for _ in 0..2 {
            let told = agent.refused(&world.http, &world.other().url, &second.refresh);
            assert!(told.starts_with("503 temporarily_unavailable store_"), "{told}");
        }
        proxy.heal();
        let done = generation(&sid);
        assert!((1..=2).contains(&done), "rotated once at most: {done}");
        was_rotated += done - 1;
        let third = agent.go_on(&world.http, &world.one().url, &second.refresh);
        assert_eq!(generation(&sid), 2);
        let again = until("the issuer that finds its store again", || {
            agent.try_go_on(&world.http, &world.other().url, &second.refresh)
        });
        assert_eq!(again.refresh, third.refresh);
        assert_ne!(third.refresh, second.refresh);
        assert_ne!(agent.go_on(&world.http, &world.other().url, &again.refresh).refresh, third.refresh);
        assert_eq!(generation(&sid), 3);
    }
    assert!(was_rotated > 0, "no answer of a rotation was lost");
    assert_eq!(seen(&world, "replayed"), 0);
}

#[test]
fn r_2_2_a_client_that_died_before_it_kept_its_token_goes_on_four_days_later_at_issuers_that_died_too() {
    let clock = MovedClock::new();
    let moves = |chancery: &Chancery| clock.moves(chancery);
    for kind in [|set: Set<'_>| World::embedded_with(set), |set: Set<'_>| World::redis_with(3, set)] {
        let mut world = kind(&moves);
        let agent = refresher(&world, "agent");
        let first = agent.begin(&world.http, &world.one().url);
        let died_with = agent.go_on(&world.http, &world.one().url, &first.refresh);
        clock.advance(FOUR_DAYS);
        let again = until("a successor after four days", || {
            agent.try_go_on(&world.http, &world.other().url, &first.refresh)
        });
        assert_eq!(again.refresh, died_with.refresh, "byte for byte");
        clock.advance(FOUR_DAYS);
        for at in 0..world.servers.len() {
            world.kill_and_restart(at);
        }
        for server in &world.servers {
            let again = agent.go_on(&world.http, &server.url, &first.refresh);
            assert_eq!(again.refresh, died_with.refresh, "no issuer remembers it, and each knows it");
        }
        let mut newest = died_with;
        for server in &world.servers {
            newest = agent.go_on(&world.http, &server.url, &newest.refresh);
        }
        // By now a successor of it was used, long after it was rotated away: this is no lost answer any more.
        let told = agent.refused(&world.http, &world.one().url, &first.refresh);
        assert_eq!(told, "400 invalid_grant refresh_token_replayed", "the clock of the issuers was moved");
    }
}
