//! Why the proxy answers itself.

use crate::agent::socket::no_token;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chancery_client::SessionError;
use serde_json::json;

/// Those that are handed on, as far as they have a name that everybody knows.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Why a request goes no further.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The program's body ended early.
    BodyBrokenOff,
    /// The program shows no key.
    KeyMissing,
    /// The program shows another key.
    KeyWrong,
    /// There is no token to put in its place.
    NoToken(Box<SessionError>),
    /// It is asked of another server (RFC 9112 section 3.2).
    NotAPath,
    /// The path could lead out of the one that the proxy is for.
    NotPlain,
    /// The method would show the token to the program.
    OtherMethod,
    /// The server does not answer.
    Unreachable(String),
}

impl Fault {
    /// Stable name; see `docs/ERRORS.md`.
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::BodyBrokenOff => "body_broken_off",
            Self::KeyMissing => "proxy_key_missing",
            Self::KeyWrong => "proxy_key_wrong",
            Self::NoToken(why) => why.reason(),
            Self::NotAPath => "request_target_not_a_path",
            Self::NotPlain => "path_not_plain",
            Self::OtherMethod => "method_not_allowed",
            Self::Unreachable(_) => "upstream_unreachable",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::BodyBrokenOff => "the body ended before it was complete".to_owned(),
            Self::KeyMissing => "send the key of the proxy as Authorization: Bearer".to_owned(),
            Self::KeyWrong => "that is not the key of the proxy; its file is named when it starts".to_owned(),
            Self::NoToken(why) => why.to_string(),
            Self::NotAPath => "this proxy leads to one server: ask for a path".to_owned(),
            Self::NotPlain => "the path has a dot segment".to_owned(),
            Self::OtherMethod => "TRACE and TRACK are not handed on".to_owned(),
            Self::Unreachable(why) => format!("the server behind the proxy cannot be reached: {why}"),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, error) = match &self {
            Self::BodyBrokenOff | Self::NotAPath | Self::NotPlain => {
                (StatusCode::BAD_REQUEST, "invalid_request")
            }
            Self::KeyMissing | Self::KeyWrong => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::OtherMethod => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
            Self::Unreachable(_) => (StatusCode::BAD_GATEWAY, "bad_gateway"),
            Self::NoToken(why) => {
                let mut answer = no_token(*why.clone());
                // The server behind said nothing: it is not the one that refuses.
                if answer.status().is_client_error() {
                    *answer.status_mut() = StatusCode::BAD_GATEWAY;
                }
                return answer;
            }
        };
        let body = json!({ "error": error, "reason": self.reason(), "detail": self.detail() });
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
        let mut answer = (status, headers, body.to_string()).into_response();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
        }
        if status == StatusCode::UNAUTHORIZED {
            answer
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"chancery-proxy\""));
        }
        answer
    }
}
