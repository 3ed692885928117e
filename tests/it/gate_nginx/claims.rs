//! The headers that carry the claims to the service.

use super::stage::{Stage, get, request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery_verifier::gate::{CLAIM_HEADERS, REFUSAL_HEADERS};
use serde_json::Value;

/// The middle of a token, as it stands there.
fn claims_of(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[test]
fn the_service_hears_the_claims_of_the_token_each_of_them_once() {
    let world = Stage::world();
    let token = world.token("invoice-robot");
    let (reply, heard) = world.documint.play(get("/invoices", &token));
    assert_eq!(reply.status, 200);
    let claims = claims_of(&token);
    for (header, claim) in CLAIM_HEADERS
        .into_iter()
        .zip(["client_id", "sub", "tenant", "scope", "jti"].map(|name| &claims[name]))
    {
        assert_eq!(heard[0].all(header), [claim.as_str().unwrap()], "{header}");
    }
    let [all] = heard[0].all("Chancery-Claims")[..] else { panic!("{heard:?}") };
    let all: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(all).unwrap()).unwrap();
    assert_eq!(all, claims, "bounds and all");
    assert_eq!(heard[0].all("Authorization"), [format!("Bearer {token}")]);
}

#[test]
fn the_claims_of_the_largest_token_there_is_reach_the_service_whole() {
    let world = Stage::world();
    let stage = &world.documint;
    // With one more project or two the issuer refuses: a token has 4 KiB at most.
    let projects: Vec<String> = (0..110).map(|at| format!("project-number-{at:06}")).collect();
    let bound = format!("project={}", projects.join(","));
    let words = ["client", "create", "crowd", "--owner", "o", "--purpose", "p", "--tenant", "acme"];
    let grant = ["--scope", "invoices:read=r", "--expires", "1d", "--bound", &bound, "--out", "crowd.secret"];
    world.chancery.run(&[&words[..], &grant].concat()).expect(0);
    let token = world.token("crowd");
    assert!(token.len() > 4000, "{}", token.len());
    let (reply, heard) = stage.play(get("/invoices", &token));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(heard[0].all("Chancery-Claims"), [token.split('.').nth(1).unwrap()]);
    // The control: where nginx has no room for them nobody is let in, rather than somebody without claims.
    let cramped = stage.edited("cramped", |config| {
        config.replacing("proxy_buffer_size 32k;", "").replacing("proxy_buffers 4 32k;", "")
    });
    let (reply, heard) = stage.play_at(&cramped, get("/invoices", &token));
    assert_eq!((reply.status, &*reply.reason(), heard.len()), (503, "gate_unavailable", 0), "{reply:?}");
}

#[test]
fn what_a_client_writes_into_claim_headers_is_overwritten() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("invoice-robot");
    for header in CLAIM_HEADERS {
        let spellings = [header.to_owned(), header.to_ascii_lowercase(), header.to_ascii_uppercase()];
        let forged: Vec<String> =
            spellings.iter().chain(&spellings).map(|name| format!("{name}: globex")).collect();
        let lines: Vec<&str> = forged.iter().map(|line| &**line).collect();
        let trick = request("GET", "/invoices", &token, &lines);
        let (reply, heard) = stage.play(&trick);
        assert_eq!((reply.status, heard[0].all(header).len()), (200, 1), "{heard:?}");
        assert_ne!(heard[0].all(header), ["globex"], "{header}");
        assert_eq!(stage.falls_for(&trick).all(header), ["globex"; 6]);
    }
}

#[test]
fn a_claim_header_with_underscores_does_not_arrive() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("invoice-robot");
    for header in CLAIM_HEADERS {
        let forged = format!("{}: globex", header.replace('-', "_"));
        let mixed = format!("{}: globex", header.replacen('-', "_", 1));
        let trick = request("GET", "/invoices", &token, &[&forged, &mixed, "Chancery.Tenant: globex"]);
        let (reply, heard) = stage.play(&trick);
        assert_eq!((reply.status, heard[0].all(header).len()), (200, 1), "{heard:?}");
        assert!(!heard[0].headers.iter().any(|(_, value)| value == "globex"), "{heard:?}");
        assert!(stage.falls_for(&trick).all(header).contains(&"globex"));
    }
}

#[test]
fn where_nginx_lets_underscores_through_the_gate_does_not() {
    let world = Stage::world();
    let stage = &world.documint;
    let nginx = stage.edited("underscores", |config| {
        config.replacing("underscores_in_headers off;", "underscores_in_headers on;")
    });
    let trick = request("GET", "/invoices", &world.token("invoice-robot"), &["Chancery_Tenant: globex"]);
    let (reply, heard) = stage.play_at(&nginx, &trick);
    let told = (reply.status, &*reply.reason(), heard.len());
    assert_eq!(told, (400, "claim_header_lookalike", 0), "{reply:?}");
    assert_eq!(stage.falls_for(&trick).all("Chancery-Tenant"), ["globex"]);
}

#[test]
fn a_public_route_has_no_claims_whatever_the_client_sends() {
    let world = Stage::world();
    let stage = &world.documint;
    let forged: Vec<String> = CLAIM_HEADERS.iter().map(|header| format!("{header}: globex")).collect();
    let lines: Vec<&str> = forged.iter().map(|line| &**line).collect();
    for token in ["", &world.token("support-tool"), "garbage"] {
        let trick = request("GET", "/healthz", token, &lines);
        let (reply, heard) = stage.play(&trick);
        assert_eq!((reply.status, heard.len()), (200, 1), "{reply:?}");
        for header in CLAIM_HEADERS {
            assert!(heard[0].all(header).is_empty(), "{heard:?}");
            assert_eq!(stage.falls_for(&trick).all(header), ["globex"]);
        }
    }
}

#[test]
fn a_client_cannot_have_claims_dropped_on_the_way() {
    let world = Stage::world();
    let stage = &world.documint;
    let options = CLAIM_HEADERS.join(", ");
    let lines = [&*format!("Connection: close, authorization, {options}")];
    let (reply, heard) = stage.play(request("GET", "/invoices", &world.token("invoice-robot"), &lines));
    assert_eq!(reply.status, 200, "{reply:?}");
    for header in CLAIM_HEADERS {
        assert_eq!(heard[0].all(header).len(), 1, "{heard:?}");
    }
    assert!(heard[0].all("Connection").iter().all(|option| !option.contains("hancery")), "{heard:?}");
}

#[test]
fn a_client_learns_nothing_of_what_the_gate_says_to_nginx() {
    let world = Stage::world();
    let stage = &world.documint;
    // A client cannot say it to nginx, either.
    let lines = ["Chancery-Refusal-Status: 200", "Chancery-Refusal-Body: {}"];
    for (target, status) in [("/invoices", 200), ("/account", 403), ("/nothing", 404)] {
        let (reply, _) = stage.play(request("GET", target, &world.token("support-tool"), &lines));
        assert_eq!(reply.status, status, "{reply:?}");
        for header in CLAIM_HEADERS.into_iter().chain(REFUSAL_HEADERS) {
            assert!(reply.all(&header.to_ascii_lowercase()).is_empty(), "{reply:?}");
        }
    }
}
