//! Tables of routes that no gate stands in front of.

use super::{row, verifier};
use chancery_verifier::gate::{Gate, GateFault};
use chancery_verifier::guard::{Row, Verb, public};
use chancery_verifier::scope;

fn refused(rows: Vec<Row>) -> String {
    Gate::new(rows, verifier()).unwrap_err().to_string()
}

#[test]
fn the_faults_of_the_guard_are_those_of_the_gate() {
    let fault = refused(vec![
        row(Verb::Get, "/a", public(" ")),
        row(Verb::Get, "/:id", scope!("a:b")),
        row(Verb::Get, "/c", scope!("a:b")),
        row(Verb::Get, "/c", scope!("a:b")),
    ]);
    for part in
        ["GET /a is public and does not say why", "'/:id' cannot be routed", "GET /c is declared twice"]
    {
        assert!(fault.contains(part), "{fault}");
    }
}

#[test]
fn routes_that_services_do_not_tell_apart_are_named() {
    let invalid = Gate::new(
        [
            row(Verb::Get, "/Reports/{id}", public("a test")),
            row(Verb::Get, "/reports/{id}", scope!("a:b")),
            row(Verb::Get, "/users/me/{section}", public("a test")),
            row(Verb::Get, "/users/{id}/settings", scope!("a:b")),
            row(Verb::Get, "/a;b", scope!("a:b")),
        ],
        verifier(),
    )
    .unwrap_err();
    let [reports, semicolon, users] = invalid.faults() else { panic!("{invalid}") };
    assert!(matches!(reports, GateFault::Lookalike { .. }), "{reports}");
    assert!(matches!(semicolon, GateFault::Unreachable { path, .. } if path == "/a;b"), "{semicolon}");
    assert!(matches!(users, GateFault::Crossing { both, .. } if both == "/users/me/settings"), "{users}");
    assert_eq!(
        users.to_string(),
        "/users/me/{section} and /users/{id}/settings both answer /users/me/settings, \
         and services differ in which: declare /users/me/settings too"
    );
}

#[test]
fn the_methods_of_one_path_are_one_route() {
    let verbs = [Verb::Get, Verb::Post, Verb::Delete];
    assert!(Gate::new(verbs.map(|verb| row(verb, "/Invoices/{id}", scope!("a:b"))), verifier()).is_ok());
}
