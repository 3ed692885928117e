//! What happens when time passes and when processes end, with real clocks.

use super::asker::Ask;
use super::program::Program;
use super::world::{Front, World};
use crate::support::{Folder, until};

#[test]
fn r05_a_token_of_a_second_is_refused_as_expired_once_that_second_is_over() {
    a_token_of_a_second_ends(&World::new());
}

/// Asks with a token until it ends.
pub(crate) fn a_token_of_a_second_ends<F: Front>(world: &World<F>) {
    let words = ["client", "create", "mayfly", "--owner", "team-billing", "--purpose", "lives for a second"];
    let grant =
        ["--tenant", "acme", "--scope", "invoices:read=looks once", "--expires", "1d", "--lifetime", "1s"];
    let rest = ["--unbounded", "there is no time to choose", "--out", "mayfly.secret"];
    world.chancery.run(&[&words[..], &grant, &rest].concat()).expect(0);
    let token = world.token("mayfly");
    let refused = until("the end of the token", || {
        let answer = world.asker.get(world.url(), "/invoices", &token);
        assert!([200, 401].contains(&answer.status), "{answer:?}");
        (answer.status == 401).then_some(answer)
    });
    assert_eq!(refused.json()["reason"], "expired");
    assert!(refused.challenge.unwrap().contains("error=\"invalid_token\""));
}

#[test]
fn s1_without_keys_the_service_says_try_again_and_blames_no_token() {
    let world = World::new();
    let folder = Folder::new();
    // Nothing listens at port 1.
    let alone = Program::start(&folder, "http://127.0.0.1:1", &[]);
    a_service_without_keys_blames_no_token(&world, &alone);
}

/// Asks a service that never had keys.
pub(crate) fn a_service_without_keys_blames_no_token<F: Front>(world: &World<F>, alone: &F) {
    let token = world.token("support-tool");
    let answer = world.asker.get(alone.url(), "/invoices", &token);
    assert_eq!((answer.status, answer.json()["reason"].as_str()), (503, Some("keys_unavailable")));
    assert_eq!((answer.challenge.as_deref(), answer.header("retry-after")), (None, "5"));
    let health = world.asker.ask(alone.url(), Ask { method: "GET", path: "/healthz", body: "" }, &[]);
    assert_eq!((health.status, &*health.text), (200, "ok"));
}

#[test]
fn s1_the_service_starts_and_verifies_while_the_issuer_is_away_from_the_keys_it_kept() {
    let world = World::new();
    let state = world.folder.file("documint-keys").display().to_string();
    let token = world.token("support-tool");
    let first = Program::start(&world.folder, &world.issuer.url, &["--state", &state]);
    world.wait_for_keys(&first);
    assert_eq!(first.terminated(), 0, "SIGTERM ends it well");
    let World { folder, issuer, asker, .. } = world;
    let url = issuer.url.clone();
    issuer.kill();
    let second = Program::start(&folder, &url, &["--state", &state]);
    assert_eq!(asker.get(&second.url, "/invoices/A-1", &token).status, 200);
}
