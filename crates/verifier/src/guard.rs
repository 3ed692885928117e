//! Routes that state their access, for axum.
//!
//! Every verb carries what it asks of its callers; [`Router::guard`] puts a verifier in front of all of them at
//! once. A route without an access does not compile, a route that was not declared does not exist, and what comes
//! back serves and takes no more routes (rule R14).
//!
//! ```
//! use chancery_verifier::guard::{Guarded, InvalidRoutes, Router, get, public};
//! use chancery_verifier::{Verified, Verifier, scope};
//!
//! async fn health() {}
//! async fn list(token: Verified) -> String {
//!     format!("the invoices of {}", token.tenant())
//! }
//!
//! fn app(verifier: Verifier) -> Result<Guarded, InvalidRoutes> {
//!     Router::new()
//!         .route("/healthz", get(public("liveness probe"), health))
//!         .route("/invoices", get(scope!("invoices:read"), list))
//!         .guard(verifier)
//! }
//! ```
//!
//! # Records
//!
//! The guard looks at scopes. Only the handler knows the record, so it asks there (rule R40); the error answers
//! for itself:
//!
//! ```
//! use axum::Json;
//! use chancery_verifier::{Forbidden, Record, Verified};
//!
//! struct Invoice { account: String, number: u64 }
//!
//! impl Record for Invoice {
//!     fn tenant(&self) -> &str {
//!         &self.account
//!     }
//! }
//!
//! async fn show(token: Verified) -> Result<Json<u64>, Forbidden> {
//!     let invoice = Invoice { account: "acme".into(), number: 7 }; // from the store
//!     token.allows(&invoice)?;
//!     Ok(Json(invoice.number))
//! }
//! ```
//!
//! # Refusals
//!
//! Each has a JSON body with a stable `reason`, and `Cache-Control: no-store`:
//!
//! | | status | `error` | `reason` |
//! | --- | --- | --- | --- |
//! | no token, or another scheme | 401 | none | `token_missing`, `scheme_not_bearer`, `dpop_not_taken` |
//! | not exactly one token | 400 | `invalid_request` | `credentials_malformed`, `credentials_repeated` |
//! | a bad DPoP proof (feature `dpop`) | 401 | `invalid_dpop_proof` | `dpop_…` |
//! | a DPoP proof without our nonce | 401 | `use_dpop_nonce` | `dpop_nonce_missing`, `dpop_nonce_stale` |
//! | a bad token | 401 | `invalid_token` | that of the [`crate::Rejection`] |
//! | a scope is missing | 403 | `insufficient_scope` | `insufficient_scope` |
//! | not for this record | 403 | `access_denied` | `out_of_bounds` |
//! | no keys to verify with | 503 | `temporarily_unavailable` | `keys_unavailable` |
//! | nobody can say whether it is revoked | 503 | `temporarily_unavailable` | that of the [`crate::Rejection`] |
//! | a handler takes a token where there is none | 500 | `server_error` | that of [`NoToken`] |
//!
//! 400, 401 and the missing scope carry `WWW-Authenticate: Bearer` (RFC 6750 section 3) with
//! `resource_metadata` (RFC 9728 section 5.1) where the audience is an `http` or `https` URL, else with `realm`.
//! Middleware around the routes finds what was said as [`Refused`] in the extensions of the response, and may say
//! it in another form.
//! Every refusal is logged under the target `chancery_verifier::guard` with the evidence that the caller does not
//! get, and never with the token.

mod access;
mod challenge;
#[cfg(doctest)]
mod compile_fail;
mod credentials;
#[cfg(feature = "dpop")]
mod dpop;
mod entrance;
mod extract;
mod guarded;
mod methods;
mod refusal;
mod resource;
mod router;
mod seal;
mod table;

pub use access::{Access, AtMost, Demand, NoScope, public};
pub use challenge::ScopeDisclosure;
#[cfg(feature = "dpop")]
pub use dpop::{DEFAULT_PROOF_WINDOW, Dpop, InvalidPublicUrl, MAX_PROOF_WINDOW, Unbound};
pub use extract::NoToken;
pub use guarded::Guarded;
pub use methods::{Methods, UnknownVerb, Verb, delete, get, on, patch, post, put};
pub use refusal::{Refused, RefusedScopes};
pub use resource::METADATA_REASON;
pub use router::Router;
pub use seal::{InvalidRoute, InvalidRoutes};
pub use table::{Row, Table};
