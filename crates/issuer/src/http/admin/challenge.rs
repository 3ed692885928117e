//! What goes with a refusal of the caller, in the guard's words.

use crate::http::router::base_path;
use crate::issuer::Issuer;
use axum::http::HeaderValue;
use chancery_token::Scope;

/// The `WWW-Authenticate` of a refusal (RFC 6750 section 3), with a pointer to the metadata of the administration
/// (RFC 9728 section 5.1), whose well-known part goes between host and path. Nothing in it comes from a request.
pub(super) fn challenge(issuer: &Issuer, error: &str, description: &str, scopes: &[Scope]) -> HeaderValue {
    let url = &issuer.settings().issuer;
    let path = base_path(url);
    let origin = url.strip_suffix('/').unwrap_or(url);
    let origin = origin.strip_suffix(path).unwrap_or(origin);
    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    let scope = if scopes.is_empty() { String::new() } else { format!(", scope=\"{}\"", scopes.join(" ")) };
    let text = format!(
        "Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource{path}/admin\", \
         error=\"{error}\", error_description=\"{description}\"{scope}"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}
