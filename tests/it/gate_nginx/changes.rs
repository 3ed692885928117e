//! Tokens and routes that change while nginx runs.

use super::stage::{Stage, get};
use crate::support::{Http, until, within};
use std::time::Duration;

/// Rule: between a revocation and the last verifier that obeys it.
const REACH: Duration = Duration::from_secs(10);

#[test]
fn r_3_3_a_revoked_token_is_refused_and_its_sister_works_on() {
    let world = Stage::world();
    let stage = &world.documint;
    let (stolen, sister) = (world.token("support-tool"), world.token("support-tool"));
    assert_eq!(stage.play(get("/invoices", &stolen)).0.status, 200);
    let secret = world.folder.read("support-tool.secret");
    let url = &world.issuer.url;
    let revoked = Http::new().present(url, "revoke", "support-tool", secret.trim_end(), &stolen);
    assert_eq!(revoked.status, 200, "{revoked:?}");
    within(REACH, "the end of the token", || {
        (stage.play(get("/invoices", &stolen)).0.status == 401).then_some(())
    });
    let reply = stage.refuses(get("/invoices", &stolen), 401, "revoked");
    assert!(reply.all("www-authenticate")[0].contains("error=\"invalid_token\""), "{reply:?}");
    assert_eq!(stage.falls_for(get("/invoices", &stolen)).target(), "/invoices");
    assert_eq!(stage.play(get("/invoices", &sister)).0.status, 200);
}

#[test]
fn a_route_that_is_written_into_the_table_is_there_without_a_restart_and_a_bad_table_changes_nothing() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    let says = |target: &str| {
        let (reply, _) = stage.play(get(target, &token));
        (reply.status, reply.reason())
    };
    assert_eq!(says("/reports"), (404, "route_undeclared".to_owned()));
    let routes = stage.folder.read("routes.json");
    let with = |scope: &str| {
        let row = format!("[{{\"method\":\"GET\",\"path\":\"/reports\",\"scopes\":[\"{scope}\"]}},");
        routes.replacen('[', &row, 1)
    };
    stage.folder.replace("routes.json", with("invoices:read"));
    until("the new route", || (says("/reports").0 == 200).then_some(()));
    stage.folder.replace("routes.json", "[{]");
    let gate = stage.gate.as_ref().unwrap();
    until("a word about the bad table", || gate.log().contains("routes_unreadable").then_some(()));
    assert_eq!(says("/reports").0, 200, "the old table holds");
    stage.folder.replace("routes.json", with("account:administer"));
    until("the new scope", || (says("/reports") == (403, "insufficient_scope".to_owned())).then_some(()));
}
