//! What clients and verifiers may know about the issuer without being told (RFC 8414).

use super::client_authentication::{METHODS, METHODS_OF_TOKENS};
use super::document::Document;
use crate::client::KeyAlgorithm;
use crate::grant::GrantType;
use crate::issuer::Issuer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chancery_catalog::Catalog;
use chancery_token::{AlgorithmName, UnixTime, dpop};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long the document may be kept: it changes when an issuer is started anew, and when a scope is retired.
const MAX_AGE: Duration = Duration::from_mins(5);

#[derive(serde::Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    /// Ours: where the PASERK keys are, for audiences whose tokens are PASETOs.
    paserk_uri: String,
    /// Ours: where the revocation log is, and the keys that sign it (docs/PROTOCOL.md).
    revocation_keys_uri: String,
    revocation_snapshot_uri: String,
    revocation_delta_uri: String,
    service_documentation: String,
    scopes_supported: BTreeSet<&'a str>,
    /// `docs/decisions/0002-response-types.md`
    response_types_supported: [&'a str; 0],
    /// There are no ID tokens. Readers of OpenID metadata take the algorithm of every token from here, and RS256 where
    /// nothing is said (coreos/go-oidc).
    id_token_signing_alg_values_supported: [&'a str; 1],
    grant_types_supported: [&'a str; GrantType::EVERY.len()],
    token_endpoint_auth_methods_supported: [&'a str; METHODS_OF_TOKENS.len()],
    token_endpoint_auth_signing_alg_values_supported: [&'a str; KeyAlgorithm::NAMES.len()],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'a str; METHODS.len()],
    revocation_endpoint_auth_signing_alg_values_supported: [&'a str; KeyAlgorithm::NAMES.len()],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: [&'a str; METHODS.len()],
    introspection_endpoint_auth_signing_alg_values_supported: [&'a str; KeyAlgorithm::NAMES.len()],
    dpop_signing_alg_values_supported: [&'a str; dpop::ALGORITHMS.len()],
}

/// The document at every time: one more scope may be retired from some second on, and is not told any more.
#[derive(Clone, Debug)]
pub(super) struct Published(Arc<[(UnixTime, Document)]>);

/// Handles `GET /.well-known/oauth-authorization-server`.
pub(super) async fn get(
    State((issuer, published)): State<(Arc<Issuer>, Published)>,
    headers: HeaderMap,
) -> Response {
    published.at(issuer.now()).map_or_else(
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |document| document.answer(&headers),
    )
}

impl Published {
    /// The documents of `issuer`, whose endpoints begin with `base`.
    pub(super) fn new(issuer: &str, base: &str, catalog: &Catalog, algorithm: AlgorithmName) -> Self {
        let sunsets = catalog.scopes().filter_map(|(_, entry)| entry.sunset());
        let from: BTreeSet<UnixTime> = sunsets.chain([UnixTime::from_secs(0)]).collect();
        Self(from.into_iter().map(|from| (from, document(issuer, base, catalog, algorithm, from))).collect())
    }

    /// The one that holds at `now`.
    fn at(&self, now: UnixTime) -> Option<&Document> {
        self.0.iter().rev().find(|(from, _)| *from <= now).map(|(_, document)| document)
    }
}

fn document(
    issuer: &str,
    base: &str,
    catalog: &Catalog,
    algorithm: AlgorithmName,
    now: UnixTime,
) -> Document {
    let metadata = Metadata {
        issuer,
        token_endpoint: format!("{base}/oauth2/token"),
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        paserk_uri: format!("{base}/keys/paserk.json"),
        revocation_keys_uri: format!("{base}/keys/revocation.json"),
        revocation_snapshot_uri: format!("{base}/revocation/snapshot"),
        revocation_delta_uri: format!("{base}/revocation/delta"),
        service_documentation: format!("{base}/scopes"),
        scopes_supported: scopes_supported(catalog, now),
        response_types_supported: [],
        id_token_signing_alg_values_supported: [algorithm.as_str()],
        grant_types_supported: GrantType::EVERY.map(GrantType::as_str),
        token_endpoint_auth_methods_supported: METHODS_OF_TOKENS,
        token_endpoint_auth_signing_alg_values_supported: KeyAlgorithm::NAMES,
        revocation_endpoint: format!("{base}/oauth2/revoke"),
        revocation_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: KeyAlgorithm::NAMES,
        introspection_endpoint: format!("{base}/oauth2/introspect"),
        introspection_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_signing_alg_values_supported: KeyAlgorithm::NAMES,
        dpop_signing_alg_values_supported: dpop::ALGORITHMS,
    };
    Document::new(serde_json::to_vec(&metadata).unwrap_or_default(), "application/json", MAX_AGE)
}

/// Those of the products that a token can carry. Who administers the issuer knows where the page of all scopes is;
/// everybody else should not be told to ask for them.
fn scopes_supported(catalog: &Catalog, now: UnixTime) -> BTreeSet<&str> {
    let open = catalog.scopes().filter(|(product, _)| !product.is_administration());
    let live = open.filter(|(_, entry)| !entry.is_retired(now));
    live.map(|(_, entry)| entry.scope().as_str()).collect()
}
