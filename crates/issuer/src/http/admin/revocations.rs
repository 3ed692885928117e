//! `/admin/v1/revocations`: something is revoked, and the log is looked at.

use super::caller::Caller;
use super::document::{Document, Sent};
use super::query::{Entry, NoQuery};
use super::shape::Shape;
use super::work::{carry_out, refused};
use crate::admin::{ReceiptsView, RevocationDraft, RevocationStatusView, RevocationView, VerifiersView};
use crate::http::problem::Problem;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

impl Document for RevocationDraft {
    const SHAPE: Shape = Shape::Object(&[
        ("kind", Shape::Text),
        ("token", Shape::Text),
        ("id", Shape::Text),
        ("expires_at", Shape::Whole),
        ("reason", Shape::Text),
        ("plan", Shape::Flag),
    ]);
    const MAY_BE_ABSENT: bool = false;
    const CREDENTIAL: Option<&'static str> = Some("/token");
}

/// Handles `POST /admin/v1/revocations`.
pub(super) async fn create(
    State(issuer): State<Arc<Issuer>>,
    _: NoQuery,
    Sent(by, draft): Sent<RevocationDraft>,
) -> Result<Json<RevocationView>, Problem> {
    let work = Arc::clone(&issuer);
    let done = carry_out(&issuer, None, async move {
        let done = work.desk().revoke(&by, &draft, work.keyring()).await;
        done.map_err(|refusal| refused(&work, refusal))
    });
    done.await.map(Json)
}

/// Handles `GET /admin/v1/revocations`.
pub(super) async fn status(
    State(issuer): State<Arc<Issuer>>,
    _: Caller,
    _: NoQuery,
) -> Json<RevocationStatusView> {
    let (log, durability) = (issuer.revocation_log(), issuer.log_durability());
    let verifiers = VerifiersView::of(issuer.publisher().receipts(), log.applied());
    Json(RevocationStatusView::of(log, durability, Some(verifiers), issuer.moment()))
}

/// Handles `GET /admin/v1/revocations/receipts`.
pub(super) async fn receipts(
    State(issuer): State<Arc<Issuer>>,
    _: Caller,
    Entry(sequence): Entry,
) -> Json<ReceiptsView> {
    Json(ReceiptsView::of(issuer.publisher().receipts(), sequence))
}
