//! Why the socket gives no answer, and how it says so.

use crate::agent::fault::passes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chancery_client::SessionError;
use serde_json::{Value, json};
use std::time::Duration;

/// Where nobody says how long to wait.
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// Why something that was asked is not answered.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The body is too large for a question.
    BodyTooLarge,
    /// The question is not as it should be.
    Malformed(String),
    /// Nothing is there.
    NothingHere,
    /// The path takes other methods.
    OtherMethod,
    /// There is no token; the second says when the issuer is asked again, where that is known.
    Session(Box<SessionError>, Option<Duration>),
}

impl Fault {
    /// Stable name; see `docs/ERRORS.md`.
    fn reason(&self) -> &str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::Malformed(_) => "question_malformed",
            Self::NothingHere => "not_found",
            Self::OtherMethod => "method_not_allowed",
            Self::Session(why, _) => why.reason(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::BodyTooLarge => format!("a question has {} bytes at most", super::desk::MAX_QUESTION_BYTES),
            Self::Malformed(why) => why.clone(),
            Self::NothingHere => "there are /token, /proof, /forget and /status".to_owned(),
            Self::OtherMethod => "GET /token and /status, POST /proof and /forget".to_owned(),
            Self::Session(why, _) => why.to_string(),
        }
    }
}

impl From<SessionError> for Fault {
    fn from(why: SessionError) -> Self {
        Self::Session(Box::new(why), None)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, error) = match &self {
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::NothingHere => (StatusCode::NOT_FOUND, "not_found"),
            Self::OtherMethod => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
            Self::Session(why, _) => of_session(why),
        };
        let mut body = json!({ "error": error, "reason": self.reason(), "detail": self.detail() });
        if let Self::Session(why, _) = &self {
            add(why, &mut body);
        }
        let mut answer = answer(status, &body);
        if let (Self::Session(why, wait), StatusCode::SERVICE_UNAVAILABLE) = (&self, status) {
            let wait = why.retry_after().or(*wait).unwrap_or(USUAL_WAIT).max(USUAL_WAIT);
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        answer
    }
}

const fn of_session(why: &SessionError) -> (StatusCode, &'static str) {
    match why {
        SessionError::NoSession { .. } => (StatusCode::NOT_FOUND, "no_session"),
        SessionError::Revoked { .. } => (StatusCode::FORBIDDEN, "session_revoked"),
        why if passes(why) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        _ => (StatusCode::FORBIDDEN, "no_token"),
    }
}

/// What a program can go by.
fn add(why: &SessionError, body: &mut Value) {
    match why {
        SessionError::NoSession { file: Some(file) } => body["file"] = file.display().to_string().into(),
        SessionError::Revoked { reason, at } => {
            body["ended_by"] = reason.clone().into();
            body["at"] = at.as_secs().into();
        }
        _ => {}
    }
}

/// JSON that nobody keeps.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_client::RequestError;

    #[test]
    fn a_fault_that_passes_says_when_and_a_lasting_one_does_not() {
        let of = |why: RequestError| Fault::from(SessionError::from(why)).into_response();
        let away = of(RequestError::Unavailable { status: 503, retry_after: Some(Duration::from_secs(7)) });
        assert_eq!(
            (away.status().as_u16(), &away.headers()[RETRY_AFTER]),
            (503, &HeaderValue::from_static("7"))
        );
        let unreachable = of(RequestError::Unreachable { endpoint: "x".to_owned(), why: "y".to_owned() });
        assert_eq!(unreachable.headers()[RETRY_AFTER], "1");
        let portal = of(RequestError::BadAnswer { endpoint: "x".to_owned(), why: "a page".to_owned() });
        assert_eq!(
            (portal.status().as_u16(), &portal.headers()[RETRY_AFTER]),
            (503, &HeaderValue::from_static("1"))
        );
        let renamed = of(RequestError::OtherIssuer { asked: "x".to_owned(), found: "y".to_owned() });
        assert_eq!((renamed.status().as_u16(), renamed.headers().get(RETRY_AFTER)), (403, None));
    }
}
