//! What is no good token is 401 on every route, whoever shows it, and never looks like a missing scope.

use super::asker::{Answer, Asker};
use super::program::Program;
use super::world::{Front, World};
use super::{CLIENTS, METADATA, table};
use chancery_examples::documint::{self, AUDIENCE, Archive};
use chancery_token::{Environment, Format, KeySet, UnixTime};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::{Revocation, Verifier};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What a service says to whoever shows no good token.
struct Refused {
    status: u16,
    error: Option<&'static str>,
    reason: &'static str,
}

const fn bad_token(reason: &'static str) -> Refused {
    Refused { status: 401, error: Some("invalid_token"), reason }
}

/// Asks every route, and holds every answer to what was to be said.
fn refused_everywhere(asker: &Asker, service: &str, who: &str, authorization: &[String], refused: &Refused) {
    for (ask, scope, _) in table() {
        let answer = asker.ask(service, ask, authorization);
        let told = format!("{who} {} {}: {answer:?}", ask.method, ask.path);
        let body = answer.json();
        assert_eq!(answer.status, refused.status, "{told}");
        assert_eq!(body["reason"].as_str(), Some(refused.reason), "{told}");
        assert_eq!(body["error"].as_str(), refused.error, "{told}");
        assert_eq!(answer.challenge.as_deref(), Some(&*challenge(&answer, refused, scope)), "{told}");
        assert_eq!(answer.header("cache-control"), "no-store", "{told}");
        for word in ["required", "missing", "documentation"] {
            assert_eq!(body.get(word), None, "it looks like a missing scope: {told}");
        }
        assert!(!answer.text.contains("insufficient_scope"), "{told}");
    }
}

/// RFC 6750 section 3.1: without a token there is no error, and the scope tells what to ask for. With a bad one there
/// is an error, and no word of scopes.
fn challenge(answer: &Answer, refused: &Refused, scope: &str) -> String {
    let pointer = format!("Bearer resource_metadata=\"{METADATA}\"");
    let body = answer.json();
    match (refused.error, body["error_description"].as_str()) {
        (Some(error), Some(text)) => format!("{pointer}, error=\"{error}\", error_description=\"{text}\""),
        (None, Some(_)) => format!("{pointer}, scope=\"{scope}\""),
        (_, None) => panic!("no description: {answer:?}"),
    }
}

/// The same token with another signature: its last character but two is another one.
fn tampered(token: &str) -> String {
    let (rest, end) = token.split_at(token.len() - 3);
    let (changed, end) = end.split_at(1);
    let other = if changed == "A" { "B" } else { "A" };
    format!("{rest}{other}{end}")
}

#[test]
fn r41_without_one_good_token_every_route_says_so_and_nothing_of_scopes() {
    every_route_refuses_what_is_not_one_good_token(&World::new());
}

/// Asks every row with everything that is no good token.
pub(crate) fn every_route_refuses_what_is_not_one_good_token<F: Front>(world: &World<F>) {
    let token = world.token("support-tool");
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let bearer = |token: &str| vec![format!("Bearer {token}")];
    let none = |reason| Refused { status: 401, error: None, reason };
    let malformed = |reason| Refused { status: 400, error: Some("invalid_request"), reason };
    let cases = [
        (vec![], none("token_missing")),
        (vec!["Basic c3VwcG9ydDpzZWNyZXQ=".to_owned()], none("scheme_not_bearer")),
        (vec![format!("DPoP {token}")], none("dpop_not_taken")),
        (vec![token.clone()], none("scheme_not_bearer")),
        (vec!["Bearer".to_owned()], malformed("credentials_malformed")),
        (vec![format!("Bearer {token} {token}")], malformed("credentials_malformed")),
        (vec![format!("Bearer {token}"), format!("Bearer {token}")], malformed("credentials_repeated")),
        (bearer("garbage"), bad_token("segment_count")),
        (bearer("a.b.c"), bad_token("encoding_invalid")),
        (bearer(&tampered(&token)), bad_token("signature_invalid")),
        (bearer(&format!("{header}.{claims}.")), bad_token("signature_length")),
        (bearer(&format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.")), bad_token("alg_none")),
        (bearer(&format!("v4.public.{claims}.{signature}")), bad_token("wrong_format")),
        (bearer(&"a".repeat(9000)), bad_token("token_too_large")),
    ];
    let asked = cases
        .into_iter()
        .filter(|(authorization, _)| authorization.len() < 2 || world.documint.passes_repeated_credentials());
    for (authorization, refused) in asked {
        refused_everywhere(&world.asker, world.url(), refused.reason, &authorization, &refused);
    }
}

#[test]
fn r41_a_token_for_another_service_is_a_bad_token_whatever_it_may_do_there() {
    let world = World::new();
    let other = Program::start(&world.folder, &world.issuer.url, &["--audience", "https://other.example"]);
    every_route_of_another_service_refuses_every_token(&world, &other);
}

/// Asks every row of `other`, whose tokens are not those of this world.
pub(crate) fn every_route_of_another_service_refuses_every_token<F: Front>(world: &World<F>, other: &F) {
    world.wait_for_keys(other);
    for id in CLIENTS {
        let authorization = [format!("Bearer {}", world.token(id))];
        for (ask, scope, _) in table() {
            let answer = world.asker.ask(other.url(), ask, &authorization);
            let body = answer.json();
            assert_eq!(
                (answer.status, body["reason"].as_str()),
                (401, Some("audience_mismatch")),
                "{answer:?}"
            );
            let challenge = answer.challenge.unwrap();
            assert!(
                challenge.contains("error=\"invalid_token\"") && !challenge.contains(scope),
                "{challenge}"
            );
        }
    }
}

#[test]
fn r07_a_test_token_at_a_live_service_is_a_bad_token() {
    let world = World::new();
    let live = Program::start(&world.folder, &world.issuer.url, &["--environment", "live"]);
    every_route_refuses_every_test_token(&world, &live);
}

/// Asks every row of `live`, which takes live tokens only.
pub(crate) fn every_route_refuses_every_test_token<F: Front>(world: &World<F>, live: &F) {
    world.wait_for_keys(live);
    for id in CLIENTS {
        let authorization = [format!("Bearer {}", world.token(id))];
        refused_everywhere(&world.asker, live.url(), id, &authorization, &bad_token("environment_mismatch"));
    }
}

/// DocuMint in this process, with the issuer's real keys and a clock that stands at `now`.
fn at(world: &World, now: u64, leeway: Duration) -> String {
    let answer = world.asker.get(&world.issuer.url, "/.well-known/jwks.json", "none");
    let keys = KeySet::read(Format::Jwt, answer.text.as_bytes()).unwrap().keys;
    let verifier = Verifier::new(&world.issuer.url, AUDIENCE, Revocation::Ignore { reason: "a test" })
        .unwrap()
        .environment(Environment::Test)
        .leeway(leeway)
        .clock(Arc::new(FixedClock::new(UnixTime::from_secs(now))));
    verifier.install_keys(keys).unwrap();
    let service = documint::service(Archive::with_examples(), verifier).unwrap();
    world.asker.runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(documint::serve(listener, service));
        url
    })
}

#[test]
fn r41_an_expired_token_is_a_bad_token_on_every_route_also_where_it_lacks_the_scope() {
    let world = World::new();
    for id in CLIENTS {
        let (token, end) = world.token_until(id);
        let authorization = [format!("Bearer {token}")];
        let after = at(&world, end, Duration::ZERO);
        refused_everywhere(&world.asker, &after, id, &authorization, &bad_token("expired"));
    }
}

#[test]
fn r05_a_token_is_good_up_to_its_last_second_and_the_leeway_and_not_beyond() {
    let world = World::new();
    let (token, end) = world.token_until("support-tool");
    let status = |now, leeway| {
        let service = at(&world, now, Duration::from_secs(leeway));
        world.asker.get(&service, "/invoices", &token).status
    };
    assert_eq!((status(end - 1, 0), status(end, 0)), (200, 401));
    assert_eq!((status(end + 29, 30), status(end + 30, 30)), (200, 401));
}
