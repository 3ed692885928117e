use axum::Json;
use chancery_verifier::Verified;
use serde_json::{Value, json};

/// Shows the plan of the token's own tenant: an administrative scope of its own, never in a token with others.
pub(super) async fn show(token: Verified) -> Json<Value> {
    Json(json!({ "tenant": token.tenant(), "plan": "small" }))
}
