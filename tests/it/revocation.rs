//! Revocation, from whoever asks for it to a service that refuses: real processes, both stores.

mod cut_off;
mod kinds;
mod restarted;
mod store_away;
pub(crate) mod world;

use crate::support::{AUDIENCE, until, within};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom};
use chancery_verifier::{Freshness, Revocation, Verifier};
use std::time::Duration;
use tokio::runtime::Builder;
use world::{ISSUER, World};

/// Rule: between a revocation and the last verifier that obeys it.
const REACH: Duration = Duration::from_secs(10);

#[test]
fn r50_what_one_issuer_is_told_to_revoke_a_service_that_follows_the_other_refuses_and_its_sisters_work_on() {
    for world in World::each() {
        world.clients(["billing", "neighbour"]);
        let services = [World::service(world.one()), World::service(world.other())];
        let (stolen, sister) = (world.token(world.one(), "billing"), world.token(world.one(), "billing"));
        let others = world.token(world.other(), "neighbour");
        for service in &services {
            for token in [&stolen, &sister, &others] {
                assert_eq!(world.says(service, token), "200");
            }
        }
        let refused = world.revoke(world.one(), "neighbour", &stolen);
        assert_eq!((refused.status, &refused.body["reason"]), (400, &"token_of_another_client".into()));
        assert_eq!(world.revoke(world.one(), "billing", &stolen).status, 200);
        for service in &services {
            within(REACH, "the end of the token", || {
                (world.says(service, &stolen) == "401 revoked").then_some(())
            });
        }
        let later = [world.token(world.one(), "billing"), world.token(world.other(), "billing")];
        for service in &services {
            for token in [&sister, &others, &later[0], &later[1]] {
                assert_eq!(world.says(service, token), "200");
            }
        }
    }
}

#[test]
fn r_3_3_fifty_verifiers_refuse_within_the_bound_and_ask_nobody_about_a_token() {
    let world = World::redis();
    world.clients(["billing"]);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let followed: Vec<(Verifier, Follower)> = runtime.block_on(async {
        let mut followed = Vec::new();
        for server in world.servers.iter().cycle().take(50) {
            let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_mins(2)));
            let verifier = Verifier::new(ISSUER, AUDIENCE, policy).unwrap().environment(Environment::Test);
            let keys = KeysFrom::Url(server.at("/.well-known/jwks.json"));
            let settings = FollowSettings::new(keys, DiskState::Nowhere)
                .log_from(LogFrom::Urls(vec![server.url.clone()]))
                .log_keys_from(LogKeysFrom::Url(server.at("/keys/revocation.json")));
            let follower = Follower::start(&verifier, settings).unwrap();
            followed.push((verifier, follower));
        }
        for (_, follower) in &followed {
            follower.wait_ready(3 * REACH).await.unwrap();
        }
        followed
    });
    let (stolen, sister) = (world.token(world.one(), "billing"), world.token(world.one(), "billing"));
    let now = || SystemClock::new().now();
    let say = |token: &str, now: UnixTime| -> Vec<&'static str> {
        let verdict = |(verifier, _): &(Verifier, Follower)| {
            verifier.verify(token, now).map_or_else(|why| why.reason(), |_| "good")
        };
        followed.iter().map(verdict).collect()
    };
    assert_eq!(say(&stolen, now()), ["good"; 50]);
    assert_eq!(world.revoke(world.one(), "billing", &stolen).status, 200);
    within(REACH, "fifty refusals", || (say(&stolen, now()) == ["revoked"; 50]).then_some(()));
    assert_eq!(say(&sister, now()), ["good"; 50]);
    drop(followed);
}

#[test]
fn what_one_issuer_revoked_the_other_knows_before_it_calls_a_later_token_good() {
    let world = World::redis();
    world.clients(["billing"]);
    for _ in 0..20 {
        let revoked = world.token(world.one(), "billing");
        assert_eq!(world.revoke(world.one(), "billing", &revoked).status, 200);
        assert!(!world.is_active(world.one(), "billing", &revoked));
        // It was issued after an entry that the other one may not have seen yet.
        let later = world.token(world.one(), "billing");
        assert!(world.is_active(world.other(), "billing", &later));
        assert!(
            !world.is_active(world.other(), "billing", &revoked),
            "who knows of the later knows of the earlier"
        );
    }
}

#[test]
fn an_entry_reaches_the_other_issuer_although_nobody_asks_it() {
    let world = World::redis();
    world.clients(["billing"]);
    let token = world.token(world.one(), "billing");
    assert!(world.is_active(world.other(), "billing", &token));
    assert_eq!(world.revoke(world.one(), "billing", &token).status, 200);
    until("the entry at the other issuer", || {
        (!world.is_active(world.other(), "billing", &token)).then_some(())
    });
    assert_eq!(
        world.revoke(world.other(), "billing", &token).status,
        200,
        "and again, which appends nothing"
    );
}
