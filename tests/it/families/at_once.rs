//! Many workers of one client, each with the same refresh token.

use super::{refresher, seen};
use crate::revocation::world::World;
use crate::support::{Chancery, Http, Pair};
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

/// Rule is about as many as this.
const MOST: usize = 100;

/// So many refresh at once: one rotation, and every one of them has its successor.
fn at_once(world: &World) {
    let agent = refresher(world, "agent");
    let workers: Vec<Http> = (0..MOST).map(|_| Http::new()).collect();
    for count in [2, 64, MOST] {
        let first = agent.begin(&world.http, &world.one().url);
        let (rotated, redelivered) = (seen(world, "rotated"), seen(world, "redelivered"));
        let (agent, start) = (&agent, Barrier::new(count));
        let pairs: Vec<Pair> = thread::scope(|scope| {
            let at_work: Vec<_> = workers
                .iter()
                .take(count)
                .zip(world.servers.iter().cycle())
                .map(|(http, server)| {
                    let (first, start) = (&first, &start);
                    scope.spawn(move || {
                        start.wait();
                        agent.go_on(http, &server.url, &first.refresh)
                    })
                })
                .collect();
            at_work.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let distinct = |part: fn(&Pair) -> &String| pairs.iter().map(part).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(|pair| &pair.refresh), 1, "one successor for {count}");
        assert_eq!(distinct(|pair| &pair.access), count, "an access token for each");
        assert_eq!(seen(world, "rotated") - rotated, 1, "{count} at once");
        assert_eq!(seen(world, "redelivered") - redelivered, u64::try_from(count).unwrap() - 1);
        assert_ne!(pairs[0].refresh, first.refresh);
        // It lives on, at every issuer.
        let mut newest = pairs[0].clone();
        for server in &world.servers {
            let next = agent.go_on(&world.http, &server.url, &newest.refresh);
            assert_ne!(next.refresh, newest.refresh);
            newest = next;
        }
        for server in &world.servers {
            let late = agent.go_on(&world.http, &server.url, &first.refresh);
            assert_eq!(late.refresh, newest.refresh, "a late worker gets the newest, and no fork");
        }
    }
    assert_eq!(seen(world, "replayed"), 0);
}

#[test]
fn r_2_1_refreshes_of_one_token_at_once_over_three_issuers_are_one_rotation() {
    at_once(&World::redis_with(3, Chancery::clone));
}

#[test]
fn r_2_1_refreshes_of_one_token_at_once_at_an_issuer_with_its_own_store_are_one_rotation() {
    at_once(&World::embedded());
}
