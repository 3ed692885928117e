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
use std::time::Duration;
use tower::{Layer, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// What a handler knows and the log wants to. Travels as an extension of the response.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// The template of the path, where another router chose the route.
    pub(super) route: Option<MatchedPath>,
    /// Who asked, if that was proved.
    pub(super) client: Option<ClientId>,
    /// The token that was issued.
    pub(super) token: Option<TokenId>,
    /// Why none was.
    pub(super) reason: Option<&'static str>,
    /// More about a fault of ours.
    pub(super) detail: Option<String>,
}

/// Wraps every route but the token endpoint, which observes itself: what wraps a route takes a tenth of the time that
/// the endpoint takes besides the signature.
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
    S::Future: Unpin,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Observing<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.route.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let watch = Watch::begin(&self.issuer, &request);
        Observing { issuer: Arc::clone(&self.issuer), watch, answer: self.route.call(request) }
    }
}

/// A request that is being answered.
pub(super) struct Observing<F> {
    issuer: Arc<Issuer>,
    watch: Watch,
    answer: F,
}

impl<F> Future for Observing<F>
where
    F: Future<Output = Result<Response, Infallible>> + Unpin,
{
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map_ok(|mut response| {
            let outcome = response.extensions_mut().remove::<Outcome>().unwrap_or_default();
            self.watch.end(&self.issuer, &outcome, &mut response);
            response
        })
    }
}

/// What is known of a request before it is answered.
pub(super) struct Watch {
    started: Duration,
    method: &'static str,
    path: Option<MatchedPath>,
}

impl Watch {
    /// To be called before anything else is done.
    pub(super) fn begin(issuer: &Issuer, request: &Request) -> Self {
        Self {
            started: issuer.clock().monotonic(),
            method: method(request.method()),
            path: request.extensions().get::<MatchedPath>().cloned(),
        }
    }

    /// Writes the line, and completes the head of the answer.
    pub(super) fn end(&self, issuer: &Issuer, outcome: &Outcome, response: &mut Response) {
        let id = issuer.next_request_id();
        let path = outcome.route.as_ref().or(self.path.as_ref());
        let line = Line {
            id: &id,
            method: self.method,
            path: path.map_or("unmatched", |path| path.as_str()),
            status: response.status().as_u16(),
            took: issuer.clock().monotonic().saturating_sub(self.started),
            outcome,
        };
        line.write();
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(header::REFERRER_POLICY, NO_REFERRER);
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(REQUEST_ID, id);
        }
    }
}

struct Line<'l> {
    id: &'l str,
    method: &'static str,
    path: &'l str,
    status: u16,
    took: Duration,
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
pub(super) fn method(method: &Method) -> &'static str {
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
