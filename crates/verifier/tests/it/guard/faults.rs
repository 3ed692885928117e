//! Tables of routes that are refused when the service starts.

use super::{METADATA_PATH, issuer, ok, verifier_of};
use axum::response::IntoResponse;
use chancery_verifier::guard::{InvalidRoute, Router, Verb, get, public};
use chancery_verifier::{Scope, scope};
use std::convert::Infallible;

const READ: Scope = scope!("records:read");

fn faults(routes: Router) -> Vec<InvalidRoute> {
    routes.guard(verifier_of(&issuer())).map_or_else(|invalid| invalid.faults().to_vec(), |_| Vec::new())
}

fn service() -> impl tower::Service<
    axum::extract::Request,
    Response = axum::response::Response,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync {
    tower::service_fn(async |_| Ok("service".into_response()))
}

#[test]
fn r14_a_route_that_is_declared_twice_is_refused_by_name() {
    let twice =
        Router::new().route("/a", get(READ, ok).post(READ, ok)).route("/a", get(public("a test"), ok));
    let fault = InvalidRoute::DeclaredTwice { method: Verb::Get, path: "/a".into() };
    assert_eq!(faults(twice), std::slice::from_ref(&fault));
    assert_eq!(fault.to_string(), "GET /a is declared twice: keep one of them");

    let nested =
        Router::new().route("/a/b", get(READ, ok)).nest("/a", Router::new().route("/b", get(READ, ok)));
    assert_eq!(faults(nested), [InvalidRoute::DeclaredTwice { method: Verb::Get, path: "/a/b".into() }]);
    let one_verb_list = Router::new().route("/a", get(READ, ok).get(READ, ok));
    assert_eq!(faults(one_verb_list), [fault]);
}

#[test]
fn r14_a_service_answers_every_method_and_shares_its_path_with_nobody() {
    let both = Router::new().route("/a", get(READ, ok)).service("/a", READ, service());
    assert_eq!(faults(both), [InvalidRoute::UnderService { method: Verb::Get, path: "/a".into() }]);
    let twice = Router::new().service("/a", READ, service()).service("/a", READ, service());
    assert_eq!(faults(twice), [InvalidRoute::DeclaredTwice { method: Verb::Any, path: "/a".into() }]);
}

#[test]
fn r14_a_public_route_says_why() {
    for blank in ["", " ", "\t\n"] {
        let routes =
            Router::new().route("/a", get(public(blank), ok)).service("/b", public(blank), service());
        let [a, b] = &*faults(routes) else { panic!("two faults") };
        assert_eq!(*a, InvalidRoute::PublicWithoutReason { method: Verb::Get, path: "/a".into() });
        assert_eq!(*b, InvalidRoute::PublicWithoutReason { method: Verb::Any, path: "/b".into() });
    }
}

#[test]
fn paths_that_match_the_same_requests_are_refused() {
    let routes = Router::new().route("/a/{id}", get(READ, ok)).route("/a/{number}", get(READ, ok));
    assert_eq!(
        faults(routes),
        [InvalidRoute::Conflict { path: "/a/{number}".into(), with: "/a/{id}".into() }]
    );
    let distinct = Router::new().route("/a/{id}", get(READ, ok)).route("/a/b", get(READ, ok));
    assert_eq!(faults(distinct), []);
}

#[test]
fn what_cannot_be_routed_is_refused_and_does_not_panic() {
    for path in ["", "a", "/:id", "/a/*rest", "/{", "/{}", "/{a}{b}", "/{*rest}/a", "/{a}-{b}", "/a}"] {
        let found = faults(Router::new().route(path, get(READ, ok)));
        assert!(
            matches!(&*found, [InvalidRoute::Path { path: named, .. }] if named == path),
            "{path}: {found:?}"
        );
    }
    let nested = faults(Router::new().nest("/{*rest}", Router::new().route("/a", get(READ, ok))));
    assert!(matches!(&*nested, [InvalidRoute::Path { .. }]), "{nested:?}");
}

#[test]
fn the_path_of_the_metadata_is_taken() {
    let routes = Router::new().route(METADATA_PATH, get(public("a test"), ok));
    assert_eq!(faults(routes), [InvalidRoute::MetadataPath { path: METADATA_PATH.into() }]);
    let beside = Router::new().route("/.well-known/{document}/billing", get(public("a test"), ok));
    assert_eq!(faults(beside), []);
}

#[test]
fn every_fault_is_told_at_once() {
    let routes = Router::new()
        .route("/a", get(public(""), ok))
        .route("b", get(READ, ok))
        .route("/c", get(READ, ok).get(READ, ok));
    let invalid = routes.guard(verifier_of(&issuer())).unwrap_err();
    assert_eq!(
        invalid.to_string(),
        "the routes cannot be served: GET /a is public and does not say why: write public(\"why\"); \
         GET /c is declared twice: keep one of them; the path 'b' cannot be routed: write it from the root, with a '/' in front"
    );
}

#[tokio::test]
async fn a_colon_in_front_is_a_slip_unless_it_is_said_to_be_meant() {
    let routes = || Router::new().route("/:one/a", get(READ, ok));
    assert!(matches!(&*faults(routes()), [InvalidRoute::Path { path, .. }] if path == "/:one/a"));
    let app = super::guard(routes().without_v07_checks());
    let token = super::token("records:read").sign();
    assert_eq!(super::get(&app, "/:one/a", Some(&token)).await.status, 200);
    assert_eq!(super::get(&app, "/two/a", Some(&token)).await.status, 404, "it is no parameter");
}
