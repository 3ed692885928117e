//! The issuer is away: what is known is used, for as long as was said.

use super::world::World;
use crate::support::until;

#[test]
fn a_gate_restarts_from_its_folder_while_the_issuer_is_away() {
    let mut world = World::new();
    let gate = world.gate();
    let (good, bad) = (world.token(), world.token());
    world.revoke(&bad);
    let refused = |gate| (world.asker.says(gate, "GET", "/invoices", &bad) == "401 revoked").then_some(());
    until("the news of the revocation", || refused(&gate));
    // News count at once, and are on disk before the next are asked for.
    let later = world.token();
    world.revoke(&later);
    until("the next news", || {
        (world.asker.says(&gate, "GET", "/invoices", &later) == "401 revoked").then_some(())
    });
    assert_eq!(world.folder.mode("state"), 0o700);
    gate.kill();
    world.issuer_goes_away();
    let gate = crate::support::Gate::start(&world.chancery);
    assert_eq!(world.asker.get(&gate.at("/readyz")).status, 200, "nothing is missing: {}", gate.log());
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &good), "in");
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &bad), "401 revoked");
}

#[test]
fn a_gate_that_keeps_nothing_is_closed_after_a_restart_until_the_issuer_is_back() {
    let mut world = World::new();
    world.configure("state = \"nowhere\"", "max_staleness = 120");
    let gate = world.gate();
    let token = world.token();
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
    gate.kill();
    world.issuer_goes_away();
    let gate = crate::support::Gate::start(&world.chancery);
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "503 keys_unavailable");
    assert!(!world.folder.file("nowhere").exists() && !world.folder.file("state").exists());
}

#[test]
fn without_news_for_as_long_as_was_said_it_is_closed_and_opens_again_with_the_next() {
    let mut world = World::new();
    world.configure("state = \"state\"", "max_staleness = 3");
    let gate = world.gate();
    let token = world.token();
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
    world.issuer_goes_away();
    let says = |world: &World| world.asker.says(&gate, "GET", "/invoices", &token);
    until("the end of the last news", || (says(&world) == "503 revocation_stale").then_some(()));
    let ready = world.asker.get(&gate.at("/readyz"));
    assert_eq!((ready.status, &ready.json()["missing"]), (503, &serde_json::json!(["revocation_log"])));
    world.issuer_comes_back();
    until("news", || (says(&world) == "in").then_some(()));
}

#[test]
fn whoever_ignores_revocation_needs_keys_alone_and_lets_a_revoked_token_in() {
    let world = World::new();
    world.configure("state = \"nowhere\"", "ignore_because = \"this is about the keys alone\"");
    let gate = world.gate();
    let token = world.token();
    world.revoke(&token);
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
    let metrics = world.asker.get(&gate.at("/metrics")).text;
    assert!(metrics.contains("\njwks_usable{") && !metrics.contains("revocation_list"), "{metrics}");
}
