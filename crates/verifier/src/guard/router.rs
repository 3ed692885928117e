//! Routes as data, until they are sealed.

use super::access::Access;
use super::guarded::Guarded;
use super::methods::{Endpoint, Methods, Verb};
use super::seal::{self, InvalidRoutes};
use super::table::{Row, Table};
use crate::verifier::Verifier;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::any_service;
use std::convert::Infallible;
use std::fmt;
use tower::Service;

/// Routes that each state their access. [`Router::guard`] makes a service of them; before that nothing is served.
///
/// ```
/// use axum::extract::State;
/// use chancery_verifier::guard::{Guarded, InvalidRoutes, Router, get, public};
/// use chancery_verifier::{Verified, Verifier, scope};
///
/// #[derive(Clone)]
/// struct Db;
///
/// async fn health() -> &'static str {
///     "ok"
/// }
/// async fn list(State(_db): State<Db>, token: Verified) -> String {
///     format!("the invoices of {}", token.tenant())
/// }
/// async fn create(State(_db): State<Db>) {}
///
/// fn invoices() -> Router<Db> {
///     Router::new()
///         .route("/invoices", get(scope!("invoices:read"), list).post(scope!("invoices:create"), create))
/// }
///
/// fn app(verifier: Verifier) -> Result<Guarded, InvalidRoutes> {
///     Router::new()
///         .route("/healthz", get(public("liveness probe"), health))
///         .merge(invoices().with_state(Db))
///         .guard(verifier)
/// }
/// ```
#[must_use = "routes do nothing until `Router::guard` seals them"]
pub struct Router<S = ()> {
    routes: Vec<(String, Endpoint<S>)>,
    syntax: Syntax,
}

/// What a segment that begins with `:` or `*` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Syntax {
    /// A parameter as axum wrote them until 0.7: a slip.
    #[default]
    Slip,
    /// Itself.
    Literal,
}

impl<S> Default for Router<S> {
    fn default() -> Self {
        Self { routes: Vec::new(), syntax: Syntax::default() }
    }
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// No routes yet: everything is 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes segments that begin with `:` or `*` for what they are. Otherwise they are a fault, because until its
    /// version 0.7 axum wrote parameters like this.
    pub fn without_v07_checks(self) -> Self {
        Self { syntax: Syntax::Literal, ..self }
    }

    /// Adds verbs at `path`, in axum's syntax: `/invoices/{id}`, `/files/{*rest}`.
    pub fn route(mut self, path: &str, methods: Methods<S>) -> Self {
        self.routes.extend(methods.endpoints.into_iter().map(|endpoint| (path.to_owned(), endpoint)));
        self
    }

    /// Adds a whole tower service under one access, whatever the method: an MCP endpoint, static files.
    ///
    /// It answers at `path` alone; one that serves a tree says so, `/files/{*rest}`, and sees the whole path. It
    /// finds the token as [`crate::Verified`] in the extensions of the request.
    pub fn service<T>(mut self, path: &str, access: impl Into<Access>, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        T::Response: IntoResponse,
        T::Future: Send + 'static,
    {
        let endpoint = Endpoint { verb: Verb::Any, access: access.into(), handler: any_service(service) };
        self.routes.push((path.to_owned(), endpoint));
        self
    }

    /// Adds the routes of another router.
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// Adds the routes of another router below `prefix`. The paths are joined, so that handlers, logs and the
    /// table all see one path; its `/` becomes the prefix itself.
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        self.routes.extend(other.routes.into_iter().map(|(path, endpoint)| (join(prefix, &path), endpoint)));
        self
    }

    /// Gives the handlers so far their state.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        let (syntax, routes) = (self.syntax, self.routes.into_iter());
        Router {
            syntax,
            routes: routes.map(|(path, endpoint)| (path, endpoint.with_state(state.clone()))).collect(),
        }
    }
}

impl<S> Router<S> {
    /// Every route that was declared, with its access (rule R14).
    pub fn table(&self) -> Table {
        Table::new(self.routes.iter().map(|(path, endpoint)| Row {
            method: endpoint.verb,
            path: path.clone(),
            access: endpoint.access.clone(),
        }))
    }
}

impl Router {
    /// Seals the routes behind `verifier`. What comes back serves, and takes no more routes.
    ///
    /// Where the audience is an `http` or `https` URL, its protected-resource metadata (RFC 9728) is served at
    /// `/.well-known/oauth-protected-resource` and the path of the audience; see [`Guarded::metadata_path`].
    ///
    /// # Errors
    /// Every fault of the table: a route declared twice, a path that cannot be routed, a public route that does
    /// not say why.
    pub fn guard(self, verifier: Verifier) -> Result<Guarded, InvalidRoutes> {
        seal::seal(
            self.table(),
            self.routes,
            self.syntax,
            verifier,
            #[cfg(feature = "dpop")]
            None,
        )
    }

    /// As [`Router::guard`], for tokens that are bound to a key of their holder too: they come under the scheme `DPoP`, each
    /// with a proof of that key (RFC 9449 section 7). A bound token as `Bearer` is refused, and so is one under `DPoP` that is
    /// bound to nothing.
    ///
    /// # Errors
    /// As [`Router::guard`].
    #[cfg(feature = "dpop")]
    pub fn guard_with_dpop(
        self,
        verifier: Verifier,
        dpop: super::dpop::Dpop,
    ) -> Result<Guarded, InvalidRoutes> {
        let proofs = super::dpop::Proofs::new(dpop);
        seal::seal(self.table(), self.routes, self.syntax, verifier, Some(proofs))
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Router").field(&self.table().rows()).finish()
    }
}

fn join(prefix: &str, path: &str) -> String {
    let stem = prefix.trim_end_matches('/');
    let is_root = path == "/" && !stem.is_empty() && stem.len() == prefix.len();
    if is_root { stem.to_owned() } else { format!("{stem}{path}") }
}
