//! What the service answers is the service's.

use super::stage::{Stage, get};
use super::wire::Wire;
use super::witness::Witness;
use crate::s1_documint::Front as _;

const PASSED_ON: [&str; 5] = ["allow", "content-type", "retry-after", "www-authenticate", "x-witness"];

#[test]
fn every_error_of_the_service_is_passed_on_as_it_is() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    for status in [200, 400, 401, 403, 404, 405, 413, 414, 429, 431, 500, 502, 503, 504] {
        let asked = get(&format!("/invoices?answer={status}"), &token);
        let direct = Wire::to(&stage.witness.url).ask(&asked);
        let passed = Wire::to(stage.url()).ask(&asked);
        assert_eq!((direct.status, passed.status), (status, status));
        assert_eq!(direct.body, passed.body);
        for header in PASSED_ON {
            assert_eq!(direct.all(header), passed.all(header), "{status} {header}");
        }
        assert_eq!(passed.all("cache-control"), Vec::<&str>::new(), "{status}");
    }
}

#[test]
fn a_service_that_is_away_is_not_taken_for_a_gate_that_is() {
    let mut world = Stage::world();
    let token = world.token("support-tool");
    drop(std::mem::replace(&mut world.documint.witness, Witness::new()));
    let (reply, _) = world.documint.play(get("/invoices", &token));
    assert_eq!((reply.status, &*reply.reason()), (502, ""), "{reply:?}");
    world.documint.refuses(get("/account", &token), 403, "insufficient_scope");
}

#[test]
fn the_metadata_is_there_for_whoever_has_no_token_yet() {
    let world = Stage::world();
    let stage = &world.documint;
    let (reply, heard) = stage.play(get("/.well-known/oauth-protected-resource", ""));
    assert_eq!((reply.status, heard.len()), (200, 0), "{reply:?}");
    let metadata: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(metadata["authorization_servers"][0], world.issuer.url);
    // Nothing else of the gate's own is to be had there.
    for target in
        ["/.well-known/oauth-protected-resource/../../metrics", "/.well-known/oauth-protected-resource/"]
    {
        let (reply, heard) = stage.play(get(target, ""));
        assert_eq!((reply.status, heard.len()), (400, 0), "{reply:?}");
    }
}
