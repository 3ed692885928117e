use crate::desk::{DOCUMINT, Desk, basic, encode, token_request};
use axum::http::header;
use chancery_token::Environment;

const GRANTS: [(&str, &str); 1] = [(DOCUMINT, "invoices:read")];

#[tokio::test]
async fn basic_and_post_both_authenticate() {
    let desk = Desk::open().await;
    let secret = desk.client("bot.one_two-3", &GRANTS).await;
    desk.ask("bot.one_two-3", &secret, &[]).await.token();
    desk.ask_basic(&format!("bot.one_two-3:{secret}"), &[]).await.token();
    desk.ask_basic(&format!("bot.one_two-3:{secret}"), &[("client_id", "bot.one_two-3")]).await.token();
}

#[tokio::test]
async fn r_7_6_basic_credentials_are_read_raw_and_form_encoded() {
    let desk = Desk::open().await;
    let secret = desk.client("bot.one", &GRANTS).await;
    let everything =
        |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let encoded = format!("{}:{}", everything("bot.one"), everything(&secret));
    desk.ask_basic(&encoded, &[]).await.token();
    let mut request = token_request(encode(&[("grant_type", "client_credentials")]));
    let unpadded =
        basic(&format!("bot.one:{secret}")).replace("Basic ", "bAsIc   ").trim_end_matches('=').to_owned();
    request.headers_mut().insert(header::AUTHORIZATION, unpadded.parse().unwrap());
    desk.send(request).await.token();
}

#[tokio::test]
async fn r_7_6_whoever_guesses_learns_nothing() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let wrong = desk.secret(Environment::Test).reveal().to_owned();
    let live = desk.secret(Environment::Live).reveal().to_owned();
    let mut mistyped = secret.clone();
    mistyped.replace_range(12..13, if &secret[12..13] == "A" { "B" } else { "A" });
    let mut answers = Vec::new();
    for (id, secret) in [
        ("nobody", &*secret),
        ("no body", &*secret),
        ("bot", &*wrong),
        ("bot", &*mistyped),
        ("bot", &*live),
        ("bot", "password"),
        ("bot", &*secret.to_lowercase()),
    ] {
        for answer in [desk.ask(id, secret, &[]).await, desk.ask_basic(&format!("{id}:{secret}"), &[]).await]
        {
            assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed", "{id} {secret}");
            assert!(answer.header("www-authenticate").starts_with("Basic realm=\""), "{answer:?}");
            answers.push(answer.body);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "every wrong guess is answered in the same words: {answers:?}");
}

#[tokio::test]
async fn r07_a_live_secret_never_works_on_a_test_issuer() {
    let desk = Desk::open().await;
    let live = desk.secret(Environment::Live);
    let stored = live.stored(desk.issuer.hasher(), crate::desk::NOW);
    desk.client_with("bot", &GRANTS, |mut client| {
        client.secrets = vec![stored];
        client
    })
    .await;
    let answer = desk.ask("bot", live.reveal(), &[]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed");
}

#[tokio::test]
async fn r_7_5_two_secrets_work_at_once() {
    let desk = Desk::open().await;
    let second = desk.secret(Environment::Test);
    let stored = second.stored(desk.issuer.hasher(), crate::desk::NOW);
    let add = |client: chancery_issuer::client::Client| client.with_secret(stored).unwrap();
    let first = desk.client_with("bot", &GRANTS, add).await;
    desk.ask("bot", &first, &[]).await.token();
    desk.ask("bot", second.reveal(), &[]).await.token();
}

#[tokio::test]
async fn one_mechanism_and_one_credential_at_a_time() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let good = format!("bot:{secret}");
    let both = desk.ask_basic(&good, &[("client_id", "bot"), ("client_secret", &secret)]).await;
    assert_eq!(both.refusal(), "400 invalid_request two_authentication_methods");
    let assertion = desk.ask_basic(&good, &[("client_assertion", "x")]).await;
    assert_eq!(assertion.refusal(), "400 invalid_request two_authentication_methods");
    let assertion = desk.post(&[("grant_type", "client_credentials"), ("client_assertion", "x")]).await;
    assert_eq!(assertion.refusal(), "401 invalid_client assertion_type_unsupported");
    let other = desk.ask_basic(&good, &[("client_id", "tob")]).await;
    assert_eq!(other.refusal(), "400 invalid_request different_client_ids");
    let mut twice = token_request(encode(&[("grant_type", "client_credentials")]));
    for _ in 0..2 {
        twice.headers_mut().append(header::AUTHORIZATION, basic(&good).parse().unwrap());
    }
    assert_eq!(desk.send(twice).await.refusal(), "400 invalid_request authorization_repeated");
}

#[tokio::test]
async fn without_credentials_there_is_no_client() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    for form in [
        &[("grant_type", "client_credentials")][..],
        &[("grant_type", "client_credentials"), ("client_id", "bot")],
        &[("grant_type", "client_credentials"), ("client_secret", &secret)],
        &[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", "")],
    ] {
        let answer = desk.post(form).await;
        assert_eq!(answer.refusal(), "401 invalid_client no_credentials", "{form:?}");
        assert!(answer.header("www-authenticate").starts_with("Basic realm=\""));
    }
}

#[tokio::test]
async fn an_authorization_header_that_is_not_basic_is_told_so() {
    let desk = Desk::open().await;
    for (value, reason) in [
        ("Bearer abc", "authorization_scheme"),
        ("Basic", "authorization_scheme"),
        ("", "authorization_scheme"),
        ("Basic ", "client_authentication_failed"),
        ("Basic !!!!", "client_authentication_failed"),
        ("Basic Ym90", "client_authentication_failed"),
        ("Basic /w==", "client_authentication_failed"),
        ("Basic JTo=", "client_authentication_failed"),
    ] {
        let mut request = token_request(encode(&[("grant_type", "client_credentials")]));
        request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        assert_eq!(desk.send(request).await.refusal(), format!("401 invalid_client {reason}"), "{value:?}");
    }
}

#[tokio::test]
async fn a_disabled_client_is_told_so_once_it_proved_who_it_is() {
    let desk = Desk::open().await;
    let off = |client: chancery_issuer::client::Client| {
        client.disable(
            crate::desk::NOW,
            "it \"leaked\" \u{fc}ber",
            chancery_issuer::client::DisabledBy::Tenant,
        )
    };
    let secret = desk.client_with("bot", &GRANTS, off).await;
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "401 invalid_client client_disabled");
    let wrong = desk.secret(Environment::Test).reveal().to_owned();
    let answer = desk.ask("bot", &wrong, &[]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed");
}
