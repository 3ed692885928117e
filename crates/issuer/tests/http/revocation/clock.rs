//! What is published while the clock of the issuer is wrong.

use super::office::{SNAPSHOT, told};
use crate::desk::Desk;
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use serde_json::json;
use std::time::Duration;

const HOURS: Duration = Duration::from_hours(3);

/// The `iat` of a delta and of the snapshot.
async fn published(desk: &Desk) -> [UnixTime; 2] {
    let delta = desk.get(&desk.delta_path(desk.sequence(), 0)).await.body;
    let snapshot = desk.get(SNAPSHOT).await.body;
    [told(&desk.document(&delta).await).3, desk.document(&snapshot).await.confirmed_at()]
}

#[tokio::test]
async fn a_clock_that_leapt_ahead_is_told_and_dates_no_document() {
    let desk = Desk::open().await;
    desk.pass(Duration::from_secs(20)).await;
    let right = desk.clock.now();
    desk.clock.jump(right.plus(HOURS));
    let log = desk.issuer.revocation_log();
    assert_eq!(log.look(desk.moment()).await.unwrap_err().reason(), "clock_jumped");
    assert_eq!(published(&desk).await[0], right);
    assert_eq!(
        desk.get("/readyz").await.json(),
        json!({"status": "degraded", "missing": ["revocation_log"]})
    );
    let metrics = desk.get("/metrics").await.body;
    assert!(metrics.contains("chancery_revocation_state{state=\"unconfirmed\"} 1"), "{metrics}");
    desk.clock.jump(right);
    desk.pass(Duration::from_secs(1)).await;
    assert_eq!(published(&desk).await[0], desk.clock.now());
    assert_eq!(desk.get("/readyz").await.json(), json!({"status": "ready"}));
}

#[tokio::test]
async fn a_clock_that_was_set_back_leaves_no_document_from_its_future() {
    let desk = Desk::open().await;
    desk.pass(Duration::from_secs(20)).await;
    assert_eq!(published(&desk).await, [desk.clock.now(); 2]);
    desk.clock.jump(desk.clock.now().minus(HOURS));
    desk.pass(Duration::from_secs(1)).await;
    assert_eq!(published(&desk).await, [desk.clock.now(); 2]);
}
