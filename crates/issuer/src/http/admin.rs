//! The admin API: the use cases of [`crate::admin`] over HTTP, behind the guard that every service has.
//!
//! A token opens a route; the record of its client, read for every request, decides what may be done there.

mod caller;
mod catalog;
mod challenge;
mod client_keys;
mod clients;
mod document;
mod json;
mod keys;
mod place;
mod pointer;
mod query;
mod refusal;
mod revocations;
mod secrets;
mod shape;
mod stray;
mod work;

use super::observe::{self, Outcome};
use super::problem::told_as_problem;
use super::router::{base_path, literal};
use crate::client::MAX_ADMIN_LIFETIME;
use crate::issuer::Issuer;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use chancery_catalog::admin_audience;
use chancery_token::{ClientId, Format, KeySet, scope};
use chancery_verifier::guard::{Guarded, Router, delete, get, post};
use chancery_verifier::{InvalidSetup, Revocation, Verifier};
use std::sync::{Arc, OnceLock};

/// Administrators' requests that are worked on at once. Each may read all clients; whoever asks for tokens does
/// not wait for them, nor they for those.
pub(crate) const CONCURRENT: usize = 8;

/// The administration of `issuer`, with its metadata (RFC 9728).
#[expect(clippy::expect_used, reason = "constants below the path of a URL, in which every brace is escaped")]
pub(super) fn guarded(issuer: &Arc<Issuer>) -> Guarded {
    let verifier = verifier(issuer).expect("issuer, audience and reason say something");
    let edge = Edge { issuer: Arc::clone(issuer), verifier: verifier.clone() };
    let routes = routes(&base(issuer)).with_state(Arc::clone(issuer));
    routes.guard(verifier).expect("no two of the paths are one").layer(from_fn_with_state(edge, observed))
}

fn verifier(issuer: &Issuer) -> Result<Verifier, InvalidSetup> {
    let settings = issuer.settings();
    let revocation =
        Revocation::Ignore { reason: "the record of the administrator is read for every request" };
    let verifier = Verifier::new(&settings.issuer, admin_audience(&settings.issuer), revocation)?;
    let verifier = verifier.environment(settings.environment).max_lifetime(MAX_ADMIN_LIFETIME);
    // Few requests, so each signature is checked anew.
    Ok(verifier.cache_bytes(0).clock(issuer.shared_clock()))
}

/// Where the paths of the administration begin.
fn base(issuer: &Issuer) -> String {
    format!("{}/admin/v1", literal(base_path(&issuer.settings().issuer)))
}

fn routes(base: &str) -> Router<Arc<Issuer>> {
    let at = |path: &str| format!("{base}{path}");
    // The path of an issuer's URL may begin its segments as it likes.
    Router::new()
        .without_v07_checks()
        .route(
            &at("/clients"),
            get(scope!("clients:read"), clients::list).post(scope!("clients:create"), clients::create),
        )
        .route(
            &at("/clients/{id}"),
            get(scope!("clients:read"), clients::show).patch(scope!("clients:update"), clients::update),
        )
        .route(&at("/clients/{id}/disable"), post(scope!("clients:disable"), clients::disable))
        .route(&at("/clients/{id}/enable"), post(scope!("clients:update"), clients::enable))
        .route(&at("/clients/{id}/keys"), post(scope!("secrets:create"), client_keys::create))
        .route(&at("/clients/{id}/keys/{kid}"), delete(scope!("secrets:delete"), client_keys::delete))
        .route(&at("/clients/{id}/secrets"), post(scope!("secrets:create"), secrets::create))
        .route(&at("/clients/{id}/secrets/{secret_id}"), delete(scope!("secrets:delete"), secrets::delete))
        .route(&at("/keys"), get(scope!("keys:read"), keys::list))
        .route(&at("/keys/rotate"), post(scope!("keys:rotate"), keys::rotate))
        .route(
            &at("/revocations"),
            get(scope!("revocations:read"), revocations::status)
                .post(scope!("revocations:create"), revocations::create),
        )
        .route(&at("/revocations/receipts"), get(scope!("revocations:read"), revocations::receipts))
        .route(&at("/catalog"), get(scope!("clients:read"), catalog::show))
}

/// What stands around the guard.
#[derive(Clone, Debug)]
struct Edge {
    issuer: Arc<Issuer>,
    verifier: Verifier,
}

impl Edge {
    /// Believes the keys that are published now. They change rarely, and with them every token must be looked at
    /// anew; so nothing is installed that is installed.
    fn follow_keys(&self) {
        let keys = self.issuer.keyring().believed(Format::Jwt, self.issuer.now());
        let held = self.verifier.kids();
        let same =
            held.len() == keys.len() && keys.iter().all(|(kid, _)| held.iter().any(|it| **it == **kid));
        let keys = keys.into_iter().map(|(_, key)| key);
        if !same && let Some(keys) = KeySet::from_keys(Format::Jwt, keys) {
            // The set and the verifier are of one format, so nothing is refused here.
            let _ = self.verifier.install_keys(keys);
        }
    }
}

/// The administrator who asks, for the log: known once the guard has let the request through.
#[derive(Clone, Debug, Default)]
struct Acting(Arc<OnceLock<ClientId>>);

impl Acting {
    fn is(&self, client: &ClientId) {
        self.0.get_or_init(|| client.clone());
    }
}

/// Says every refusal as a problem, keeps every answer out of caches, and tells the log which route it was.
async fn observed(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    edge.follow_keys();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = observe::method(request.method());
    let acting = Acting::default();
    request.extensions_mut().insert(acting.clone());
    let mut response = told_as_problem(next.run(request).await);
    // The metadata says itself how long it is good.
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().extend(super::NO_STORE);
    }
    edge.issuer.metrics().administered(method, route.as_ref().map(MatchedPath::as_str), response.status());
    let outcome = response.extensions_mut().remove::<Outcome>().unwrap_or_default();
    let outcome = Outcome { route, client: acting.0.get().cloned(), ..outcome };
    response.extensions_mut().insert(outcome);
    response
}
