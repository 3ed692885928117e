//! What clients and verifiers may know about the issuer without being told (RFC 8414).

use super::client_authentication::METHODS;
use super::document::Document;
use crate::grant::CLIENT_CREDENTIALS;
use chancery_catalog::Catalog;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long the document may be kept: it changes only when an issuer is started anew.
const MAX_AGE: Duration = Duration::from_mins(5);

#[derive(serde::Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    /// Ours: where the PASERK keys are, for audiences whose tokens are PASETOs.
    paserk_uri: String,
    service_documentation: String,
    scopes_supported: BTreeSet<&'a str>,
    /// `docs/decisions/0002-response-types.md`
    response_types_supported: [&'a str; 0],
    grant_types_supported: [&'a str; 1],
    token_endpoint_auth_methods_supported: [&'a str; 2],
}

/// The document of `issuer`, whose endpoints begin with `base`.
pub(super) fn document(issuer: &str, base: &str, catalog: &Catalog) -> Document {
    let metadata = Metadata {
        issuer,
        token_endpoint: format!("{base}/oauth2/token"),
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        paserk_uri: format!("{base}/keys/paserk.json"),
        service_documentation: format!("{base}/scopes"),
        scopes_supported: scopes_supported(catalog),
        response_types_supported: [],
        grant_types_supported: [CLIENT_CREDENTIALS],
        token_endpoint_auth_methods_supported: METHODS,
    };
    Document::new(serde_json::to_vec(&metadata).unwrap_or_default(), "application/json", MAX_AGE)
}

/// Those of the products. Who administers the issuer knows where the page of all scopes is; everybody else should
/// not be told to ask for them.
fn scopes_supported(catalog: &Catalog) -> BTreeSet<&str> {
    let open = catalog.scopes().filter(|(product, _)| !product.is_administration());
    open.map(|(_, entry)| entry.scope().as_str()).collect()
}
