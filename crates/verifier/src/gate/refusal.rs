//! Every answer of the gate that is a refusal and not the guard's: the one place that knows their statuses.

use super::Judged;
use super::disguise::Disguise;
use super::original::NotTold;
use super::plain::NotPlain;
use crate::guard::Refused;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL};
use http::{HeaderValue, StatusCode};

/// Why a request is refused before, or instead of, the guard's verdict. `Display` is evidence for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// Services that read the path leniently take it for another route than the guard does.
    #[error("a service that reads the path leniently takes it for {route}")]
    Ambiguous {
        /// The other route.
        route: String,
    },
    /// The token is good, and its claims cannot be handed on.
    #[error("the claims do not fit into headers")]
    Claims,
    /// The request might be another one to the service.
    #[error(transparent)]
    Disguised(Disguise),
    /// No route has the path and the method.
    #[error("the path is declared, the method is not")]
    MethodUndeclared {
        /// The methods that are.
        allow: Option<HeaderValue>,
    },
    /// Services differ about the path.
    #[error("the path is not plain: {0}")]
    NotPlain(NotPlain),
    /// Nobody can say which request is meant.
    #[error("{0}")]
    NotTold(NotTold),
    /// No route has the path.
    #[error("no route is declared for the path")]
    Undeclared,
}

#[derive(serde::Serialize)]
struct Body {
    error: &'static str,
    reason: &'static str,
    error_description: &'static str,
}

impl Refusal {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Ambiguous { .. } => "path_ambiguous",
            Self::Claims => "claims_unfit_for_headers",
            Self::Disguised(Disguise::Claim { .. }) => "claim_header_lookalike",
            Self::Disguised(Disguise::Dropped { .. }) => "header_dropped_on_the_way",
            Self::Disguised(Disguise::Method { .. }) => "method_override",
            Self::Disguised(Disguise::Path { .. }) => "path_override",
            Self::MethodUndeclared { .. } => "method_undeclared",
            Self::NotPlain(NotPlain::TooLong { .. }) => "uri_too_long",
            Self::NotPlain(_) => "path_not_plain",
            Self::NotTold(NotTold::Method) => "method_not_plain",
            Self::NotTold(NotTold::Missing { .. }) => "original_request_missing",
            Self::NotTold(NotTold::Repeated { .. }) => "original_request_repeated",
            Self::Undeclared => "route_undeclared",
        }
    }

    fn answer(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Ambiguous { .. } => (
                StatusCode::BAD_REQUEST,
                "write the path exactly as the service declares it: case, last slash and suffix count",
            ),
            Self::Claims | Self::NotTold(NotTold::Missing { .. }) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the gate is put together wrongly; its log says how")
            }
            Self::Disguised(Disguise::Claim { .. }) => {
                (StatusCode::BAD_REQUEST, "send no headers that read like those of the gate")
            }
            Self::Disguised(Disguise::Dropped { .. }) => {
                (StatusCode::BAD_REQUEST, "name no header in Connection that the service goes by")
            }
            Self::Disguised(Disguise::Method { .. }) => {
                (StatusCode::BAD_REQUEST, "send the request with the method that is meant")
            }
            Self::Disguised(Disguise::Path { .. }) => {
                (StatusCode::BAD_REQUEST, "send the request to the path that is meant")
            }
            Self::MethodUndeclared { .. } => {
                (StatusCode::METHOD_NOT_ALLOWED, "the path takes the methods of the Allow header")
            }
            Self::NotPlain(NotPlain::TooLong { .. }) => {
                (StatusCode::URI_TOO_LONG, "a path has 4096 bytes at most")
            }
            Self::NotPlain(_) => (
                StatusCode::BAD_REQUEST,
                "write the path without empty segments, dot segments, backslashes, semicolons and needless escapes",
            ),
            Self::NotTold(NotTold::Method) => (StatusCode::BAD_REQUEST, "the method is no method of HTTP"),
            Self::NotTold(NotTold::Repeated { .. }) => {
                (StatusCode::BAD_REQUEST, "send no headers by which the proxy tells the original request")
            }
            Self::Undeclared => (StatusCode::NOT_FOUND, "no route has this path"),
        }
    }

    /// Logs the refusal, and answers with it.
    pub(super) fn respond(self) -> Response {
        let (status, description) = self.answer();
        let reason = self.reason();
        let error = if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(target: "chancery_verifier::gate", reason, evidence = %self, "refused");
            "server_error"
        } else {
            tracing::info!(target: "chancery_verifier::gate", reason, evidence = %self, "refused");
            "invalid_request"
        };
        let mut response =
            (status, Json(Body { error, reason, error_description: description })).into_response();
        let extensions = response.extensions_mut();
        extensions.insert(Judged { reason: Some(reason) });
        extensions.insert(Refused { reason, description: description.into(), claim: None, scopes: None });
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::MethodUndeclared { allow: Some(allow) } = self {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

impl From<NotTold> for Refusal {
    fn from(why: NotTold) -> Self {
        Self::NotTold(why)
    }
}

impl From<Disguise> for Refusal {
    fn from(why: Disguise) -> Self {
        Self::Disguised(why)
    }
}

impl From<NotPlain> for Refusal {
    fn from(why: NotPlain) -> Self {
        Self::NotPlain(why)
    }
}
