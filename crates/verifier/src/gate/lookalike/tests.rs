//! Paths that services do not tell apart, and tables that make some.

use super::*;

fn lookalikes(paths: &[&str]) -> Lookalikes {
    let mut sorted = paths.to_vec();
    sorted.sort_unstable();
    Lookalikes::new(sorted.into_iter(), None).unwrap()
}

fn faults(paths: &[&str]) -> Vec<GateFault> {
    let mut sorted = paths.to_vec();
    sorted.sort_unstable();
    Lookalikes::new(sorted.into_iter(), None).err().unwrap_or_default()
}

fn other(lookalikes: &Lookalikes, path: &str) -> Option<String> {
    lookalikes.other(&PlainPath::read(path.as_bytes()).unwrap()).map(str::to_owned)
}

#[test]
fn a_path_that_means_another_route_to_a_lenient_service_is_found() {
    let table = lookalikes(&[
        "/",
        "/invoices",
        "/invoices/{id}",
        "/invoices/export",
        "/invoices/{id}/lines",
        "/a%40b/{x}",
        "/{any}/{x}",
    ]);
    for (path, route) in [
        ("/invoices/EXPORT", "/invoices/export"),
        ("/invoices/export/", "/invoices/export"),
        ("/invoices/Export/", "/invoices/export"),
        ("/invoices/export.json", "/invoices/export"),
        ("/invoices/export%20", "/invoices/export"),
        ("/invoices/%C4%93xport", "/invoices/export"),
        ("/invoices/7/", "/invoices/{id}"),
        ("/Invoices", "/invoices"),
        ("/Invoices/7", "/invoices/{id}"),
        ("/invoices/7/LINES", "/invoices/{id}/lines"),
        ("/a@b/7", "/a%40b/{x}"),
        ("/INVOICES/7", "/invoices/{id}"),
        ("/invoices/", "/invoices"),
    ] {
        assert_eq!(other(&table, path).as_deref(), Some(route), "{path}");
    }
}

#[test]
fn a_path_that_means_one_route_to_everybody_is_not() {
    let table = lookalikes(&["/", "/invoices", "/invoices/{id}", "/invoices/export", "/invoices/{id}/lines"]);
    for path in [
        "/",
        "/invoices",
        "/invoices/7",
        "/invoices/INV-7",
        "/invoices/01J9ZC",
        "/invoices/a.b",
        "/invoices/export",
        "/invoices/a%20b",
        "/invoices/J%C3%BCrgen",
        "/invoices/7.json",
        "/invoices/EXPORTS/lines",
        "/customers",
        "/invoices/7/lines",
        "/invoices/exports",
        "/Customers/",
    ] {
        assert_eq!(other(&table, path), None, "{path}");
    }
}

#[test]
fn what_is_declared_is_meant() {
    let table = lookalikes(&[
        "/export",
        "/export.csv",
        "/caf%C3%A9",
        "/cafe",
        "/robots.txt",
        "/{page}",
        "/.well-known/{x}",
    ]);
    for path in
        ["/export.csv", "/export", "/caf%C3%A9", "/cafe", "/robots.txt", "/.well-known/a", "/other.txt"]
    {
        assert_eq!(other(&table, path), None, "{path}");
    }
    for (path, route) in
        [("/export.xml", "/export"), ("/caf%c3%a9", "/caf%C3%A9"), ("/ROBOTS.txt", "/robots.txt")]
    {
        assert_eq!(other(&table, path).as_deref(), Some(route), "{path}");
    }
}

#[test]
fn a_fallback_answers_nothing_below_a_declared_path() {
    let table = lookalikes(&["/{*rest}", "/admin/users", "/files/{*rest}", "/invoices/{id}"]);
    for (path, route) in [
        ("/admin/users/a.css", "/admin/users"),
        ("/invoices/7/a.css", "/invoices/{id}"),
        ("/ADMIN/USERS/a", "/admin/users"),
        ("/ADMIN/users", "/admin/users"),
        ("/Files/a", "/files/{*rest}"),
    ] {
        assert_eq!(other(&table, path).as_deref(), Some(route), "{path}");
    }
    for path in ["/a", "/a/b/c", "/files/a/B/c.css", "/admin", "/admin/a", "/files/a/", "/A/b"] {
        assert_eq!(other(&table, path), None, "{path}");
    }
}

#[test]
fn routes_that_only_leniency_makes_one_are_faults() {
    for (one, other) in [
        ("/A/{id}", "/a/{id}"),
        ("/a", "/a/"),
        ("/Export", "/{id}"),
        ("/b/c/", "/b/{x}"),
        ("/a%40b", "/a@b"),
        ("/A", "/a/"),
        // Without its slash, or in lower case, the second is found nowhere, and then without its suffix.
        ("/a", "/a.b/"),
        ("/A.b", "/a"),
    ] {
        let (path, with) = (one.to_owned(), other.to_owned());
        assert_eq!(faults(&[one, other]), [GateFault::Lookalike { path, with }]);
    }
    assert_eq!(faults(&["/Invoices", "/Invoices/{id}", "/drafts/", "/"]), []);
}

#[test]
fn routes_that_cross_are_faults_until_the_crossing_is_declared() {
    let (one, other) = ("/users/me/{section}", "/users/{id}/settings");
    let fault =
        GateFault::Crossing { path: one.into(), with: other.into(), both: "/users/me/settings".into() };
    assert_eq!(faults(&[one, other]), [fault]);
    assert_eq!(faults(&[one, other, "/users/me/settings"]), []);
}

#[test]
fn routes_that_no_plain_path_meets_are_faults() {
    for path in ["/a;b", "/a//b", "/\u{e4}", "/%2e", "/a/..", "/a b", "/{{a}}"] {
        assert!(
            matches!(&*faults(&[path]), [GateFault::Unreachable { path: named, .. }] if named == path),
            "{path}"
        );
    }
    let long = format!("/{}", "a".repeat(5000));
    assert!(matches!(&*faults(&[&long]), [GateFault::Unreachable { .. }]));
}

#[test]
fn the_metadata_of_the_guard_is_no_fault_of_the_owner() {
    for (paths, metadata) in
        [(&["/.well-known/a;b"][..], "/.well-known/a;b"), (&["/a/B/", "/a/{x}"], "/a/B/")]
    {
        assert!(Lookalikes::new(paths.iter().copied(), None).is_err());
        assert!(Lookalikes::new(paths.iter().copied(), Some(metadata)).is_ok());
    }
}

#[test]
fn a_literal_of_tildes_is_no_parameter() {
    assert_eq!(faults(&["/~", "/{id}", "/~~/{x}"]), []);
}
