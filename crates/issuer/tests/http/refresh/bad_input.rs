use super::world::{Pair, World};
use chancery_issuer::client::{Client, Refresh};

#[tokio::test]
async fn what_is_no_refresh_token_of_the_client_is_refused_without_a_question_to_the_store() {
    let world = World::open().await;
    let other = world.client("other", |client| Client { refresh: Some(Refresh::default()), ..client }).await;
    let elsewhere = World::open().await;
    let (pair, foreign) = (world.begin().await, elsewhere.begin().await);
    world.desk.ask("other", &other.secret, &[("scope", "orders:read")]).await.token();
    world.desk.store.asked();
    let good = &*pair.refresh;
    let live = good.replace("chr_test_", "chr_live_");
    let mistyped = {
        let mut letters: Vec<char> = good.chars().collect();
        let at = letters.len() / 2;
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        letters.into_iter().collect::<String>()
    };
    let malformed = "400 invalid_grant refresh_token_malformed";
    for (who, text, refusal) in [
        (&world.bot, "x", malformed),
        (&world.bot, "chr_test_", malformed),
        (&world.bot, &good[..good.len() - 1], malformed),
        (&world.bot, &format!("{good}A"), malformed),
        (&world.bot, &pair.access, malformed),
        (&world.bot, &world.bot.secret, malformed),
        (&world.bot, &mistyped, "400 invalid_grant refresh_token_checksum"),
        (&world.bot, &live, "400 invalid_grant refresh_token_checksum"),
        (&world.bot, &foreign.refresh, "400 invalid_grant refresh_token_other_client"),
        (&other, good, "400 invalid_grant refresh_token_other_client"),
        (&world.bot, "", "400 invalid_request refresh_token_missing"),
    ] {
        assert_eq!(world.refresh_with(who, text, &[]).await.refusal(), refusal, "{text}");
    }
    assert_eq!(world.desk.store.asked(), 0);
    world.go_on(good).await;
}

#[tokio::test]
async fn r_2_7_a_refresh_takes_one_step_in_the_store() {
    let world = World::open().await;
    let pair = world.begin().await;
    world.desk.store.asked();
    world.go_on(&pair.refresh).await;
    assert_eq!(world.desk.store.asked(), 1);
}

#[tokio::test]
async fn r_2_7_a_family_that_was_not_read_is_taken_for_the_last_one_and_given_what_is_its_own() {
    let world = World::open().await;
    let (_, mut wide) = (world.begin().await, world.begin().await);
    let family = world.family(&wide);
    let mut narrow = Pair::of(&world.ask(&[("scope", "orders:read")]).await);
    world.desk.store.asked();
    // It is another one than it is taken for once; then it is known.
    for questions in [2, 1, 1] {
        wide = world.go_on(&wide.refresh).await;
        assert_eq!(world.desk.store.asked(), questions);
        assert_eq!(wide.body["scope"], "orders:read orders:update");
        assert_eq!(world.family(&wide), family);
        narrow = world.go_on(&narrow.refresh).await;
        assert_eq!(world.desk.store.asked(), 1);
        assert_eq!(narrow.body["scope"], "orders:read");
    }
    for _ in 0..3 {
        let mut another = world.begin().await;
        for _ in 0..2 {
            world.desk.store.asked();
            another = world.go_on(&another.refresh).await;
            assert_eq!(world.desk.store.asked(), 1);
        }
    }
    assert!(world.metric("chancery_refreshes_total{outcome=\"redelivered\"} 0").await);
}

#[tokio::test]
async fn a_refresh_without_the_client_s_secret_changes_nothing() {
    let world = World::open().await;
    let pair = world.begin().await;
    let guess = crate::presenting::Who { secret: "x".into(), ..world.bot.clone() };
    let refused = world.refresh_with(&guess, &pair.refresh, &[]).await.refusal();
    assert_eq!(refused, "401 invalid_client client_authentication_failed");
    let form = [("grant_type", "refresh_token"), ("client_id", "bot"), ("refresh_token", &*pair.refresh)];
    assert_eq!(world.desk.post(&form).await.refusal(), "401 invalid_client no_credentials");
    world.go_on(&pair.refresh).await;
    assert!(world.metric("chancery_refreshes_total{outcome=\"redelivered\"} 0").await);
}
