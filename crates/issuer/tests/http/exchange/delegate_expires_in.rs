//! A session that begins with an exchange, and ends when its client asked for.

use super::world::{World, form, refresh_token};
use crate::desk::{Answer, NOW, encode, token_request};
use chancery_issuer::client::{Client, Refresh};
use std::time::Duration;

impl World {
    /// A session of the planner's within that of `token`, for so many seconds at most.
    async fn within(&self, token: &str, seconds: &str) -> Answer {
        self.exchange(&self.planner, token, &[("delegate", "true"), ("delegate_expires_in", seconds)]).await
    }
}

#[tokio::test]
async fn a_session_and_every_token_of_it_are_over_after_the_seconds_that_were_asked_for() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let session = world.within(&token, "1000").await;
    let ends = |answer: &Answer| {
        let json = answer.json();
        (json["expires_at"].as_u64().unwrap() - NOW.as_secs(), json["refresh_expires_in"].as_u64().unwrap())
    };
    assert_eq!(ends(&session), (900, 1000));
    world.desk.pass(Duration::from_mins(10)).await;
    let later = world.refresh(&world.planner, &refresh_token(&session)).await;
    assert_eq!(ends(&later), (1000, 400), "however much it is used");
    world.desk.pass(Duration::from_secs(399)).await;
    let last = world.refresh(&world.planner, &refresh_token(&later)).await;
    assert_eq!((ends(&last), last.json()["expires_in"].as_u64()), ((1000, 1), Some(1)));
    assert!(world.is_active(&world.planner, &last.token()).await);
    world.desk.pass(Duration::from_secs(1)).await;
    let refused = world.refresh(&world.planner, &refresh_token(&last)).await.refusal();
    assert_eq!(refused, "400 invalid_grant refresh_token_expired");
    assert!(!world.is_active(&world.planner, &last.token()).await);
    // The one that it came from goes on.
    world.refresh(&world.planner, &refresh).await.token();
}

#[tokio::test]
async fn it_holds_for_a_delegate_and_for_whatever_comes_from_it() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let brief = [("delegate", "true"), ("delegate_expires_in", "60")];
    let workers = world.exchange(&world.worker, &token, &brief).await;
    let end = NOW.plus(Duration::from_mins(1));
    assert_eq!(world.branch(&workers.token()).await.absolute_end, end);
    let long = [("delegate", "true"), ("delegate_expires_in", "3600")];
    for who in [&world.worker, &world.helper] {
        let below = world.exchange(who, &workers.token(), &long).await;
        assert_eq!(world.branch(&below.token()).await.absolute_end, end, "{}", who.id);
        assert_eq!(below.json()["expires_in"], 60);
    }
}

#[tokio::test]
async fn it_lengthens_nothing() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let end = async |parameters: &[(&str, &str)]| {
        let answer = world.exchange(&world.planner, &token, parameters).await;
        (world.branch(&answer.token()).await.absolute_end, answer.json()["refresh_expires_at"].as_u64())
    };
    let usual = end(&[("delegate", "true")]).await;
    for seconds in ["99999999999", "18446744073709551615"] {
        assert_eq!(end(&[("delegate", "true"), ("delegate_expires_in", seconds)]).await, usual, "{seconds}");
    }
    // Nor beyond the session that it comes from, whose own last day is near.
    let terms =
        Refresh { idle: Duration::from_hours(1), absolute: Duration::from_hours(2), ..Refresh::default() };
    let brief = world.client("brief", |client| Client { refresh: Some(terms), ..client }).await;
    let first = world.desk.ask(&brief.id, &brief.secret, &[("scope", "orders:read")]).await;
    let last_day = NOW.plus(terms.absolute);
    let mut newest = refresh_token(&first);
    for _ in 0..2 {
        world.desk.pass(Duration::from_mins(50)).await;
        let answer = world.refresh(&brief, &newest).await;
        newest = refresh_token(&answer);
        let long = [("delegate", "true"), ("delegate_expires_in", "7200")];
        let child = world.exchange(&brief, &answer.token(), &long).await;
        assert_eq!(world.branch(&child.token()).await.absolute_end, last_day);
        newest = refresh_token(&world.refresh(&brief, &newest).await);
    }
}

#[tokio::test]
async fn it_is_a_number_of_seconds_and_says_so_of_a_session_alone() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let malformed = "400 invalid_request delegate_expires_in_malformed";
    for seconds in ["0", "000", "-1", "+1", "1.5", "1h", "1e3", " 1", "1 ", "\u{661}", "18446744073709551616"]
    {
        assert_eq!(world.within(&token, seconds).await.refusal(), malformed, "{seconds}");
    }
    let alone = "400 invalid_request delegate_expires_in_without_delegate";
    for delegate in [None, Some("false")] {
        for seconds in ["60", "0"] {
            let mut parameters = vec![("delegate_expires_in", seconds)];
            parameters.extend(delegate.map(|delegate| ("delegate", delegate)));
            assert_eq!(
                world.exchange(&world.planner, &token, &parameters).await.refusal(),
                alone,
                "{seconds}"
            );
        }
    }
    let twice = [("delegate", "true"), ("delegate_expires_in", "60"), ("delegate_expires_in", "60")];
    let refusal = world.exchange(&world.planner, &token, &twice).await.refusal();
    assert_eq!(refusal, "400 invalid_request parameter_repeated");
    let neither = [("delegate", "yes"), ("delegate_expires_in", "60")];
    let refusal = world.exchange(&world.planner, &token, &neither).await.refusal();
    assert_eq!(refusal, "400 invalid_request delegate_malformed");
    // Without a value it was left out, and zeros before a number are none.
    let mut parameters = form(&world.planner, &token, &[("delegate_expires_in", "")]);
    world.desk.send(token_request(encode(&parameters))).await.token();
    parameters.pop();
    parameters.extend([("delegate", "true"), ("delegate_expires_in", "0060")]);
    assert_eq!(world.desk.send(token_request(encode(&parameters))).await.json()["refresh_expires_in"], 60);
}

#[tokio::test]
async fn other_grants_read_it_over() {
    let world = World::open().await;
    let planner = &world.planner;
    let more = [("scope", "orders:read"), ("delegate", "true"), ("delegate_expires_in", "60")];
    let answer = world.desk.ask(&planner.id, &planner.secret, &more).await;
    assert_eq!(answer.json()["refresh_expires_in"], 14 * 24 * 3600);
}
