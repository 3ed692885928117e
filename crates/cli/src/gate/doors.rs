//! What a gate answers over HTTP.

use super::in_service::InService;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use chancery_verifier::gate::{ENVOY_PREFIX, Judged, Proxy};
use std::sync::Arc;

/// What the text format of Prometheus calls itself.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Why a question is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turned {
    /// Nothing is there.
    NothingHere,
    /// It is asked of another place than a path of the gate (RFC 9112 section 3.2).
    NotAPath,
    /// It would change something.
    OtherMethod,
}

impl Turned {
    /// Stable name; see `docs/ERRORS.md`.
    const fn reason(self) -> &'static str {
        match self {
            Self::NothingHere => "not_found",
            Self::NotAPath => "request_target_not_a_path",
            Self::OtherMethod => "method_not_allowed",
        }
    }

    fn answer(self) -> Response {
        let (status, error) = match self {
            Self::NothingHere => (StatusCode::NOT_FOUND, "not_found"),
            Self::NotAPath => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::OtherMethod => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
        };
        let mut answer = json(status, format!(r#"{{"error":"{error}","reason":"{}"}}"#, self.reason()));
        if self == Self::OtherMethod {
            answer.headers_mut().insert(ALLOW, axum::http::HeaderValue::from_static("GET, HEAD"));
        }
        answer
    }
}

/// Who knocks, by the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Judge(Proxy),
    Alive,
    Ready,
    Metrics,
    Metadata,
}

/// Answers at every path. The paths are compared as they came: a router that decodes or mends them could take one for
/// another.
pub(super) fn router(service: Arc<InService>) -> Router {
    Router::new().fallback(answer).with_state(service)
}

async fn answer(State(service): State<Arc<InService>>, request: Request) -> Response {
    // The body stays unread: what is judged is the head.
    let (head, _) = request.into_parts();
    // A proxy that asks names a path of ours. One that was made to forward what its client wrote on the request line, such
    // as `x:http://gate/healthz`, must not get a 200 that was meant for a probe.
    if head.uri.scheme().is_some() || head.uri.authority().is_some() {
        service.counts.judged(Some(Turned::NotAPath.reason()));
        return Turned::NotAPath.answer();
    }
    let gate = service.gate();
    let Some(door) = Door::at(head.uri.path(), gate.metadata_path()) else {
        return Turned::NothingHere.answer();
    };
    let proxy = match door {
        Door::Judge(proxy) => proxy,
        _ if !is_read(&head) => return Turned::OtherMethod.answer(),
        Door::Alive => return json(StatusCode::OK, r#"{"status":"alive"}"#),
        Door::Ready => return service.readiness.answer(),
        Door::Metrics => return ([(CONTENT_TYPE, METRICS)], service.metrics()).into_response(),
        Door::Metadata => return gate.metadata().await,
    };
    let answer = match proxy {
        Proxy::Nginx => gate.judge_for_auth_request(&head).await,
        Proxy::Caddy | Proxy::Envoy | Proxy::Traefik => gate.judge(proxy, &head).await,
    };
    service.counts.judged(answer.extensions().get::<Judged>().and_then(|judged| judged.reason));
    answer
}

impl Door {
    fn at(path: &str, metadata: Option<&str>) -> Option<Self> {
        match path {
            "/auth/nginx" => Some(Self::Judge(Proxy::Nginx)),
            "/auth/caddy" => Some(Self::Judge(Proxy::Caddy)),
            "/auth/traefik" => Some(Self::Judge(Proxy::Traefik)),
            "/healthz" => Some(Self::Alive),
            "/readyz" => Some(Self::Ready),
            "/metrics" => Some(Self::Metrics),
            // Whatever follows: the gate says what is wrong with it.
            _ if path.starts_with(ENVOY_PREFIX) => Some(Self::Judge(Proxy::Envoy)),
            _ if metadata == Some(path) => Some(Self::Metadata),
            _ => None,
        }
    }
}

fn is_read(head: &Parts) -> bool {
    head.method == Method::GET || head.method == Method::HEAD
}

fn json(status: StatusCode, body: impl Into<String>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_found_by_the_path_as_it_came() {
        let metadata = Some("/.well-known/oauth-protected-resource");
        let at = |path: &str| Door::at(path, metadata);
        assert_eq!(at("/auth/nginx"), Some(Door::Judge(Proxy::Nginx)));
        assert_eq!(at("/.well-known/oauth-protected-resource"), Some(Door::Metadata));
        for envoy in
            ["/auth/envoy", "/auth/envoy/", "/auth/envoy/invoices", "/auth/envoy//a/..", "/auth/envoy*"]
        {
            assert_eq!(at(envoy), Some(Door::Judge(Proxy::Envoy)), "{envoy}");
        }
        for nothing in [
            "/",
            "",
            "*",
            "/auth",
            "/auth/nginx/",
            "/auth/nginx/x",
            "//auth/nginx",
            "/Auth/nginx",
            "/auth/%6eginx",
            "/auth/caddy/x",
        ] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
        assert_eq!(Door::at("/.well-known/oauth-protected-resource", None), None);
    }
}
