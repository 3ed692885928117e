//! The table of routes as data.

use super::{METADATA_PATH, guard, ok};
use axum::response::IntoResponse;
use chancery_verifier::guard::{Access, Router, Verb, get, post, public, put};
use chancery_verifier::scope;
use serde_json::json;
use std::convert::Infallible;

fn routes() -> Router {
    let service = tower::service_fn(async |_| Ok::<_, Infallible>("service".into_response()));
    let refunds = Router::new()
        .route("/", post([scope!("refunds:create"), scope!("orders:read"), scope!("orders:read")], ok))
        .route("/{id}", put(scope!("refunds:update"), ok));
    Router::new()
        .service("/mcp", scope!("tools:call"), service)
        .route("/healthz", get(public("liveness probe"), ok))
        .nest("/orders/{order}/refunds", refunds)
        .merge(Router::new().route("/healthz", post(public("for \"odd\" probes"), ok)))
}

#[test]
fn r14_the_table_lists_every_route_with_its_access() {
    let table = routes().table();
    let rows: Vec<_> =
        table.rows().iter().map(|row| (row.method, &*row.path, row.access.scopes().len())).collect();
    assert_eq!(
        rows,
        [
            (Verb::Get, "/healthz", 0),
            (Verb::Post, "/healthz", 0),
            (Verb::Any, "/mcp", 1),
            (Verb::Post, "/orders/{order}/refunds", 2),
            (Verb::Put, "/orders/{order}/refunds/{id}", 1),
        ]
    );
    assert_eq!(table.rows()[0].access, Access::Public { reason: "liveness probe".into() });
}

#[test]
fn r14_the_table_is_written_as_routes_json() {
    assert_eq!(
        serde_json::to_value(routes().table()).unwrap(),
        json!([
            { "method": "GET", "path": "/healthz", "scopes": [], "public": "liveness probe" },
            { "method": "POST", "path": "/healthz", "scopes": [], "public": "for \"odd\" probes" },
            { "method": "ANY", "path": "/mcp", "scopes": ["tools:call"], "public": null },
            {
                "method": "POST", "path": "/orders/{order}/refunds",
                "scopes": ["refunds:create", "orders:read"], "public": null,
            },
            { "method": "PUT", "path": "/orders/{order}/refunds/{id}", "scopes": ["refunds:update"], "public": null },
        ])
    );
}

#[test]
fn r14_what_is_served_has_the_table_and_the_metadata_in_it() {
    let (declared, served) = (routes().table(), guard(routes()));
    let added: Vec<_> = served.table().rows().iter().filter(|row| !declared.rows().contains(row)).collect();
    let [metadata] = &*added else { panic!("one route more: {added:?}") };
    assert_eq!((metadata.method, &*metadata.path), (Verb::Get, METADATA_PATH));
    assert_eq!(metadata.access.public_reason(), Some("protected-resource metadata (RFC 9728)"));
    assert_eq!(served.table().rows().len(), declared.rows().len() + 1);
}

#[test]
fn the_table_can_be_read_by_people() {
    let text = routes().table().to_string();
    assert_eq!(text.lines().next(), Some("GET    /healthz                      public: liveness probe"));
    assert_eq!(text.lines().nth(3), Some("POST   /orders/{order}/refunds       refunds:create orders:read"));
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn nesting_joins_paths_with_one_slash() {
    for (prefix, path, joined) in [
        ("/a", "/", "/a"),
        ("/a", "/b", "/a/b"),
        ("/a/", "/", "/a/"),
        ("/a/", "/b", "/a/b"),
        ("/", "/", "/"),
        ("/", "/b", "/b"),
        ("", "/b", "/b"),
    ] {
        let inner = Router::new().route(path, get(public("a test"), ok));
        let table = Router::<()>::new().nest(prefix, inner).table();
        assert_eq!(table.rows()[0].path, joined, "{prefix:?} {path:?}");
    }
}
