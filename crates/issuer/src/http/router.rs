//! Which path leads where.

use super::document::Document;
use super::observe::Observe;
use super::scopes::ScopesPage;
use super::{health, keys, metadata, metrics, scopes, token};
use crate::issuer::Issuer;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// All paths of an issuer. Its own begin with the path of its URL; metadata stands at the root of the origin,
/// with that path appended (RFC 8414 section 3.1); probes stand at both, for whoever asks the process itself.
pub(crate) fn router(issuer: &Arc<Issuer>) -> Router {
    let url = &issuer.settings().issuer;
    let path = literal(base_path(url));
    let metadata = metadata::document(url, base_url(url), issuer.catalog());
    let page = ScopesPage::new(issuer.catalog());
    let mut router = Router::new()
        .without_v07_checks()
        .route(&format!("{path}/oauth2/token"), post(token::post).fallback(token::other_method))
        .route(&format!("{path}/.well-known/jwks.json"), get(keys::jwks))
        .route(&format!("{path}/keys/paserk.json"), get(keys::paserk))
        .merge(probes(&path))
        .with_state(Arc::clone(issuer))
        .route(&format!("{path}/scopes"), get(scopes::get).with_state(page));
    let inserted = ["oauth-authorization-server", "openid-configuration"]
        .map(|name| format!("/.well-known/{name}{path}"));
    for at in &inserted {
        router = router.route(at, get(serve_metadata).with_state(metadata.clone()));
    }
    if !path.is_empty() {
        router = router.merge(probes("").with_state(Arc::clone(issuer)));
        let appended = format!("{path}/.well-known/openid-configuration");
        if !inserted.contains(&appended) {
            router = router.route(&appended, get(serve_metadata).with_state(metadata));
        }
    }
    router.fallback(not_found).layer(Observe(Arc::clone(issuer)))
}

fn probes(path: &str) -> Router<Arc<Issuer>> {
    Router::new()
        .without_v07_checks()
        .route(&format!("{path}/healthz"), get(health::alive))
        .route(&format!("{path}/readyz"), get(health::ready))
        .route(&format!("{path}/metrics"), get(metrics::get))
}

async fn serve_metadata(State(document): State<Document>, headers: HeaderMap) -> Response {
    document.answer(&headers)
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, super::NO_STORE, super::JSON, r#"{"error":"not_found","reason":"not_found"}"#)
        .into_response()
}

/// The URL without a slash at its end: what endpoints are appended to.
pub(crate) fn base_url(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

/// The path of the URL, without a slash at its end: empty for most issuers.
fn base_path(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = authority.find('/').and_then(|at| authority.get(at..)).unwrap_or_default();
    base_url(path)
}

/// The path with the braces doubled that would mean a parameter.
fn literal(path: &str) -> String {
    path.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_issuer_is_what_follows_its_authority() {
        for (url, path) in [
            ("https://auth.example", ""),
            ("https://auth.example/", ""),
            ("http://127.0.0.1:8420", ""),
            ("https://auth.example/tenants/one", "/tenants/one"),
            ("https://auth.example/tenants/one/", "/tenants/one"),
        ] {
            assert_eq!(base_path(url), path, "{url}");
        }
    }
}
