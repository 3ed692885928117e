//! An issuer to which tokens are presented, and what both endpoints that take them have in common.

use crate::desk::{Answer, Desk, NOW, basic, encode};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chancery_issuer::client::{Client, DisabledBy};
use chancery_issuer::store::Store as _;
use chancery_revocation::{Entry, Position};
use std::time::Duration;

pub(crate) const REVOKE: &str = "/oauth2/revoke";
pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const SHOP: &str = "https://shop.example";
pub(crate) const ARCHIVE: &str = "https://archive.example";
pub(crate) const INACTIVE: &str = r#"{"active":false}"#;

/// A product of JWTs and one of PASETOs, each with a service that may ask about its tokens.
pub(crate) const CATALOG: &str = r#"
[product.shop]
audience = "https://shop.example"
resource_servers = ["orders-api", "gateway"]
[product.shop.resource.orders]
axes = { region = "text" }
[product.shop.resource.orders.action.read]
sentence = "Can view orders."
owner = "shop"
risk = "read"
[product.shop.resource.orders.action.update]
sentence = "Can change orders."
owner = "shop"
risk = "write"
[product.archive]
audience = "https://archive.example"
format = "paseto"
resource_servers = ["archive-api"]
[product.archive.resource.boxes.action.read]
sentence = "Can look into boxes."
owner = "archive"
risk = "read"
"#;

/// A client that can prove who it is.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) id: String,
    pub(crate) secret: String,
}

pub(crate) struct Presenting {
    pub(crate) desk: Desk,
    pub(crate) bot: Who,
    pub(crate) other: Who,
    /// Resource servers: of the shop, and of the archive.
    pub(crate) orders: Who,
    pub(crate) archive: Who,
}

impl Presenting {
    pub(crate) async fn open() -> Self {
        Self::at(Desk::open_over(CATALOG).await).await
    }

    pub(crate) async fn open_with(settings: &[(&str, &str)]) -> Self {
        Self::at(Desk::open_over_with(settings, CATALOG).await).await
    }

    async fn at(desk: Desk) -> Self {
        let both = [(SHOP, "orders:*"), (ARCHIVE, "boxes:read")];
        let bot = who(&desk, "bot", &both, |client| client).await;
        let other = who(&desk, "other", &both, |client| client).await;
        let orders = who(&desk, "orders-api", &[(ARCHIVE, "boxes:read")], |client| client).await;
        let archive = who(&desk, "archive-api", &[(SHOP, "orders:read")], |client| client).await;
        Self { desk, bot, other, orders, archive }
    }

    /// Another client, which may hold what the others hold.
    pub(crate) async fn client(&self, id: &str, change: impl FnOnce(Client) -> Client) -> Who {
        who(&self.desk, id, &[(SHOP, "orders:*")], change).await
    }

    pub(crate) async fn token(&self, who: &Who, audience: &str) -> String {
        self.desk.ask(&who.id, &who.secret, &[("resource", audience)]).await.token()
    }

    pub(crate) async fn revoke(&self, who: &Who, token: &str) -> Answer {
        self.desk.send(presents(REVOKE, who, &[("token", token)])).await
    }

    pub(crate) async fn introspect(&self, who: &Who, token: &str) -> Answer {
        self.desk.send(presents(INTROSPECT, who, &[("token", token)])).await
    }

    /// Whether the caller is told that the token is good; and nothing else if it is not.
    pub(crate) async fn is_active(&self, who: &Who, token: &str) -> bool {
        let answer = self.introspect(who, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let active = answer.json()["active"].as_bool().unwrap();
        assert!(active || answer.body == INACTIVE, "{answer:?}");
        active
    }

    /// Where the log stands: here, and in the store.
    pub(crate) async fn position(&self) -> Position {
        let here = *self.desk.issuer.revocation_log().current().position();
        let stored = self.desk.store.log_tail().await.unwrap();
        assert!(stored.is_none_or(|stored| stored == here), "{stored:?} {here:?}");
        here
    }

    /// The entries that the store holds after a place.
    pub(crate) async fn entries_after(&self, place: Position) -> Vec<Entry> {
        self.desk.store.log_rows(place.sequence, 100).await.unwrap()
    }
}

async fn who(desk: &Desk, id: &str, grants: &[(&str, &str)], change: impl FnOnce(Client) -> Client) -> Who {
    Who { id: id.to_owned(), secret: desk.client_with(id, grants, change).await }
}

/// A form to one of the endpoints.
pub(crate) fn form(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into())
        .unwrap()
}

pub(crate) fn presents(path: &str, who: &Who, parameters: &[(&str, &str)]) -> Request<Body> {
    let credentials = [("client_id", &*who.id), ("client_secret", &*who.secret)];
    form(path, encode(&[&credentials, parameters].concat()))
}

#[tokio::test]
async fn a_client_authenticates_at_either_endpoint_as_at_the_token_endpoint() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let bot = &world.bot;
    let with_basic = |path: &str, credentials: &str, parameters: &[(&str, &str)]| {
        let mut request = form(path, encode(parameters));
        request.headers_mut().insert(header::AUTHORIZATION, basic(credentials).parse().unwrap());
        request
    };
    let good = format!("bot:{}", bot.secret);
    let refused = "401 invalid_client client_authentication_failed";
    for path in [INTROSPECT, REVOKE] {
        let presented = [("token", &*token)];
        for (request, expected) in [
            (form(path, encode(&presented)), "401 invalid_client no_credentials"),
            (form(path, encode(&[("client_id", "bot"), presented[0]])), "401 invalid_client no_credentials"),
            (with_basic(path, &format!("nobody:{}", bot.secret), &presented), refused),
            (with_basic(path, &format!("other:{}", bot.secret), &presented), refused),
            (with_basic(path, "bot:chs_test_guess", &presented), refused),
            (presents(path, &Who { secret: token.clone(), ..bot.clone() }, &presented), refused),
            (
                with_basic(path, &good, &[("client_secret", &bot.secret), presented[0]]),
                "400 invalid_request two_authentication_methods",
            ),
            (
                with_basic(path, &good, &[("client_id", "other"), presented[0]]),
                "400 invalid_request different_client_ids",
            ),
            (
                form(path, encode(&[("client_assertion", "x"), presented[0]])),
                "401 invalid_client assertion_type_unsupported",
            ),
        ] {
            let answer = world.desk.send(request).await;
            assert_eq!(answer.refusal(), expected, "{path}");
            let challenge = answer.header("www-authenticate").starts_with("Basic realm=\"");
            assert_eq!(challenge, answer.status == StatusCode::UNAUTHORIZED, "{answer:?}");
        }
        let bearer = {
            let mut request = form(path, encode(&presented));
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, value);
            world.desk.send(request).await
        };
        assert_eq!(bearer.refusal(), "401 invalid_client authorization_scheme", "a token is no credential");
        assert_eq!(world.desk.send(with_basic(path, &good, &presented)).await.status, StatusCode::OK);
        assert_eq!(world.desk.send(presents(path, bot, &presented)).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_client_that_is_switched_off_or_past_its_end_is_answered_by_neither_endpoint() {
    let world = Presenting::open().await;
    let off = world.client("off", |client| client.disable(NOW, "leaked", DisabledBy::Tenant)).await;
    let brief = |client| Client { expires_at: NOW.plus(Duration::from_mins(1)), ..client };
    let brief = world.client("brief", brief).await;
    let token = world.token(&brief, SHOP).await;
    world.desk.clock.advance(Duration::from_mins(1));
    for path in [REVOKE, INTROSPECT] {
        for (who, reason) in [(&off, "client_disabled"), (&brief, "client_expired")] {
            let answer = world.desk.send(presents(path, who, &[("token", &token)])).await;
            assert_eq!(answer.refusal(), format!("401 invalid_client {reason}"), "{path}");
        }
    }
}

#[tokio::test]
async fn forms_are_read_as_strictly_as_those_of_the_token_endpoint() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let place = world.position().await;
    let good = encode(&[("client_id", "bot"), ("client_secret", &world.bot.secret), ("token", &token)]);
    let without = encode(&[("client_id", "bot"), ("client_secret", &world.bot.secret)]);
    for path in [REVOKE, INTROSPECT] {
        let with = |more: &str| format!("{good}{more}").into_bytes();
        for (body, reason) in [
            (without.clone().into_bytes(), "token_parameter_missing"),
            (format!("{without}&token=").into_bytes(), "token_parameter_missing"),
            (Vec::new(), "token_parameter_missing"),
            (with(&format!("&token={token}")), "parameter_repeated"),
            (with("&token_type_hint=a&token_type_hint=b"), "parameter_repeated"),
            (with("&client_id=bot"), "parameter_repeated"),
            (with("&x=1&x=2"), "parameter_repeated"),
            (with("&x=%zz"), "form_encoding"),
            (with("&x=%ff"), "form_not_utf8"),
            (with(&(0..40).map(|n| format!("&a{n}=1")).collect::<Vec<_>>().concat()), "too_many_parameters"),
            (with(&format!("&x={}", "x".repeat(16 * 1024))), "body_too_large"),
        ] {
            let answer = world.desk.send(form(path, body)).await;
            assert_eq!(answer.refusal(), format!("400 invalid_request {reason}"), "{path}");
            assert_eq!(answer.header("pragma"), "no-cache");
        }
        let mut request = form(path, good.clone());
        *request.uri_mut() = format!("{path}?token={token}").parse().unwrap();
        assert_eq!(world.desk.send(request).await.refusal(), "400 invalid_request parameters_in_query");
        for wrong in ["", "application/json", "text/plain", "multipart/form-data; boundary=x"] {
            let request = Request::post(path).header(header::CONTENT_TYPE, wrong);
            let answer = world.desk.send(request.body(good.clone().into()).unwrap()).await;
            assert_eq!(answer.refusal(), "400 invalid_request content_type", "{wrong}");
        }
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = Request::builder().method(&method).uri(path).body(good.clone().into()).unwrap();
            let answer = world.desk.send(request).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{method}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    assert_eq!(world.position().await, place, "nothing of it was half applied");
    assert!(world.is_active(&world.bot, &token).await);
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_at_either_endpoint() {
    let world = Presenting::open().await;
    tokio::time::pause();
    for path in [REVOKE, INTROSPECT] {
        let answer = world.desk.send(form(path, crate::form::never_ending(b"token="))).await;
        assert_eq!(answer.refusal(), "408 invalid_request body_timed_out");
    }
}

#[tokio::test]
async fn more_requests_at_once_than_are_worked_on_are_503() {
    let world = Presenting::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "2")]).await;
    let token = world.token(&world.bot, SHOP).await;
    for path in [REVOKE, INTROSPECT] {
        // A client that is not known yet, and waits for the store.
        let fresh = world.client(&format!("fresh-{}", &path[8..]), |client| client).await;
        world.desk.store.hold();
        let first = world.desk.send(presents(path, &fresh, &[("token", &token)]));
        let others = async {
            world.desk.store.holds().await;
            let unknown = Who { id: "unknown".into(), ..fresh.clone() };
            let second = world.desk.send(presents(path, &unknown, &[("token", &token)])).await;
            assert_eq!(second.refusal(), "503 temporarily_unavailable overloaded", "{path}");
            assert_eq!(second.header("retry-after"), "2");
            // The other half is left to those who are known.
            assert!(world.is_active(&world.bot, &token).await);
            world.desk.store.release();
        };
        let (first, ()) = tokio::join!(first, others);
        assert!(first.status == StatusCode::OK || first.status == StatusCode::BAD_REQUEST, "{first:?}");
    }
}

#[tokio::test]
async fn what_both_endpoints_answer_is_what_is_described() {
    let world = Presenting::open().await;
    let described = crate::described::Described::read(&world.desk.get("/openapi.json").await);
    let token = world.token(&world.bot, SHOP).await;
    let (bot, other, guess) = (&world.bot, &world.other, Who { secret: "x".into(), ..world.bot.clone() });
    let mut answers = vec![
        (INTROSPECT, world.introspect(bot, &token).await, 200),
        (INTROSPECT, world.introspect(other, &token).await, 200),
        (INTROSPECT, world.introspect(&guess, &token).await, 401),
        (REVOKE, world.revoke(other, &token).await, 400),
        (REVOKE, world.revoke(&guess, &token).await, 401),
    ];
    world.desk.store.take_away(true);
    answers.push((REVOKE, world.revoke(bot, &token).await, 503));
    world.desk.store.take_away(false);
    answers.push((REVOKE, world.revoke(bot, &token).await, 200));
    for (path, answer, status) in &answers {
        assert_eq!(answer.status.as_u16(), *status, "{path} {answer:?}");
        described.check("POST", path, answer);
    }
}

#[tokio::test]
async fn what_became_of_both_is_counted_and_nothing_that_is_sent_becomes_a_label() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    assert!(world.is_active(&world.bot, &token).await);
    assert!(!world.is_active(&world.other, &token).await);
    world.introspect(&Who { secret: "made-up".into(), ..world.bot.clone() }, &token).await.refusal();
    world.revoke(&world.other, &token).await.refusal();
    world.desk.store.take_away(true);
    world.revoke(&world.bot, &token).await.refusal();
    world.desk.store.take_away(false);
    for _ in 0..2 {
        assert_eq!(world.revoke(&world.bot, &token).await.status, StatusCode::OK);
    }
    world.revoke(&world.bot, "made-up").await;
    assert!(!world.is_active(&world.bot, "made-up").await);
    let body = world.desk.get("/metrics").await.body;
    for line in [
        "chancery_introspections_total{outcome=\"active\"} 1",
        "chancery_introspections_total{outcome=\"inactive\"} 2",
        "chancery_introspections_total{outcome=\"refused\"} 1",
        "chancery_revocation_requests_total{outcome=\"token\"} 1",
        "chancery_revocation_requests_total{outcome=\"needless\"} 2",
        "chancery_revocation_requests_total{outcome=\"refused\"} 1",
        "chancery_revocation_requests_total{outcome=\"unavailable\"} 1",
    ] {
        assert!(body.lines().any(|it| it == line), "{line} is not in\n{body}");
    }
    assert!(!body.contains("made-up") && !body.contains("bot"), "{body}");
}
