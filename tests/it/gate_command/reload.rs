//! The routes change while the gate serves.

use super::world::{ROUTES, World};
use crate::support::until;

const FAILURES: &str = "gate_routes_reload_failures_total";

/// The rest of the routes asks for another scope than before.
fn narrowed() -> String {
    ROUTES.replace("invoices:read", "invoices:export")
}

#[test]
fn changed_routes_are_served_without_a_restart() {
    let world = World::new();
    let gate = world.gate();
    let token = world.token();
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
    assert_eq!(world.metric(&gate, "gate_routes").as_deref(), Some("3"));
    world.folder.write(
        "routes.json",
        narrowed().replace(
            "\n]",
            ",\n  {\"method\": \"GET\", \"path\": \"/new\", \"scopes\": [\"invoices:read\"]}\n]",
        ),
    );
    until("the new routes", || (world.asker.says(&gate, "GET", "/new", &token) == "in").then_some(()));
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "403 insufficient_scope");
    assert_eq!(world.metric(&gate, "gate_routes").as_deref(), Some("4"));
    assert_eq!(world.metric(&gate, FAILURES).as_deref(), Some("0"));
}

#[test]
fn a_bad_file_keeps_the_old_routes_and_is_told_once() {
    let world = World::new();
    let gate = world.gate();
    let token = world.token();
    let current = || world.metric(&gate, "gate_routes_current").unwrap();
    let failures = |count: &str| {
        let reached = || (world.metric(&gate, FAILURES).as_deref() == Some(count)).then_some(());
        until(&format!("{count} failures"), reached);
    };
    assert_eq!(current(), "1");
    world.folder.replace("routes.json", "[{");
    failures("1");
    assert_eq!(current(), "0");
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in", "the old routes stay");
    assert_eq!(world.asker.get(&gate.at("/readyz")).status, 200, "it judges as before");
    // It was looked at again by the time that another content is told of.
    world.folder.replace("routes.json", "[]");
    failures("2");
    std::fs::remove_file(world.folder.file("routes.json")).unwrap();
    failures("3");
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
    assert_eq!(World::logged(&gate, "routes_empty"), 1, "{}", gate.log());
    assert_eq!(World::logged(&gate, "routes_unreadable"), 2, "{}", gate.log());
    gate.signal("HUP");
    until("what the hangup brought", || gate.log().contains("since its routes were refused").then_some(()));
    world.folder.replace("routes.json", ROUTES);
    until("the routes are those of the file", || (current() == "1").then_some(()));
    assert_eq!(world.metric(&gate, FAILURES).as_deref(), Some("3"));
}

#[test]
fn a_hangup_has_the_file_looked_at_at_once_and_does_not_end_the_gate() {
    let world = World::new();
    let gate = world.gate();
    gate.signal("HUP");
    until("what the look brought", || gate.log().contains("they have not changed").then_some(()));
    world.folder.replace("routes.json", narrowed());
    gate.signal("HUP");
    until("the new routes", || gate.log().contains("the routes were replaced").then_some(()));
    let token = world.token();
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "403 insufficient_scope");
}

#[test]
fn a_reload_keeps_keys_and_news() {
    let world = World::new();
    let gate = world.gate();
    let (good, bad) = (world.token(), world.token());
    world.revoke(&bad);
    let refused = || (world.asker.says(&gate, "GET", "/invoices", &bad) == "401 revoked").then_some(());
    until("the news of the revocation", refused);
    world.folder.replace("routes.json", ROUTES.replace("/healthz", "/alive"));
    until("the new routes", || (world.asker.says(&gate, "GET", "/alive", "") == "in").then_some(()));
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &bad), "401 revoked");
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &good), "in");
}
