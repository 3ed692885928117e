//! What a gate tells of itself: metrics, and to the issuer how far it is.

use super::world::World;
use crate::support::until;

#[test]
fn verdicts_are_counted_by_reason() {
    let world = World::new();
    let gate = world.gate();
    let token = world.token();
    for (uri, token) in [("/invoices", &*token), ("/healthz", ""), ("/invoices", ""), ("//invoices", &token)]
    {
        world.asker.forwarded(&gate, "GET", uri, token);
    }
    // Its method and URI are not told: nginx is set up wrongly.
    world.asker.get(&gate.at("/auth/nginx"));
    for (outcome, count) in
        [("in", "2"), ("token_missing", "1"), ("path_not_plain", "1"), ("original_request_missing", "1")]
    {
        let series = format!("gate_requests_total{{outcome=\"{outcome}\"}}");
        assert_eq!(world.metric(&gate, &series).as_deref(), Some(count), "{outcome}");
    }
    let metrics = world.asker.get(&gate.at("/metrics"));
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for followed in ["jwks_usable{", "revocation_list_usable{", "gate_routes_loaded_at_seconds 1"] {
        assert!(metrics.text.contains(&format!("\n{followed}")), "{followed}: {}", metrics.text);
    }
    let families: Vec<&str> = metrics.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let mut once = families.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), families.len(), "a family stands twice: {families:?}");
}

#[test]
fn a_gate_with_a_name_is_counted_in_the_receipts_of_the_issuer() {
    let world = World::new();
    world.chancery.create_client("gate", &[]).expect(0);
    let introduced =
        "max_staleness = 60\nname = \"gate-1\"\nclient_id = \"gate\"\nsecret_file = \"gate.secret\"";
    world.configure("state = \"state\"", introduced);
    let gate = world.gate();
    until("a receipt of the gate", || {
        let words = ["revocation", "status", "--verifiers", "--issuer", &world.issuer_url, "--json"];
        let told = world.chancery.run(&words).expect(0).out;
        (told.contains("\"gate-1\"") && told.contains("\"gate\"")).then_some(())
    });
    let secret = world.folder.read("gate.secret");
    assert!(!gate.log().contains(secret.trim_end()));
}

#[test]
fn a_token_is_never_written_to_the_log() {
    let world = World::new();
    world.folder.write("gate.toml", world.folder.read("gate.toml") + "[log]\nlevel = \"trace\"\n");
    let gate = world.gate();
    let token = world.token();
    world.asker.says(&gate, "GET", "/invoices", &token);
    world.asker.says(&gate, "DELETE", "/invoices/7", &token);
    until("the refusal in the log", || gate.log().contains("insufficient_scope").then_some(()));
    let signature = token.rsplit('.').next().unwrap();
    assert!(!gate.log().contains(signature), "{}", gate.log());
}
