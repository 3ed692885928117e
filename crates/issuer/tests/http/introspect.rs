use crate::desk::{NOW, encode};
use crate::presenting::{ARCHIVE, INACTIVE, INTROSPECT, Presenting, REVOKE, SHOP, form, presents};
use crate::{captured, serving};
use axum::http::StatusCode;
use chancery_issuer::client::{Client, Reach};
use chancery_token::{Format, KeySet};
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn a_good_token_is_told_in_full_whatever_its_format() {
    let world = Presenting::open().await;
    let bounds: chancery_token::Bounds = serde_json::from_value(json!({"region": ["eu", "us-*"]})).unwrap();
    let bounded = |client| Client { reach: Reach::Bounded(bounds), ..client };
    let bounded = world.client("bounded", bounded).await;
    let (told, asked) = (world.token(&bounded, SHOP).await, world.token(&world.bot, ARCHIVE).await);
    let keys = |document: &str, format| KeySet::read(format, document.as_bytes()).unwrap().keys;
    let jwks = keys(&world.desk.get("/.well-known/jwks.json").await.body, Format::Jwt);
    let paserk = keys(&world.desk.get("/keys/paserk.json").await.body, Format::Paseto);
    let (jti, other) = (jwks.open(&told).unwrap().claims().jti, paserk.open(&asked).unwrap().claims().jti);
    let now = NOW.as_secs();
    let answer = world.introspect(&world.orders, &told).await;
    assert_eq!(
        answer.json(),
        json!({
            "active": true, "scope": "orders:read", "client_id": "bounded", "token_type": "Bearer",
            "iat": now, "exp": now + 900, "sub": "bounded", "aud": SHOP, "iss": "https://auth.example",
            "jti": jti.to_string(), "tenant": "acme", "bounds": {"region": ["eu", "us-*"]},
        })
    );
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(
        world.introspect(&world.archive, &asked).await.json(),
        json!({
            "active": true, "scope": "boxes:read", "client_id": "bot", "token_type": "Bearer",
            "iat": now, "exp": now + 900, "sub": "bot", "aud": ARCHIVE, "iss": "https://auth.example",
            "jti": other.to_string(), "tenant": "acme",
        })
    );
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_it_is_not_active_and_nothing_more_is_said() {
    let world = Presenting::open().await;
    let foreign = Presenting::open().await;
    let (token, revoked) = (world.token(&world.bot, SHOP).await, world.token(&world.bot, SHOP).await);
    assert_eq!(world.revoke(&world.bot, &revoked).await.status, StatusCode::OK);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let texts = [
        "x".to_owned(),
        " ".to_owned(),
        "{}".to_owned(),
        "\u{fc}".to_owned(),
        "x.y.z".to_owned(),
        "v4.public.AAAA.AAAA".to_owned(),
        head.to_owned(),
        format!("{head}."),
        format!("{head}.{}", signature.chars().rev().collect::<String>()),
        format!(" {token}"),
        format!("{token}\n"),
        "e".repeat(12 * 1024),
        world.bot.secret.clone(),
        revoked,
        foreign.token(&foreign.bot, SHOP).await,
        foreign.token(&foreign.bot, ARCHIVE).await,
    ];
    let bare = |mut answer: crate::desk::Answer| {
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, INACTIVE), "{answer:?}");
        answer.headers.remove("x-request-id");
        answer.headers
    };
    let mut heads = Vec::new();
    for text in &texts {
        heads.push(bare(world.introspect(&world.bot, text).await));
        heads.push(bare(world.introspect(&world.orders, text).await));
    }
    assert!(world.is_active(&world.bot, &token).await);
    heads.push(bare(world.introspect(&world.other, &token).await));
    world.desk.clock.advance(Duration::from_mins(15) - Duration::from_secs(1));
    world.desk.issuer.revocation_log().look(world.desk.moment()).await.unwrap();
    assert!(world.is_active(&world.bot, &token).await);
    world.desk.clock.advance(Duration::from_secs(1));
    heads.push(bare(world.introspect(&world.bot, &token).await));
    heads.dedup();
    assert_eq!(heads.len(), 1, "not even the head of an answer tells why: {heads:?}");
}

#[tokio::test]
async fn only_its_client_and_the_services_of_its_audience_learn_that_a_token_is_good() {
    let world = Presenting::open().await;
    let gateway = world.client("gateway", |client| client).await;
    let sold = world.token(&world.bot, SHOP).await;
    let kept = world.token(&world.bot, ARCHIVE).await;
    for (token, who, expected) in [
        (&sold, &world.bot, true),
        (&sold, &world.orders, true),
        (&sold, &gateway, true),
        (&sold, &world.archive, false),
        (&sold, &world.other, false),
        (&kept, &world.bot, true),
        (&kept, &world.archive, true),
        (&kept, &world.orders, false),
        (&kept, &gateway, false),
        (&kept, &world.other, false),
    ] {
        assert_eq!(world.is_active(who, token).await, expected, "{}", who.id);
    }
    // That a service holds a scope of an audience does not make it a service of that audience.
    let own = world.token(&world.archive, SHOP).await;
    assert!(world.is_active(&world.archive, &own).await && world.is_active(&world.orders, &own).await);
}

#[tokio::test]
async fn a_wrong_hint_changes_nothing() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    for hint in ["access_token", "refresh_token", "pigeon", ""] {
        let request = presents(INTROSPECT, &world.bot, &[("token", &token), ("token_type_hint", hint)]);
        assert_eq!(world.desk.send(request).await.json()["active"], true, "{hint}");
    }
}

#[tokio::test]
async fn r_7_2_an_introspection_asks_the_store_nothing() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    assert!(world.is_active(&world.bot, &token).await);
    world.desk.store.asked();
    for _ in 0..20 {
        assert!(world.is_active(&world.bot, &token).await);
        assert!(!world.is_active(&world.bot, "x.y.z").await);
    }
    assert_eq!(world.desk.store.asked(), 0);
}

#[tokio::test]
async fn both_endpoints_answer_over_a_socket() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let served = serving::start(&world.desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let credentials = [("client_id", "bot"), ("client_secret", &*world.bot.secret), ("token", &*token)];
    let body = encode(&credentials);
    for (path, expected, ends) in [
        (INTROSPECT, r#""active":true"#, "}"),
        (REVOKE, "content-length: 0\r\n", "\r\n\r\n"),
        (INTROSPECT, INACTIVE, "}"),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = serving::read_until(&mut stream, ends).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(expected), "{path} {answer}");
    }
}

#[tokio::test]
async fn r_10_7_a_token_that_is_presented_is_logged_nowhere_and_echoed_nowhere() {
    captured::begin();
    let world = Presenting::open().await;
    let (token, kept) = (world.token(&world.bot, SHOP).await, world.token(&world.bot, ARCHIVE).await);
    let mut answers = Vec::new();
    for token in [&token, &kept] {
        let mistyped = format!("{}x", &token[..token.len() - 1]);
        for path in [INTROSPECT, REVOKE] {
            for request in [
                presents(path, &world.bot, &[("token", token)]),
                presents(path, &world.other, &[("token", token)]),
                presents(path, &world.bot, &[("token", &mistyped)]),
                presents(path, &world.bot, &[("token", &format!("Bearer {token}"))]),
                presents(path, &world.bot, &[("token", token), ("token", token)]),
                presents(path, &world.bot, &[("token_type_hint", token)]),
                presents(path, &world.bot, &[("token", "x"), ("token_type_hint", token)]),
                presents(path, &world.bot, &[(token, "x"), (token, "y")]),
                form(path, encode(&[("client_id", token), ("client_secret", token), ("token", token)])),
                form(path, token.clone()),
                form(path, format!("token=%{token}")),
                form(&format!("{path}?token={token}"), ""),
                form(&format!("{path}/{token}"), ""),
            ] {
                answers.push(world.desk.send(request).await);
            }
        }
    }
    world.desk.store.take_away(true);
    answers.push(world.revoke(&world.bot, &world.token(&world.bot, SHOP).await).await);
    let log = captured::end();
    let told = format!("{answers:?}");
    for token in [&token, &kept] {
        let signature = token.rsplit('.').next().unwrap();
        let payload = token.split('.').rev().nth(1).unwrap();
        for hidden in [token.as_str(), signature, payload, &world.bot.secret, &world.other.secret] {
            assert!(!log.contains(hidden), "{hidden} is in the log");
            assert!(!told.contains(hidden), "{hidden} is in an answer");
        }
    }
    assert!(answers.iter().any(|answer| answer.body.contains("\"active\":true")), "some were good");
    let lines = log.lines().filter(|line| line.contains("\"chancery::http\""));
    assert!(lines.count() > answers.len(), "each request has its line");
}
