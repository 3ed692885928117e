//! Everything that can be named in a revocation, ended where it is used: by the command on one machine, at services
//! that follow the issuer of another.

use super::REACH;
use super::world::World;
use crate::support::{Documint, within};
use serde_json::Value;

const WHY: &str = "it was found on a page";

fn ends(world: &World, service: &Documint, token: &str) {
    world.comes_to_say_of(service, REACH, "401 revoked", || token.to_owned());
}

/// Works, at the latest when the service has heard what it has to.
fn works(world: &World, service: &Documint, token: &str) {
    world.comes_to_say_of(service, REACH, "200", || token.to_owned());
}

/// Runs `chancery revoke`, first as a plan that changes nothing.
fn revoke(world: &World, words: &[&str]) -> Value {
    let chancery = &world.machines[0].chancery;
    let words = [&["revoke"], words, &["--reason", WHY, "--json"]].concat();
    let plan = chancery.run(&[&words[..], &["--plan"]].concat()).expect(0).json();
    assert_eq!((&plan["planned"], &plan["sequence"]), (&true.into(), &Value::Null), "{plan}");
    let done = chancery.run(&words).expect(0).json();
    assert!(done["planned"] == false && done["sequence"].is_number(), "{done}");
    done
}

#[test]
fn r_3_2_a_client_a_subject_a_tenant_and_everything_end_by_one_entry_each() {
    for world in World::each() {
        world.clients(["billing", "neighbour"]);
        let abroad =
            ["client", "create", "abroad", "--owner", "team-billing", "--purpose", "mirrors invoices"];
        let more =
            ["--tenant", "globex", "--scope", "invoices:read=reads what is mirrored", "--expires", "90d"];
        let reach = ["--unbounded", "mirrors every project", "--out", "abroad.secret"];
        world.machines[0].chancery.run(&[&abroad[..], &more, &reach].concat()).expect(0);
        let service = World::service(world.other());
        for (words, ended, lives) in [
            (&["client", "billing"][..], &["billing"][..], &["neighbour"][..]),
            (&["subject", "neighbour"], &["neighbour"], &["billing"]),
            (&["tenant", "acme"], &["billing", "neighbour"], &["abroad"]),
            (&["tenant", "globex"], &["abroad"], &["billing", "neighbour"]),
            (&["all", "--yes"], &["billing", "neighbour", "abroad"], &[]),
        ] {
            let of = |ids: &[&str]| -> Vec<String> {
                let both = |id: &&str| [world.token(world.one(), id), world.token(world.other(), id)];
                ids.iter().flat_map(both).collect()
            };
            let (ended, lives) = (of(ended), of(lives));
            for token in ended.iter().chain(&lives) {
                works(&world, &service, token);
            }
            revoke(&world, words);
            for token in &ended {
                ends(&world, &service, token);
            }
            for token in &lives {
                assert_eq!(world.says(&service, token), "200", "{words:?}");
            }
            // Whoever may goes on with a new one, once the issuer that it asks has heard of the entry. The service hears of
            // it by one issuer; what the other one signs until it has heard too is ended with the rest.
            for (server, id) in world
                .servers
                .iter()
                .flat_map(|server| ["billing", "neighbour", "abroad"].map(|id| (server, id)))
            {
                world.comes_to_say_of(&service, REACH, "200", || world.token(server, id));
            }
        }
    }
}

#[test]
fn r57_r50_who_finds_a_token_ends_it_with_nothing_else_in_hand() {
    for world in World::each() {
        world.clients(["billing"]);
        let service = World::service(world.other());
        let (found, sister) = (world.token(world.one(), "billing"), world.token(world.one(), "billing"));
        works(&world, &service, &found);
        let chancery = &world.machines[0].chancery;
        chancery
            .run_with_input(&["revoke", "token", "-", "--reason", WHY, "--json"], found.as_bytes())
            .expect(0);
        ends(&world, &service, &found);
        assert_eq!(world.says(&service, &sister), "200");
    }
}

#[test]
fn r_10_1_a_key_that_leaked_ends_with_all_that_it_signed_and_the_next_one_signs_at_once() {
    for world in World::each() {
        world.clients(["billing"]);
        let service = World::service(world.other());
        let signed = [world.token(world.one(), "billing"), world.token(world.other(), "billing")];
        for token in &signed {
            works(&world, &service, token);
        }
        let keys = world.machines[0].chancery.run(&["key", "list", "--json"]).expect(0).json();
        let signs = |key: &&Value| key["format"] == "jwt" && key["state"] == "active";
        let kid = keys["keys"].as_array().unwrap().iter().find(signs).unwrap()["kid"].as_str().unwrap();
        revoke(&world, &["key", kid]);
        for token in &signed {
            within(REACH, "the end of the key", || {
                let said = world.says(&service, token);
                ["401 revoked", "401 unknown_key"].contains(&&*said).then_some(())
            });
        }
        for server in &world.servers {
            within(REACH, "a token of the next key", || {
                let token = world.token(server, "billing");
                (world.says(&service, &token) == "200").then_some(())
            });
        }
    }
}

#[test]
fn r57_a_secret_that_is_dropped_as_leaked_takes_the_tokens_with_it_and_the_other_secret_goes_on() {
    for world in World::each() {
        world.clients(["billing"]);
        let service = World::service(world.other());
        let stolen = world.token(world.one(), "billing");
        works(&world, &service, &stolen);
        let machine = &world.machines[0];
        let show = machine.chancery.run(&["client", "show", "billing", "--json"]).expect(0).json();
        let leaked = show["secrets"][0]["id"].as_str().unwrap().to_owned();
        machine.chancery.run(&["client", "secret", "add", "billing", "--out", "next.secret"]).expect(0);
        machine.chancery.run(&["client", "secret", "drop", "billing", &leaked, "--leaked"]).expect(0);
        ends(&world, &service, &stolen);
        let next = machine.folder.read("next.secret");
        within(REACH, "a token by the other secret", || {
            let answer = world.http.ask_for_token(&world.other().url, "billing", next.trim_end(), "");
            let token = answer.body["access_token"].as_str()?.to_owned();
            (world.says(&service, &token) == "200").then_some(())
        });
    }
}

#[test]
fn r06_a_client_that_may_less_is_cut_off_and_goes_on_with_less() {
    for world in World::each() {
        let chancery = &world.machines[0].chancery;
        chancery.create_client("billing", &["--scope", "invoices:create=writes what is missing"]).expect(0);
        let service = World::service(world.other());
        let wide = world.http.ask_for_token(
            &world.one().url,
            "billing",
            &world.secret("billing"),
            "&scope=invoices:read+invoices:create",
        );
        let wide = wide.body["access_token"].as_str().unwrap().to_owned();
        works(&world, &service, &wide);
        let less = ["client", "update", "billing", "--scope", "invoices:read=reads what is mirrored"];
        chancery.run(&less).expect(0);
        ends(&world, &service, &wide);
        within(REACH, "a token with less", || {
            let token = world.ask(world.other(), "billing").ok()?;
            (world.says(&service, &token) == "200").then_some(())
        });
    }
}
