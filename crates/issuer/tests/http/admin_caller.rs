//! A token says what its client was. What the client is counts.

use crate::admin_desk::{ALL, AdminDesk, CLIENTS, draft, request};
use axum::body::{Body, Bytes};
use axum::http::header;
use chancery_issuer::client::Client;
use chancery_issuer::store::Store as _;
use http_body_util::Full;
use hyper::body::Frame;
use serde_json::json;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// A body that arrives when it is told to.
struct Slow {
    content: Full<Bytes>,
    asked: Option<oneshot::Sender<()>>,
    /// `None` once it came.
    arrival: Option<oneshot::Receiver<()>>,
}

/// The far end of it.
struct FarEnd {
    asked: oneshot::Receiver<()>,
    arrival: Option<oneshot::Sender<()>>,
}

impl Slow {
    fn new(content: &str) -> (Self, FarEnd) {
        let ((tell, asked), (arrive, arrival)) = (oneshot::channel(), oneshot::channel());
        let content = Full::from(content.to_owned());
        (Self { content, asked: Some(tell), arrival: Some(arrival) }, FarEnd { asked, arrival: Some(arrive) })
    }
}

impl FarEnd {
    async fn is_asked(&mut self) {
        (&mut self.asked).await.unwrap();
    }

    fn arrive(&mut self) {
        self.arrival.take().unwrap().send(()).unwrap();
    }
}

impl axum::body::HttpBody for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(asked) = self.asked.take() {
            asked.send(()).unwrap();
        }
        if let Some(arrival) = &mut self.arrival {
            if Pin::new(arrival).poll(context).is_pending() {
                return Poll::Pending;
            }
            self.arrival = None;
        }
        Pin::new(&mut self.content).poll_frame(context)
    }
}

async fn change(desk: &AdminDesk, id: &str, change: impl FnOnce(Client) -> Client) {
    let held = desk.desk.store.client(&id.parse().unwrap()).await.unwrap().unwrap();
    let next = change(held.clone());
    desk.desk.store.replace_client(&held, &next, &[]).await.unwrap();
}

#[tokio::test]
async fn an_administrator_that_is_switched_off_is_refused_at_once_though_its_token_is_good() {
    let desk = AdminDesk::open().await;
    let token = desk.administrator("second", "chancery", &ALL, |it| it).await;
    assert_eq!(desk.send(&token, "GET", CLIENTS, None).await.status, 200);
    let off = desk.post("/admin/v1/clients/second/disable", &json!({"reason": "It left."})).await;
    assert_eq!(off.json()["changed"], true, "{off:?}");
    for (method, path) in [
        ("GET", CLIENTS),
        ("GET", "/admin/v1/keys"),
        ("GET", "/admin/v1/catalog"),
        ("POST", "/admin/v1/keys/rotate"),
    ] {
        let refused = desk.send(&token, method, path, None).await;
        assert_eq!(refused.problem(), "401 client_disabled", "{method} {path}");
        let challenge = refused.header("www-authenticate");
        assert!(
            challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
            "{challenge}"
        );
        assert!(!refused.body.contains("It left"), "{refused:?}");
    }
    desk.post("/admin/v1/clients/second/enable", &json!({})).await;
    // Its token is from before: it was revoked, and stays so.
    assert_eq!(desk.send(&token, "GET", CLIENTS, None).await.problem(), "401 revoked");
    let added = desk.post("/admin/v1/clients/second/secrets", &json!({})).await.json();
    let fresh = desk.log_in("second", added["client_secret"].as_str().unwrap(), &ALL).await;
    assert_eq!(desk.send(&fresh, "GET", CLIENTS, None).await.status, 200);
}

#[tokio::test]
async fn an_administrator_that_is_switched_off_while_it_still_sends_changes_nothing() {
    let desk = AdminDesk::open().await;
    let token = desk.administrator("second", "chancery", &ALL, |it| it).await;
    for (method, path, document) in [
        ("POST", CLIENTS, draft("bot")),
        ("PATCH", "/admin/v1/clients/root", json!({"owner": "second"})),
        ("POST", "/admin/v1/clients/root/secrets", json!({})),
        ("POST", "/admin/v1/keys/rotate", json!({})),
    ] {
        let (body, mut slow) = Slow::new(&document.to_string());
        let mut request = request(method, path, Body::new(body));
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        let switched_off = async {
            slow.is_asked().await;
            change(&desk, "second", |client| {
                client.disable(crate::desk::NOW, "It left.", chancery_issuer::client::DisabledBy::Tenant)
            })
            .await;
            slow.arrive();
        };
        let (answer, ()) = tokio::join!(desk.send_request(request), switched_off);
        assert_eq!(answer.problem(), "401 client_disabled", "{method} {path}");
        change(&desk, "second", Client::enable).await;
    }
    assert_eq!(desk.get("/admin/v1/clients/bot").await.problem(), "404 client_unknown");
}

#[tokio::test]
async fn an_administrator_that_lost_a_scope_its_tenant_or_its_time_is_refused_at_once() {
    let desk = AdminDesk::open().await;
    let token = desk.administrator("second", "chancery", &ALL, |it| it).await;
    change(&desk, "second", |mut client| {
        client.grants.retain(|grant| !grant.scope.to_string().starts_with("clients:c"));
        client
    })
    .await;
    assert_eq!(desk.send(&token, "GET", CLIENTS, None).await.status, 200);
    let refused = desk.send(&token, "POST", CLIENTS, Some(&draft("bot"))).await;
    assert_eq!(refused.problem(), "403 insufficient_scope");
    assert_eq!(refused.json()["missing"], json!(["clients:create"]));
    assert_eq!(refused.json()["required"], json!(["clients:create"]));

    change(&desk, "second", |client| Client { tenants: vec!["acme".parse().unwrap()], ..client }).await;
    assert_eq!(desk.send(&token, "GET", CLIENTS, None).await.problem(), "401 tenant_not_served");
    change(&desk, "second", |client| Client {
        expires_at: crate::desk::NOW.plus(Duration::from_mins(1)),
        ..client
    })
    .await;
    desk.desk.clock.advance(Duration::from_mins(2));
    assert_eq!(desk.send(&token, "GET", CLIENTS, None).await.problem(), "401 client_expired");
}

#[tokio::test]
async fn an_administrator_of_a_tenant_sees_nothing_of_the_others() {
    let desk = AdminDesk::open().await;
    let token = desk.administrator("theirs", "globex", &ALL, |it| it).await;
    assert_eq!(desk.post(CLIENTS, &draft("bot")).await.status, 201);
    let mut own_draft = draft("own");
    own_draft["tenants"] = json!(["globex"]);
    assert_eq!(desk.send(&token, "POST", CLIENTS, Some(&own_draft)).await.status, 201);

    let listed = desk.send(&token, "GET", CLIENTS, None).await.json();
    let ids: Vec<&str> =
        listed["clients"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["own", "theirs"]);
    let missing = desk.send(&token, "GET", "/admin/v1/clients/nobody", None).await;
    for (method, path, body) in [
        ("GET", "/admin/v1/clients/bot", None),
        ("PATCH", "/admin/v1/clients/bot", Some(json!({"owner": "me"}))),
        ("POST", "/admin/v1/clients/bot/disable", Some(json!({"reason": "Mine now."}))),
        ("POST", "/admin/v1/clients/bot/enable", None),
        ("POST", "/admin/v1/clients/bot/secrets", None),
        ("DELETE", "/admin/v1/clients/bot/secrets/00000000", None),
        ("GET", "/admin/v1/clients/root", None),
    ] {
        let answer = desk.send(&token, method, path, body.as_ref()).await;
        assert_eq!(answer.problem(), missing.problem(), "{method} {path}");
        let id = if path.contains("root") { "root" } else { "bot" };
        assert_eq!(answer.body.replace(id, "nobody"), missing.body, "{method} {path}");
    }
    let beyond = desk.send(&token, "POST", CLIENTS, Some(&draft("more"))).await;
    assert_eq!(beyond.problem(), "403 beyond_oneself");
    assert_eq!(beyond.header("www-authenticate"), "", "another scope would not help");
    let keys = desk.send(&token, "POST", "/admin/v1/keys/rotate", Some(&json!({"plan": true}))).await;
    assert_eq!(keys.problem(), "403 beyond_oneself");
}
