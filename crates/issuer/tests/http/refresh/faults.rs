use super::world::World;
use chancery_issuer::store::Store as _;

#[tokio::test]
async fn r_11_2_a_store_that_is_away_is_no_word_about_the_token() {
    let world = World::open().await;
    let pair = world.begin().await;
    world.desk.store.take_away(true);
    for _ in 0..3 {
        let answer = world.refresh(&pair.refresh).await;
        assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
        assert_eq!(answer.header("retry-after"), "2");
    }
    let begun = world.ask(&[("scope", "orders:read")]).await;
    assert_eq!(begun.refusal(), "503 temporarily_unavailable store_unavailable");
    world.desk.store.take_away(false);
    world.go_on(&pair.refresh).await;
}

#[tokio::test]
async fn a_store_that_lost_a_rotation_raises_an_alarm_and_ends_nothing() {
    let world = World::open().await;
    let first = world.begin().await;
    let id = world.family(&first);
    let record: Vec<u8> = {
        let sql = "SELECT record FROM families WHERE id = ?1";
        world.desk.raw().query_row(sql, [id.as_bytes()], |row| row.get(0)).unwrap()
    };
    let second = world.go_on(&first.refresh).await;
    let third = world.go_on(&second.refresh).await;
    let sql = "UPDATE families SET record = ?1 WHERE id = ?2";
    let parameters = rusqlite::params![record, id.as_bytes()];
    assert_eq!(world.desk.raw().execute(sql, parameters).unwrap(), 1, "both rotations are lost");
    let fourth = world.go_on(&third.refresh).await;
    assert!(world.metric("chancery_alarms_total{alarm=\"store_regressed\"} 1").await);
    let family = world.desk.store.family(world.family(&first)).await.unwrap().unwrap();
    assert_eq!(family.generation.0, 3, "as if nothing had been lost");
    world.go_on(&fourth.refresh).await;
}

#[tokio::test]
async fn a_family_that_the_store_lost_is_unknown() {
    let world = World::open().await;
    let pair = world.begin().await;
    let id = world.family(&pair);
    assert_eq!(world.desk.raw().execute("DELETE FROM families WHERE id = ?1", [id.as_bytes()]).unwrap(), 1);
    for _ in 0..2 {
        let refused = world.refresh(&pair.refresh).await.refusal();
        assert_eq!(refused, "400 invalid_grant refresh_token_unknown");
    }
}
