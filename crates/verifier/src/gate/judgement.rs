//! The guard, asked by a proxy.

use super::claims::{admission, let_in};
use super::disguise::undisguised;
use super::fault::InvalidGate;
use super::lookalike::Lookalikes;
use super::original::Original;
use super::plain::PlainPath;
use super::proxy::Proxy;
use super::refusal::Refusal;
use crate::guard::{Guarded, Refused, Router, Row, Table, on};
use crate::verifier::Verifier;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use std::sync::Arc;
use tower::ServiceExt;

/// In an answer to `auth_request` of nginx: the status and the body of the refusal that the client is to see.
pub const REFUSAL_HEADERS: [&str; 2] = ["Chancery-Refusal-Status", "Chancery-Refusal-Body"];

static REFUSAL_STATUS: HeaderName = HeaderName::from_static("chancery-refusal-status");
static REFUSAL_BODY: HeaderName = HeaderName::from_static("chancery-refusal-body");

/// Some hundred bytes and the names of a route's scopes; nginx takes headers of 32 KiB, as it is configured here.
const MAX_REFUSAL: usize = 16 * 1024;

/// Says to a proxy which requests may in: those that the guard of the same routes lets in. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Gate {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    guarded: Guarded,
    lookalikes: Lookalikes,
}

/// How a request fared, as an extension of the answer: for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The reason of the refusal; `None` for a request that was let in.
    pub reason: Option<&'static str>,
}

impl Gate {
    /// A gate before the routes of `rows`.
    ///
    /// # Errors
    /// Every fault of the table: those of [`Router::guard`], paths that no plain path meets, and paths that services
    /// do not tell apart.
    pub fn new(rows: impl IntoIterator<Item = Row>, verifier: Verifier) -> Result<Self, InvalidGate> {
        let routes: Router = rows.into_iter().fold(Router::new(), |routes, Row { method, path, access }| {
            routes.route(&path, on(method, access, let_in))
        });
        let guarded = routes.guard(verifier)?;
        let paths = guarded.table().rows().iter().map(|row| &*row.path);
        let lookalikes = Lookalikes::new(paths, guarded.metadata_path()).map_err(InvalidGate::new)?;
        Ok(Self { shared: Arc::new(Shared { guarded, lookalikes }) })
    }

    /// Judges the request that `proxy` tells of. The answer is 200 with the claim headers, or the refusal as the client
    /// is to see it.
    pub async fn judge(&self, proxy: Proxy, request: &Parts) -> Response {
        let mut response = match self.asked(proxy, request) {
            Ok(asked) => self.ask(asked).await,
            Err(refusal) => refusal.respond(),
        };
        // That of the answer to a HEAD belongs to a body that is not there.
        response.headers_mut().remove(CONTENT_LENGTH);
        response
    }

    /// As [`Gate::judge`], in the words that `auth_request` of nginx knows: 200, and 403 for every refusal. (With 401 nginx
    /// hands on the challenge by itself, beside the one of its configuration.) The body is empty: the status and the body
    /// that the client is to see come as the headers [`REFUSAL_HEADERS`], so that nginx need not ask again, and not
    /// read the body of a request that is refused.
    pub async fn judge_for_auth_request(&self, request: &Parts) -> Response {
        let (mut parts, body) = self.judge(Proxy::Nginx, request).await.into_parts();
        parts.headers.remove(CONTENT_TYPE);
        if parts.status != StatusCode::OK {
            // A body that no header can hold stays away; the status says enough.
            let text = to_bytes(body, MAX_REFUSAL).await.ok();
            if let Some(text) = text.and_then(|text| HeaderValue::from_bytes(&text).ok()) {
                parts.headers.insert(REFUSAL_BODY.clone(), text);
            }
            parts.headers.insert(REFUSAL_STATUS.clone(), parts.status.as_u16().into());
            parts.status = StatusCode::FORBIDDEN;
        }
        Response::from_parts(parts, Body::empty())
    }

    /// The routes, with that of the metadata.
    pub fn table(&self) -> &Table {
        self.shared.guarded.table()
    }

    /// Where clients look for the metadata of the resource (RFC 9728 section 3.1), if the audience is a URL.
    pub fn metadata_path(&self) -> Option<&str> {
        self.shared.guarded.metadata_path()
    }

    /// The metadata of the resource (RFC 9728), as the guard serves it; 404 where there is none.
    pub async fn metadata(&self) -> Response {
        let path = self.metadata_path().and_then(|path| path.parse::<Uri>().ok());
        let Some(path) = path else { return Refusal::Undeclared.respond() };
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path;
        self.guard(request).await
    }

    /// The request that is meant, if nobody behind can take it for another.
    fn asked(&self, proxy: Proxy, request: &Parts) -> Result<Request<Body>, Refusal> {
        let Original { method, path, query } = Original::told(proxy, request)?;
        undisguised(&request.headers, query)?;
        let path = PlainPath::read(path)?;
        if let Some(route) = self.shared.lookalikes.other(&path) {
            return Err(Refusal::Ambiguous { route: route.to_owned() });
        }
        Ok(synthetic(method, &path, &request.headers))
    }

    async fn ask(&self, request: Request<Body>) -> Response {
        let mut response = self.guard(request).await;
        let extensions = response.extensions();
        if extensions.get::<Judged>().is_some() {
            return response;
        }
        if let Some(Refused { reason, .. }) = extensions.get::<Refused>() {
            let judged = Judged { reason: Some(reason) };
            response.extensions_mut().insert(judged);
            return response;
        }
        match response.status() {
            StatusCode::NOT_FOUND => Refusal::Undeclared.respond(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Refusal::MethodUndeclared { allow: response.headers_mut().remove(ALLOW) }.respond()
            }
            // The metadata of the guard itself, which is public.
            _ => admission(None),
        }
    }

    async fn guard(&self, request: Request<Body>) -> Response {
        match self.shared.guarded.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// What the guard looks at: method, path, credentials.
fn synthetic(method: Method, path: &PlainPath<'_>, headers: &HeaderMap) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    // What is plain is a path to `http`; if it were not, no route has the path `*`.
    let path = PathAndQuery::try_from(path.as_str()).unwrap_or(PathAndQuery::from_static("*"));
    *request.uri_mut() = Uri::from(path);
    for credentials in headers.get_all(AUTHORIZATION) {
        request.headers_mut().append(AUTHORIZATION, credentials.clone());
    }
    request
}
