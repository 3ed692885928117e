//! The guard behind a proxy, for services that are not Rust.
//!
//! A proxy asks for every request whether it may in: nginx by `auth_request`, Caddy and Traefik by forward-auth, Envoy by
//! `ext_authz`. A [`Gate`] reads the original method and path in the words of that [`Proxy`], and puts them before
//! the [`crate::guard::Guarded`] of a table of routes; verdicts, challenges and bodies are the guard's. An answer 200 carries
//! the claims of the token in [`CLAIM_HEADERS`].
//!
//! ```
//! use chancery_verifier::gate::{Gate, InvalidGate, Judged, Proxy};
//! use chancery_verifier::guard::{Row, Verb, public};
//! use chancery_verifier::{Verifier, scope};
//!
//! fn gate(verifier: Verifier) -> Result<Gate, InvalidGate> {
//!     let health = Row { method: Verb::Get, path: "/healthz".into(), access: public("liveness probe") };
//!     let show = Row { method: Verb::Get, path: "/invoices/{id}".into(), access: scope!("invoices:read").into() };
//!     Gate::new([health, show], verifier)
//! }
//!
//! async fn ask(gate: &Gate, question: http::request::Parts) -> Option<&'static str> {
//!     let answer = gate.judge(Proxy::Traefik, &question).await;
//!     answer.extensions().get::<Judged>().and_then(|judged| judged.reason)
//! }
//! ```
//!
//! # What is refused before a route is looked up
//!
//! The service behind reads the request itself. Whatever it could read as another request than the guard did is refused,
//! never repaired:
//!
//! | | status | `reason` |
//! | --- | --- | --- |
//! | the proxy does not say which request it means | 500 | `original_request_missing` |
//! | it says so several times | 400 | `original_request_repeated` |
//! | the method is no token | 400 | `method_not_plain` |
//! | a header or a parameter of the query names another method, a header another path | 400 | `method_override`, `path_override` |
//! | a header reads like one of [`CLAIM_HEADERS`] and is not spelled like it | 400 | `claim_header_lookalike` |
//! | `Connection` names a header that the service goes by | 400 | `header_dropped_on_the_way` |
//! | an empty segment, a dot segment, `\`, `;`, a needless escape, a character that some take for a separator | 400 | `path_not_plain` |
//! | a path over 4 KiB | 414 | `uri_too_long` |
//! | a path that a lenient service takes for another route: case, escapes, last slash, suffix | 400 | `path_ambiguous` |
//!
//! Then the guard is asked; a path that is not declared is 404 `route_undeclared`, a method 405 `method_undeclared` with
//! `Allow`. Every refusal is JSON with `error`, `reason`, `error_description`, and `Cache-Control: no-store`.
//!
//! # What it cannot see
//!
//! Bodies: a service that takes a method from a form (`_method`) has to turn that off. Prefixes: a service that takes what
//! lies below a path for the path itself shows only where a `{*rest}` would let it in; declare such paths with
//! `{*rest}` of their own. Fragments and trailers: the
//! proxy drops them. What a handshake leads to: after `Upgrade` the proxy asks no more.

mod claims;
mod disguise;
mod fault;
mod judgement;
mod lookalike;
mod original;
mod plain;
mod proxy;
mod refusal;
mod resemblance;
mod shape;

pub use claims::CLAIM_HEADERS;
pub use fault::{GateFault, InvalidGate};
pub use judgement::{Gate, Judged, REFUSAL_HEADERS};
pub use proxy::{ENVOY_PREFIX, Proxy};
