//! What serves.

use super::table::Table;
use axum::body::{Bytes, HttpBody};
use axum::extract::Request;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use axum::routing::{IntoMakeService, Route};
use axum::serve::{IncomingStream, Listener};
use axum::{BoxError, ServiceExt};
use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{Layer, Service};

/// Routes behind a verifier. It can be served, layered and embedded, and takes no more routes.
///
/// ```no_run
/// # async fn serve(app: chancery_verifier::guard::Guarded) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, app).await
/// # }
/// ```
/// As a part of another axum application, with its metadata at the root, where RFC 9728 section 3.1 wants it:
/// ```
/// # fn embed(app: chancery_verifier::guard::Guarded) -> axum::Router {
/// let mut outer = axum::Router::new().nest_service("/api", app.clone());
/// if let Some(path) = app.metadata_path().map(str::to_owned) {
///     outer = outer.route_service(&path, app);
/// }
/// outer
/// # }
/// ```
/// A route that could be added later would be one that nobody reviewed; there is no way to add it.
#[derive(Clone)]
pub struct Guarded {
    app: axum::Router,
    table: Arc<Table>,
    metadata_path: Option<Arc<str>>,
}

impl Guarded {
    pub(super) fn new(app: axum::Router, table: Table, metadata_path: Option<Arc<str>>) -> Self {
        // Without state left to give, axum can build its routes now and not once a connection.
        Self { app: app.with_state(()), table: Arc::new(table), metadata_path }
    }

    /// Puts middleware around all routes, outside of the guard: it sees refusals too.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { app: self.app.layer(layer), ..self }
    }

    /// Every route that is served, with its access (rule R14).
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Where the protected-resource metadata is served (RFC 9728 section 3.1), if the audience is a URL.
    pub fn metadata_path(&self) -> Option<&str> {
        self.metadata_path.as_deref()
    }

    /// For [`axum::serve()`] and other servers.
    pub fn into_make_service(self) -> IntoMakeService<Self> {
        ServiceExt::<Request>::into_make_service(self)
    }

    /// As [`Guarded::into_make_service`], and handlers can ask for the address of the peer with
    /// [`axum::extract::ConnectInfo`].
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        ServiceExt::<Request>::into_make_service_with_connect_info(self)
    }
}

impl<B> Service<http::Request<B>> for Guarded
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<http::Request<B>>::poll_ready(&mut self.app, cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.app.call(request)
    }
}

/// Lets `axum::serve(listener, guarded)` do without `into_make_service`.
impl<L: Listener> Service<IncomingStream<'_, L>> for Guarded {
    type Response = Self;
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: IncomingStream<'_, L>) -> Self::Future {
        ready(Ok(self.clone()))
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("table", &self.table.rows())
            .field("metadata_path", &self.metadata_path)
            .finish_non_exhaustive()
    }
}
