use super::world::World;
use chancery_issuer::client::{Client, Refresh};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_client_is_told_of_its_own_refresh_token_and_nobody_else_is() {
    let world = World::open().await;
    let other = world.client("other", |client| Client { refresh: Some(Refresh::default()), ..client }).await;
    let first = world.begin().await;
    let said = world.introspect(&world.bot, &first.refresh).await;
    let expected = json!({
        "active": true,
        "client_id": "bot",
        "exp": first.body["refresh_expires_at"],
        "iat": crate::desk::NOW.as_secs(),
        "sid": world.family(&first).to_string(),
        "tenant": "acme",
    });
    assert_eq!(said, expected);
    let inactive = json!({ "active": false });
    assert_eq!(world.introspect(&other, &first.refresh).await, inactive);
    let second = world.go_on(&first.refresh).await;
    let third = world.go_on(&second.refresh).await;
    assert_eq!(world.introspect(&world.bot, &second.refresh).await["active"], true, "its answer may be lost");
    world.desk.pass(Duration::from_secs(121)).await;
    assert_eq!(world.introspect(&world.bot, &first.refresh).await, inactive);
    // Asking is no replay.
    assert_eq!(world.introspect(&world.bot, &third.refresh).await["active"], true);
    world.revoke(&world.bot, &third.refresh).await;
    assert_eq!(world.introspect(&world.bot, &third.refresh).await, inactive);
    for garbage in ["chr_test_", "chr_live_x", &third.refresh[..20]] {
        assert_eq!(world.introspect(&world.bot, garbage).await, inactive);
    }
}
