//! Which path leads where: one list, from which the router and the description of the API are made.

use super::document::Document;
use super::observe::{Observe, Outcome};
use super::problem::Because;
use super::scopes::ScopesPage;
use super::{admin, health, introspect, keys, metadata, metrics, openapi, revocation, revoke, scopes, token};
use crate::issuer::Issuer;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use chancery_verifier::guard::Guarded;
use std::sync::Arc;
use tower::ServiceExt as _;

/// The token endpoint, below the issuer's own path.
pub(super) const TOKEN: &str = "/oauth2/token";

/// One thing that an issuer answers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method; `GET` answers `HEAD` too.
    pub method: &'static str,
    /// The template of its path, from the root of the origin.
    pub path: String,
    /// The path under which the description of the API knows it, which is that of an issuer without a path.
    pub(super) described: String,
}

/// All paths of an issuer. Its own begin with the path of its URL; metadata stands at the root of the origin,
/// with that path appended (RFC 8414 section 3.1); probes stand at both, for whoever asks the process itself.
pub(crate) fn router(issuer: &Arc<Issuer>) -> Router {
    served(issuer).0
}

/// What [`router`] answers to, and nothing else.
pub(crate) fn routes(issuer: &Arc<Issuer>) -> Vec<Route> {
    served(issuer).1
}

fn served(issuer: &Arc<Issuer>) -> (Router, Vec<Route>) {
    let url = &issuer.settings().issuer;
    let mut paths =
        Paths { base: base_path(url), router: Router::new().without_v07_checks(), routes: Vec::new() };
    paths.know_own("POST", TOKEN);
    paths.own("POST", "/oauth2/revoke", post(revoke::post));
    paths.own("POST", "/oauth2/introspect", post(introspect::post));
    paths.own("GET", "/.well-known/jwks.json", get(keys::jwks));
    paths.own("GET", "/keys/paserk.json", get(keys::paserk));
    paths.own("GET", "/keys/revocation.json", get(keys::revocation));
    paths.own("GET", "/revocation/snapshot", get(revocation::snapshot));
    paths.own("GET", "/revocation/delta", get(revocation::delta));
    for (path, probe) in
        [("/healthz", get(health::alive)), ("/readyz", get(health::ready)), ("/metrics", get(metrics::get))]
    {
        paths.own("GET", path, probe.clone());
        if !paths.base.is_empty() {
            paths.at("GET", path.to_owned(), path, probe);
        }
    }
    paths.own("GET", "/scopes", get(scopes::get).with_state(ScopesPage::new(issuer.catalog())));
    let published =
        metadata::Published::new(url, base_url(url), issuer.catalog(), issuer.keyring().algorithm());
    let metadata = || get(metadata::get).with_state((Arc::clone(issuer), published.clone()));
    for described in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        paths.at("GET", format!("{described}{}", paths.base), described, metadata());
    }
    // OpenID Connect Discovery appends; the two places may be one.
    paths.own("GET", "/.well-known/openid-configuration", metadata());
    let guarded = admin::guarded(issuer);
    paths.know(&guarded);
    paths.know_own("GET", openapi::PATH);
    let description = openapi::document(url, &paths.routes, issuer.catalog());
    let at = format!("{}{}", literal(paths.base), openapi::PATH);
    let administration = Administration::of(paths.base, guarded);
    let router = paths.router.route(&at, get(serve).with_state(description));
    let router = router
        .with_state(Arc::clone(issuer))
        .method_not_allowed_fallback(other_method)
        .fallback(move |request: Request| elsewhere(administration.clone(), request))
        .layer(Observe(Arc::clone(issuer)));
    // After the layer, so that it is not wrapped: it observes itself.
    let token = post(token::post).fallback(token::other_method).with_state(Arc::clone(issuer));
    let router = router.route(&format!("{}{TOKEN}", literal(paths.base)), token);
    (router, paths.routes)
}

/// Paths as they are declared.
struct Paths<'u> {
    base: &'u str,
    router: Router<Arc<Issuer>>,
    routes: Vec<Route>,
}

impl Paths<'_> {
    /// One below the issuer's own path.
    fn own(&mut self, method: &'static str, path: &str, handler: MethodRouter<Arc<Issuer>>) {
        self.at(method, format!("{}{path}", self.base), path, handler);
    }

    /// One anywhere. A path that is declared already stays what it is.
    fn at(
        &mut self,
        method: &'static str,
        path: String,
        described: &str,
        handler: MethodRouter<Arc<Issuer>>,
    ) {
        if self.routes.iter().all(|route| route.path != path) {
            self.router = std::mem::take(&mut self.router).route(&literal(&path), handler);
            self.routes.push(Route { method, path, described: described.to_owned() });
        }
    }

    fn know_own(&mut self, method: &'static str, path: &str) {
        let (path, described) = (format!("{}{path}", self.base), path.to_owned());
        self.routes.push(Route { method, path, described });
    }

    /// Those of the administration, which its guard routes.
    fn know(&mut self, guarded: &Guarded) {
        for row in guarded.table().rows() {
            let path = row.path.clone();
            let described = if guarded.metadata_path() == Some(&*path) {
                openapi::ADMIN_METADATA
            } else {
                path.strip_prefix(self.base).unwrap_or(&path)
            };
            let described = described.to_owned();
            self.routes.push(Route { method: row.method.as_str(), path, described });
        }
    }
}

/// The administration behind its guard, and where it begins.
#[derive(Clone, Debug)]
struct Administration {
    below: Arc<str>,
    guarded: Guarded,
}

impl Administration {
    fn of(base: &str, guarded: Guarded) -> Self {
        Self { below: format!("{base}/admin").into(), guarded }
    }

    fn answers_to(&self, path: &str) -> bool {
        let below =
            path.strip_prefix(&*self.below).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below || self.guarded.metadata_path() == Some(path)
    }
}

/// What no other route took. The guard has a router of its own, which nothing can be added to.
async fn elsewhere(administration: Administration, request: Request) -> Response {
    if administration.answers_to(request.uri().path()) {
        let Ok(answer) = administration.guarded.oneshot(request).await;
        return answer;
    }
    (StatusCode::NOT_FOUND, super::NO_STORE, super::JSON, r#"{"error":"not_found","reason":"not_found"}"#)
        .into_response()
}

/// Any other method than the path takes; the router adds `Allow`.
async fn other_method() -> Response {
    let reason = Because::MethodNotAllowed.reason();
    let body = serde_json::json!({
        "error": "invalid_request",
        "error_description": "the path does not take this method; Allow lists those it takes",
        "reason": reason,
    });
    let mut response =
        (StatusCode::METHOD_NOT_ALLOWED, super::NO_STORE, super::JSON, body.to_string()).into_response();
    response.extensions_mut().insert(Outcome { reason: Some(reason), ..Outcome::default() });
    response
}

async fn serve(State(document): State<Document>, headers: HeaderMap) -> Response {
    document.answer(&headers)
}

/// The URL without a slash at its end: what endpoints are appended to.
pub(crate) fn base_url(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

/// The path of the URL, without a slash at its end: empty for most issuers.
pub(super) fn base_path(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = authority.find('/').and_then(|at| authority.get(at..)).unwrap_or_default();
    base_url(path)
}

/// The path with the braces doubled that would mean a parameter.
pub(super) fn literal(path: &str) -> String {
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
