//! What an issuer answers over HTTP. One behaviour, one file; the paths stand in `router.rs`.

mod admin;
mod admission;
mod body;
mod client_assertion;
mod client_authentication;
mod document;
mod dpop;
mod error;
mod exchange_fault;
mod form;
mod health;
mod introspect;
mod keys;
mod metadata;
mod metrics;
mod observe;
mod openapi;
mod posted;
mod presented;
mod problem;
mod revocation;
mod revoke;
mod router;
mod scopes;
mod token;

pub(crate) use admin::CONCURRENT as CONCURRENT_ADMINISTRATION;
pub(crate) use admission::{Admission, Admitted};
pub(crate) use keys::PublishedKeys;
pub(crate) use revocation::Polls;
pub(crate) use revoke::Revoking;
pub use router::Route;
pub(crate) use router::{base_url, router, routes};

use axum::http::{HeaderName, HeaderValue, header};

/// RFC 6749 section 5.1: answers of the token endpoint are stored nowhere, refusals neither.
const NO_STORE: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

const JSON: [(HeaderName, HeaderValue); 1] =
    [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
