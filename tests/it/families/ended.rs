//! What is revoked does not go on, at any issuer, and ends where it is used.

use super::refresher;
use crate::revocation::world::World;
use crate::support::{Chancery, Documint, Pair, Refresher, owed, until, within};
use std::time::Duration;

/// Rule: between a revocation and the last service that obeys it.
const REACH: Duration = Duration::from_secs(10);

const ENDED: &str = "400 invalid_grant refresh_token_ended";

struct Town {
    world: World,
    service: Documint,
    agent: Refresher,
    neighbour: Refresher,
}

impl Town {
    fn of(world: World) -> Self {
        let [agent, neighbour] = ["agent", "neighbour"].map(|id| refresher(&world, id));
        let abroad = [
            ["client", "create", "abroad", "--owner", "team-billing", "--purpose", "mirrors invoices"],
            ["--tenant", "globex", "--expires", "90d", "--scope", "invoices:read=reads them", "--out"],
        ];
        let more = ["abroad.secret", "--unbounded", "mirrors every project"];
        world.machines[0].chancery.run(&[&abroad.concat()[..], &more].concat()).expect(0);
        Self { service: World::service(world.other()), world, agent, neighbour }
    }

    /// A session that began at each issuer, which works.
    fn sessions(&self, whose: &Refresher) -> Vec<Pair> {
        let begin = |server| {
            let pair = whose.begin(&self.world.http, server);
            self.world.comes_to_say_of(&self.service, REACH, "200", || pair.access.clone());
            pair
        };
        self.world.servers.iter().map(|server| begin(&server.url)).collect()
    }

    fn revoke(&self, words: &[&str]) {
        let words = [&["revoke"], words, &["--reason", "it was found on a page"]].concat();
        self.world.machines[0].chancery.run(&words).expect(0);
    }

    /// They go on nowhere, and are refused where they are used.
    fn are_over(&self, whose: &Refresher, pairs: &[Pair]) {
        let Self { world, service, .. } = self;
        for pair in pairs {
            world.comes_to_say_of(service, REACH, "401 revoked", || pair.access.clone());
            for server in &world.servers {
                // Asking about the access token rotates nothing.
                within(REACH, "an issuer that has heard of it", || {
                    (!world.is_active(server, &whose.id, &pair.access)).then_some(())
                });
                for _ in 0..2 {
                    assert_eq!(whose.refused(&world.http, &server.url, &pair.refresh), ENDED);
                }
            }
        }
    }

    /// They work, and go on at every issuer.
    fn live_on(&self, whose: &Refresher, pairs: &[Pair]) {
        let Self { world, service, .. } = self;
        for pair in pairs {
            assert_eq!(world.says(service, &pair.access), "200");
            let mut newest = pair.clone();
            for server in &world.servers {
                newest = whose.go_on(&world.http, &server.url, &newest.refresh);
            }
            world.comes_to_say_of(service, REACH, "200", || newest.access.clone());
        }
    }

    /// Whoever was revoked begins anew, once every issuer has heard of it.
    fn begins_anew(&self, whose: &Refresher) {
        for server in &self.world.servers {
            let works = |pair: &Pair| self.world.says(&self.service, &pair.access) == "200";
            let pair = until("a session that was not revoked", || {
                Some(whose.begin(&self.world.http, &server.url)).filter(works)
            });
            self.live_on(whose, &[pair]);
        }
    }
}

fn each() -> [Town; 2] {
    [World::embedded(), World::redis_with(3, Chancery::clone)].map(Town::of)
}

#[test]
fn r51_r_3_7_a_family_that_is_revoked_ends_everywhere_and_its_sisters_go_on() {
    for town in each() {
        let (ended, sisters) = (town.sessions(&town.agent), town.sessions(&town.agent));
        let others = town.sessions(&town.neighbour);
        for pair in &ended {
            town.revoke(&["family", &pair.family()]);
        }
        town.are_over(&town.agent, &ended);
        if let Some(redis) = &town.world.redis {
            until("a store that owes the log nothing", || owed(redis).is_empty().then_some(()));
        }
        town.live_on(&town.agent, &sisters);
        town.live_on(&town.neighbour, &others);
    }
}

#[test]
fn r50_r51_a_client_that_is_revoked_refreshes_nowhere_and_begins_anew() {
    for town in each() {
        let (ended, others) = (town.sessions(&town.agent), town.sessions(&town.neighbour));
        town.revoke(&["client", "agent"]);
        town.are_over(&town.agent, &ended);
        town.live_on(&town.neighbour, &others);
        town.begins_anew(&town.agent);
    }
}

#[test]
fn r50_r51_families_that_are_older_than_the_end_of_their_tenant_refresh_nowhere() {
    for town in each() {
        let (ended, others) = (town.sessions(&town.agent), town.sessions(&town.neighbour));
        town.revoke(&["tenant", "globex"]);
        let beside = town.sessions(&town.agent);
        town.live_on(&town.agent, &beside);
        town.revoke(&["tenant", "acme"]);
        town.are_over(&town.agent, &[ended, beside].concat());
        town.are_over(&town.neighbour, &others);
        town.begins_anew(&town.agent);
    }
}

#[test]
fn r50_r51_after_everything_was_revoked_no_family_goes_on() {
    for town in each() {
        let (ended, others) = (town.sessions(&town.agent), town.sessions(&town.neighbour));
        town.revoke(&["all", "--yes"]);
        town.are_over(&town.agent, &ended);
        town.are_over(&town.neighbour, &others);
        town.begins_anew(&town.agent);
    }
}

#[test]
fn r51_a_refresh_key_that_is_revoked_ends_every_family_under_it_at_every_issuer() {
    for town in each() {
        let ended = town.sessions(&town.agent);
        town.revoke(&["refresh-epoch", "0"]);
        for pair in &ended {
            for server in &town.world.servers {
                // One that has not heard of it yet delivers the same successor again.
                let told = within(REACH, "an issuer that has heard of it", || {
                    town.agent.shows(&town.world.http, &server.url, &pair.refresh).err()
                });
                assert_eq!(told, "400 invalid_grant refresh_token_epoch_revoked");
            }
        }
        for server in &town.world.servers {
            let fresh = town.agent.begin(&town.world.http, &server.url);
            town.live_on(&town.agent, &[fresh]);
        }
    }
}
