use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chancery_verifier::Forbidden;
use serde_json::json;

/// Why DocuMint does not do what it was asked. What tokens have to do with it, the guard answers.
#[derive(Debug)]
pub enum Refusal {
    /// The token is not for this record.
    Forbidden(Forbidden),
    /// There is no such invoice.
    NotFound,
    /// The number is taken.
    NumberTaken,
}

impl From<Forbidden> for Refusal {
    fn from(why: Forbidden) -> Self {
        Self::Forbidden(why)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, reason) = match self {
            Self::Forbidden(why) => return why.into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, "no_such_invoice"),
            Self::NumberTaken => (StatusCode::CONFLICT, "number_taken"),
        };
        (status, Json(json!({ "reason": reason }))).into_response()
    }
}
