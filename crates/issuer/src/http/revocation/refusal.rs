//! Why a follower gets no document.

use crate::http::error::{RETRY_AFTER, Refusal as Unauthenticated};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// One for each remedy.
pub(super) enum Refusal {
    /// What stands behind the `?` is no question.
    Question(&'static str),
    /// What the verifier calls itself is no name.
    Name,
    /// The credentials are not a client's.
    Unauthenticated(Box<Unauthenticated>, String),
    /// Deltas from this place are not remembered.
    Forgotten,
    /// The place is in another log.
    AnotherLog,
    /// The place lies ahead.
    Ahead,
    /// The snapshot would be larger than anybody reads.
    TooLarge,
    /// The process is being stopped.
    Interrupted,
}

impl Refusal {
    /// Stable name; see `docs/ERRORS.md`.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Question(_) => "query_refused",
            Self::Name => "verifier_name",
            Self::Unauthenticated(why, _) => why.logged_reason(),
            Self::Forgotten => "cursor_forgotten",
            Self::AnotherLog => "cursor_of_another_log",
            Self::Ahead => "cursor_ahead",
            Self::Interrupted => "overloaded",
            Self::TooLarge => "document_too_large",
        }
    }

    pub(super) fn answer(&self) -> Response {
        let (status, error, description) = match self {
            Self::Unauthenticated(why, scopes_page) => return why.answer(scopes_page),
            Self::Question(why) => (StatusCode::BAD_REQUEST, "invalid_request", *why),
            Self::Name => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Chancery-Verifier has 1 to 64 characters of visible ASCII, and stands once",
            ),
            Self::Forgotten => {
                (StatusCode::GONE, "gone", "deltas from this place are not remembered; take the snapshot")
            }
            Self::AnotherLog => {
                (StatusCode::GONE, "gone", "this is a place of another log; take the snapshot")
            }
            Self::Ahead => (
                StatusCode::CONFLICT,
                "conflict",
                "this issuer has not come that far; if it stays so, its store lost something",
            ),
            Self::TooLarge => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "so much is revoked one by one that no document holds it; revoke by client or tenant",
            ),
            Self::Interrupted => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "the issuer is being stopped; try again later",
            ),
        };
        let body =
            serde_json::json!({ "error": error, "error_description": description, "reason": self.reason() });
        let mut response =
            (status, super::super::NO_STORE, super::super::JSON, body.to_string()).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refusal({})", self.reason())
    }
}
