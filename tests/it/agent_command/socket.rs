//! What the socket answers, question by question.

use super::world::{World, asks};
use crate::support::{Agent, LocalHttp, until};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn serving(more: &[&str]) -> (World, Agent, LocalHttp) {
    let world = World::with_clock();
    world.login(more).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    (world, agent, socket)
}

/// Header and claims of a proof.
fn read(jwt: &str) -> [Value; 2] {
    let mut parts = jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    [next(), next()]
}

#[test]
fn a_token_is_given_with_all_that_a_program_needs_to_know_of_it() {
    let (world, _agent, socket) = serving(&["--bearer"]);
    let given = socket.get("/token");
    assert!(
        given.head.contains("cache-control: no-store") && given.head.contains("application/json"),
        "{given:?}"
    );
    let body = given.body.as_object().unwrap();
    let members: Vec<&str> = body.keys().map(String::as_str).collect();
    assert_eq!(members, ["access_token", "expires_at", "expires_in", "scope", "token_type"]);
    assert_eq!(body["token_type"], "Bearer");
    world.advance(200);
    let (later, longer) = (socket.get("/token"), socket.get("/token?min_ttl=750"));
    assert_eq!(later.body["access_token"], body["access_token"]);
    assert_ne!(longer.body["access_token"], body["access_token"]);
    assert!(longer.body["expires_in"].as_u64() > Some(750));
}

#[test]
fn a_proof_is_for_one_request_and_fits_its_token() {
    let (_world, _agent, socket) = serving(&[]);
    let question = json!({ "method": "POST", "url": "https://api.example.com/invoices?a=b", "nonce": "n-1" });
    let given = socket.post("/proof", &question);
    let token = given.text("access_token");
    assert_eq!(given.text("authorization"), format!("DPoP {token}"));
    let [header, claims] = read(given.text("dpop"));
    assert_eq!(
        (&header["typ"], &claims["htm"], &claims["nonce"]),
        (&"dpop+jwt".into(), &"POST".into(), &"n-1".into())
    );
    assert_eq!(claims["htu"], "https://api.example.com/invoices");
    assert!(claims["ath"].is_string());
    let [_, access] = read(token);
    assert!(access["cnf"]["jkt"].is_string());
    let again = socket.post("/proof", &question);
    assert_ne!(again.text("dpop"), given.text("dpop"), "each is used once");
    assert_eq!(socket.get("/token").text("token_type"), "DPoP");
}

#[test]
fn without_a_key_there_is_no_proof_and_the_header_is_all() {
    let (_world, _agent, socket) = serving(&["--bearer"]);
    let given = socket.post("/proof", &json!({ "method": "GET", "url": "https://api.example.com/" }));
    assert_eq!(given.text("authorization"), format!("Bearer {}", given.text("access_token")));
    assert!(given.body.get("dpop").is_none());
}

#[test]
fn a_token_that_a_service_refused_is_given_out_no_more() {
    let (world, _agent, socket) = serving(&["--bearer"]);
    let refused = socket.get("/token").text("access_token").to_owned();
    let began = world.rotations();
    let told = socket.post("/forget", &json!({ "access_token": refused }));
    assert_eq!((told.status, told.head.contains("no-store")), (204, true));
    let fresh = socket.get("/token").text("access_token").to_owned();
    assert_ne!(fresh, refused);
    // Who comes late, or says something of a token that is nobody's, changes nothing.
    for other in [&*refused, "x"] {
        assert_eq!(socket.post("/forget", &json!({ "access_token": other })).status, 204);
    }
    assert_eq!(socket.get("/token").text("access_token"), fresh);
    assert_eq!(world.rotations() - began, 1);
}

#[test]
fn the_standing_is_told_without_anything_secret() {
    let (world, _agent, socket) = serving(&[]);
    let token = socket.get("/token").text("access_token").to_owned();
    let status = socket.get("/status");
    assert_eq!((status.status, &status.body["state"]["phase"]), (200, &"live".into()));
    let (told, kept) = (status.body.to_string(), world.kept());
    for secret in ["access_token", "refresh_token", "dpop_key"] {
        assert!(!told.contains(kept[secret].as_str().unwrap()), "{secret}");
    }
    assert!(!told.contains(&token) && !told.contains(kept["authentication"]["secret"].as_str().unwrap()));
}

#[test]
fn a_question_that_is_none_is_told_what_is_wrong_with_it() {
    let (_world, _agent, socket) = serving(&[]);
    let proof = |body: &str| socket.ask("POST", "/proof", body);
    for (answer, status, reason) in [
        (socket.get("/"), 404, "not_found"),
        (socket.get("/token/"), 404, "not_found"),
        (socket.ask("POST", "/token", ""), 405, "method_not_allowed"),
        (socket.ask("DELETE", "/proof", ""), 405, "method_not_allowed"),
        (socket.get("/token?min_ttl=10m"), 400, "question_malformed"),
        (socket.get("/token?ttl=1"), 400, "question_malformed"),
        (proof(""), 400, "question_malformed"),
        (proof("[]"), 400, "question_malformed"),
        (proof(r#"{"method":"GET"}"#), 400, "question_malformed"),
        (proof(r#"{"method":"GET","url":"x"}"#), 400, "question_malformed"),
        (proof(r#"{"method":"GET","url":"file:///etc/passwd"}"#), 400, "question_malformed"),
        (proof(r#"{"method":"G T","url":"https://a.example"}"#), 400, "question_malformed"),
        (proof(r#"{"method":"GET","url":"https://a.example","htu":"x"}"#), 400, "question_malformed"),
        (proof(&"x".repeat(20_000)), 413, "body_too_large"),
        (socket.ask("POST", "/forget", r#"{"access_token":1}"#), 400, "question_malformed"),
    ] {
        assert_eq!((answer.status, answer.text("reason")), (status, reason), "{answer:?}");
        assert!(answer.head.contains("no-store") && answer.body["detail"].is_string(), "{answer:?}");
        assert_eq!(answer.head.contains("\r\nallow: "), status == 405, "{answer:?}");
    }
    let missing = proof(r#"{"method":"GET"}"#);
    assert!(missing.text("detail").contains("missing field `url`"), "{missing:?}");
    let wrong = proof(r#"{"method":"GET","url":"https://a.example","min_ttl":"a secret"}"#);
    assert!(!wrong.text("detail").contains("secret"), "{wrong:?}");
    assert_eq!(socket.get("/token").status, 200);
}

#[test]
fn who_logs_out_is_404_at_the_socket_at_once_and_until_somebody_logs_in() {
    // No clock is moved: the token is good for a while, and given to nobody all the same.
    let world = World::logged_in(&["--bearer"]);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    let first = socket.get("/token").text("access_token").to_owned();
    world.agent(&["logout"]).expect(0);
    let told = until("it is gone", || asks(&socket, "/token", 404));
    assert_eq!((&told["error"], &told["reason"]), (&"no_session".into(), &"no_session".into()));
    assert!(told["file"].as_str().is_some_and(|file| file.ends_with("default.json")), "{told}");
    world.login(&["--bearer"]).expect(0);
    let second = until("the next session", || asks(&socket, "/token", 200));
    assert_ne!(second["access_token"], first.as_str());
    // So it is where one session takes the place of another.
    world.login(&["--bearer", "--replace"]).expect(0);
    until("the session in its place", || {
        asks(&socket, "/token", 200).filter(|third| third["access_token"] != second["access_token"])
    });
}

#[test]
fn a_session_that_is_to_be_ended_is_given_to_nobody_though_the_issuer_does_not_know_yet() {
    let mut world = World::logged_in(&["--bearer"]);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    world.issuer_goes_away();
    world.agent(&["logout"]).expect(7);
    let told = until("it is given out no more", || asks(&socket, "/token", 403));
    assert_eq!((&told["error"], &told["reason"]), (&"no_token".into(), &"session_ending".into()));
}
