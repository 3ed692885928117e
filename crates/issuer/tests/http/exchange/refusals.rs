use super::world::{ACCESS_TOKEN, EXCHANGE, World, delegating, form, refresh_token};
use crate::desk::{encode, token_request};
use crate::presenting::Who;
use chancery_issuer::client::{Authentication, Client, DisabledBy, Refresh};
use chancery_issuer::store::Store as _;
use std::time::Duration;

#[tokio::test]
async fn a_request_says_what_is_exchanged_and_that_it_is_an_access_token() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let Who { id, secret } = &world.worker;
    let without = [("grant_type", EXCHANGE), ("client_id", id), ("client_secret", secret)];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut form: Vec<(&str, &str)> = without.to_vec();
        form.push(("subject_token", &token));
        form.extend_from_slice(more);
        encode(&form)
    };
    let typed = ("subject_token_type", ACCESS_TOKEN);
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    let refresh_type = "urn:ietf:params:oauth:token-type:refresh_token";
    let mut cases = vec![
        (encode(&without), "invalid_request subject_token_missing"),
        (with(&[]), "invalid_request subject_token_type_unsupported"),
        (with(&[("subject_token_type", jwt)]), "invalid_request subject_token_type_unsupported"),
        (with(&[typed, ("actor_token", "x")]), "invalid_request actor_token_unsupported"),
        (with(&[typed, ("actor_token_type", ACCESS_TOKEN)]), "invalid_request actor_token_unsupported"),
        (
            with(&[typed, ("requested_token_type", refresh_type)]),
            "invalid_request requested_token_type_unsupported",
        ),
        (with(&[typed, ("delegate", "yes")]), "invalid_request delegate_malformed"),
        (with(&[typed, ("audience", "a"), ("audience", "b")]), "invalid_target several_resources"),
        (with(&[typed, ("subject_token", "b")]), "invalid_request parameter_repeated"),
        (
            with(&[typed, ("audience", "https://archive.example")]),
            "invalid_target target_not_of_subject_token",
        ),
        (with(&[typed, ("resource", "https://shop.example/")]), "invalid_target target_not_of_subject_token"),
        (with(&[typed, ("tenant", "umbrella")]), "invalid_request tenant_not_of_subject_token"),
        (with(&[typed, ("scope", "boxes:read")]), "invalid_scope scopes_refused"),
        (with(&[typed, ("scope", "orders:*")]), "invalid_scope scopes_refused"),
    ];
    let others = [form(&world.worker, &refresh, &[]), form(&world.worker, "nonsense", &[])];
    cases.extend(others.iter().map(|form| (encode(form), "invalid_request subject_token_refused")));
    for (body, refusal) in cases {
        let answer = world.desk.send(token_request(body.clone())).await;
        assert_eq!(answer.refusal(), format!("400 {refusal}"), "{body}");
    }
    let good =
        with(&[typed, ("requested_token_type", ACCESS_TOKEN), ("delegate", "false"), ("tenant", "acme")]);
    world.desk.send(token_request(good)).await.token();
}

#[tokio::test]
async fn nobody_exchanges_who_is_not_listed_or_not_authenticated() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let refusal = "400 unauthorized_client delegation_not_allowed";
    assert_eq!(world.exchange(&world.helper, &token, &[]).await.refusal(), refusal);
    let guess = Who { secret: "x".into(), ..world.worker.clone() };
    assert!(world.exchange(&guess, &token, &[]).await.refusal().starts_with("401 invalid_client "));
    world
        .client("public", |client| Client { authentication: Authentication::None, ..delegating(client, &[]) })
        .await;
    let named = [
        ("grant_type", EXCHANGE),
        ("client_id", "public"),
        ("subject_token", &*token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    let answer = world.desk.send(token_request(encode(&named))).await;
    assert_eq!(answer.refusal(), "401 invalid_client no_credentials");
}

#[tokio::test]
async fn r06_what_the_client_lost_is_gone_at_the_next_exchange() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    world.exchange(&world.worker, &token, &[]).await.token();
    let change = async |id: &str, change: &dyn Fn(Client) -> Client| {
        let stored = world.desk.store.client(&id.parse().unwrap()).await.unwrap().unwrap();
        world.desk.store.replace_client(&stored, &change(stored.clone()), &[]).await.unwrap();
        world.desk.issuer.catch_up().await.unwrap();
    };
    change("planner", &|client| Client { may_delegate_to: Vec::new(), ..client }).await;
    let refused = async || world.exchange(&world.worker, &token, &[]).await.refusal();
    assert_eq!(refused().await, "400 unauthorized_client delegation_not_allowed");
    change("planner", &|client| delegating(client, &["worker"])).await;
    change("worker", &|client| Client { grants: Vec::new(), ..client }).await;
    assert_eq!(refused().await, "400 invalid_scope scopes_refused");
    let now = world.desk.issuer_now();
    change("planner", &|client| client.disable(now, "leaked", DisabledBy::Tenant)).await;
    assert_eq!(refused().await, "400 invalid_request subject_token_client_over");
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_exchanged() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    world.desk.pass(Duration::from_mins(15)).await;
    let refusal = world.exchange(&world.worker, &token, &[]).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_expired");
}

#[tokio::test]
async fn a_session_begins_for_a_client_that_refreshes_out_of_one_that_lives_and_within_its_number() {
    let world = World::open().await;
    let plain = world.client("plain", |client| client).await;
    let both = world.client("both", |client| delegating(client, &["plain", "few"])).await;
    let terms = Refresh { most_families: 1, ..Refresh::default() };
    let few = world.client("few", |client| Client { refresh: Some(terms), ..client }).await;
    let token = world.desk.ask(&both.id, &both.secret, &[("scope", "orders:read")]).await.token();
    let delegate = [("delegate", "true")];
    let refusal = world.exchange(&plain, &token, &delegate).await.refusal();
    assert_eq!(refusal, "400 unauthorized_client refresh_not_granted");
    let first = world.exchange(&few, &token, &delegate).await;
    world.refresh(&few, &refresh_token(&first)).await.token();
    let refusal = world.exchange(&few, &token, &delegate).await.refusal();
    assert_eq!(refusal, "400 unauthorized_client too_many_families");

    let lone = world.client("lone", |client| Client { refresh: None, ..delegating(client, &["few"]) }).await;
    let token = world.desk.ask(&lone.id, &lone.secret, &[("scope", "orders:read")]).await.token();
    let refusal = world.exchange(&few, &token, &delegate).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_without_session");
    world.exchange(&few, &token, &[]).await.token();
}

#[tokio::test]
async fn what_cannot_be_asked_is_503_and_never_the_callers_fault() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    world.exchange(&world.worker, &token, &[]).await.token();
    world.desk.store.take_away(true);
    // Both clients are known, so that a token needs no store; a session does.
    world.exchange(&world.worker, &token, &[]).await.token();
    let answer = world.exchange(&world.worker, &token, &[("delegate", "true")]).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
}
