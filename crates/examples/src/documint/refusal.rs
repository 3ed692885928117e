use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chancery_verifier::Forbidden;
use serde_json::json;

/// Why DocuMint does not do what it was asked. What tokens have to do with it, the guard answers.
#[derive(Debug)]
pub enum Refusal {
    /// The body is not what the route takes.
    Body(JsonRejection),
    /// The draft breaks rules; all of them are told.
    Draft(Vec<String>),
    /// The token is not for this record.
    Forbidden(Forbidden),
    /// The token's own account has no such record.
    NotFound,
}

impl From<Forbidden> for Refusal {
    fn from(why: Forbidden) -> Self {
        Self::Forbidden(why)
    }
}

impl From<JsonRejection> for Refusal {
    fn from(why: JsonRejection) -> Self {
        Self::Body(why)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Body(why) => {
                (why.status(), json!({ "reason": "body_unreadable", "detail": why.body_text() }))
            }
            Self::Draft(faults) => {
                (StatusCode::UNPROCESSABLE_ENTITY, json!({ "reason": "draft_refused", "faults": faults }))
            }
            Self::Forbidden(why) => return why.into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, json!({ "reason": "no_such_record" })),
        };
        (status, Json(body)).into_response()
    }
}
