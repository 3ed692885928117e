//! One log line for each request, and the id that ties it to the answer.
//!
//! What is written is chosen here, name by name. Headers, bodies, queries and raw paths are never among it.

use crate::issuer::Issuer;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use chancery_token::{ClientId, TokenId};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{Layer, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// What a handler knows and the log wants to. Travels as an extension of the response.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Who asked, if that was proved.
    pub(super) client: Option<ClientId>,
    /// The token that was issued.
    pub(super) token: Option<TokenId>,
    /// Why none was.
    pub(super) reason: Option<&'static str>,
    /// More about a fault of ours.
    pub(super) detail: Option<String>,
}

/// Wraps every route.
#[derive(Clone, Debug)]
pub(super) struct Observe(pub(super) Arc<Issuer>);

/// A route that is observed.
#[derive(Clone, Debug)]
pub(super) struct Observed<S> {
    issuer: Arc<Issuer>,
    route: S,
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, route: S) -> Observed<S> {
        Observed { issuer: Arc::clone(&self.0), route }
    }
}

impl<S> Service<Request<Body>> for Observed<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.route.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let issuer = Arc::clone(&self.issuer);
        let started = issuer.clock().monotonic();
        let method = method(request.method());
        let path = request.extensions().get::<MatchedPath>().cloned();
        let answer = self.route.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            let id = issuer.next_request_id();
            let outcome = response.extensions_mut().remove::<Outcome>().unwrap_or_default();
            let path = path.as_ref().map_or("unmatched", |path| path.as_str());
            let took = issuer.clock().monotonic().saturating_sub(started);
            let line =
                Line { id: &id, method, path, status: response.status().as_u16(), took, outcome: &outcome };
            line.write();
            let headers = response.headers_mut();
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
            headers.insert(header::REFERRER_POLICY, NO_REFERRER);
            if let Ok(id) = HeaderValue::try_from(id) {
                headers.insert(REQUEST_ID, id);
            }
            Ok(response)
        })
    }
}

struct Line<'l> {
    id: &'l str,
    method: &'static str,
    path: &'l str,
    status: u16,
    took: std::time::Duration,
    outcome: &'l Outcome,
}

impl Line<'_> {
    fn write(&self) {
        let duration_ms = self.took.as_secs_f64() * 1000.0;
        let client = self.outcome.client.as_ref().map(ClientId::as_str);
        let reason = self.outcome.reason;
        if self.status >= 500 {
            tracing::warn!(
                target: "chancery::http",
                request_id = self.id,
                method = self.method,
                path = self.path,
                status = self.status,
                duration_ms,
                client.id = client,
                reason,
                detail = self.outcome.detail.as_deref(),
                "request"
            );
        } else {
            tracing::info!(
                target: "chancery::http",
                request_id = self.id,
                method = self.method,
                path = self.path,
                status = self.status,
                duration_ms,
                client.id = client,
                token.id = self.outcome.token.as_ref().map(tracing::field::display),
                reason,
                "request"
            );
        }
    }
}

/// A method may be any word, and a word may be a secret: unknown ones are not repeated.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "other",
    }
}
