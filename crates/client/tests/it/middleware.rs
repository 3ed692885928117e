use crate::service::{Nonces, Seen, Service};
use chancery_client::{Authorized, Binding, InvalidUrl, Session, SessionError, Tokens};
use reqwest::StatusCode;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error};
use std::sync::Arc;
use std::time::Duration;

fn client(service: &Service, session: &Session) -> ClientWithMiddleware {
    Authorized::for_origins(session.clone(), [service.url.as_str()]).unwrap().client().unwrap()
}

async fn get(client: &ClientWithMiddleware, url: &str) -> StatusCode {
    client.get(url).send().await.unwrap().status()
}

fn lines(seen: &[Seen]) -> Vec<(&str, u16)> {
    seen.iter().map(|seen| (seen.line.as_str(), seen.status)).collect()
}

#[tokio::test]
async fn each_request_to_a_guarded_service_has_the_token_and_a_proof_of_its_own() {
    let service = Service::start(Nonces::NotAsked).await;
    let client = client(&service, &service.session(Binding::Dpop));
    for page in [1, 2] {
        assert_eq!(get(&client, &format!("{}/documents?page={page}", service.url)).await, 200);
    }
    let posted = client.post(format!("{}/documents", service.url)).body("a text").send().await.unwrap();
    assert_eq!(posted.text().await.unwrap(), "a text");
    let seen = service.seen();
    assert_eq!(
        lines(&seen),
        [("GET /documents?page=1", 200), ("GET /documents?page=2", 200), ("POST /documents", 200)]
    );
    assert!(seen[0].authorization.as_ref().unwrap().starts_with("DPoP "));
    assert_eq!(seen[0].authorization, seen[1].authorization);
    assert_ne!(seen[0].proof, seen[1].proof);
    assert_eq!(service.granted(), 1);
}

#[tokio::test]
async fn a_bearer_session_sends_no_proof() {
    let service = Service::start(Nonces::NotAsked).await;
    let client = client(&service, &service.session(Binding::Bearer));
    assert_eq!(get(&client, &format!("{}/documents", service.url)).await, 200);
    let seen = service.seen();
    assert!(seen[0].authorization.as_ref().unwrap().starts_with("Bearer ") && seen[0].proof.is_none());
}

#[tokio::test]
async fn a_service_that_wants_a_nonce_gets_it_and_refuses_only_the_first_request() {
    let service = Service::start(Nonces::Asked).await;
    let client = client(&service, &service.session(Binding::Dpop));
    let url = format!("{}/documents", service.url);
    for _ in 0..3 {
        let posted = client.post(&url).body("a text").send().await.unwrap();
        assert_eq!(posted.text().await.unwrap(), "a text");
    }
    let line = "POST /documents";
    assert_eq!(lines(&service.seen()), [(line, 401), (line, 200), (line, 200), (line, 200)]);
    assert_eq!(service.granted(), 1, "a proof was refused, no token");
    // So old that the service gives out another: it is learned on the way.
    for _ in 0..3 {
        service.clock.advance(Duration::from_mins(3));
        assert_eq!(get(&client, &url).await, 200);
    }
}

#[tokio::test]
async fn a_refused_token_is_forgotten_and_the_request_is_sent_once_more_with_another() {
    let service = Service::start(Nonces::NotAsked).await;
    let client = client(&service, &service.session(Binding::Dpop));
    let url = format!("{}/documents", service.url);
    assert_eq!(get(&client, &url).await, 200);
    service.drop_key();
    let posted = client.post(&url).body("a text").send().await.unwrap();
    assert_eq!((posted.status(), posted.text().await.unwrap().as_str()), (StatusCode::OK, "a text"));
    let seen = service.seen();
    assert_eq!(lines(&seen)[1..], [("POST /documents", 401), ("POST /documents", 200)]);
    assert_ne!(seen[1].authorization, seen[2].authorization);
    assert_eq!(service.granted(), 2);
}

#[tokio::test]
async fn a_nonce_and_another_token_are_both_got_for_one_request() {
    let service = Service::start(Nonces::Asked).await;
    let session = service.session(Binding::Dpop);
    session.token().await.unwrap();
    service.drop_key();
    assert_eq!(get(&client(&service, &session), &format!("{}/documents", service.url)).await, 200);
    assert_eq!(service.granted(), 2);
}

#[tokio::test]
async fn a_body_that_cannot_be_sent_twice_is_not_and_the_next_request_gets_in() {
    let service = Service::start(Nonces::Asked).await;
    let session = service.session(Binding::Dpop);
    let client = client(&service, &session);
    let url = format!("{}/documents", service.url);
    let once = async || {
        let stream = reqwest::Body::wrap("a text".to_owned());
        client.post(&url).body(stream).send().await.unwrap().status()
    };
    assert_eq!(once().await, 401, "without the nonce");
    assert_eq!(once().await, 200, "which was learned");
    let refused = session.token().await.unwrap();
    service.drop_key();
    assert_eq!(once().await, 401, "with a token of the dropped key");
    assert_ne!(session.token().await.unwrap().expose(), refused.expose(), "which was forgotten");
    assert_eq!(once().await, 200);
}

#[tokio::test]
async fn a_service_that_takes_no_token_costs_one_renewal_and_not_one_for_each_request() {
    let service = Service::start(Nonces::NotAsked).await;
    let session = service.session(Binding::Dpop);
    let (client, other) = (client(&service, &session), client(&service, &session));
    let url = format!("{}/documents", service.url);
    service.take_nothing();
    for _ in 0..5 {
        assert_eq!(get(&client, &url).await, 401);
    }
    assert_eq!(service.granted(), 2);
    assert_eq!(service.seen().len(), 6, "and one request more");
    // Who has not heard of that sends nothing twice with the same token.
    assert_eq!(get(&other, &url).await, 401);
    assert_eq!((service.granted(), service.seen().len()), (2, 7));
    service.drop_key();
    service.clock.advance(Duration::from_mins(10));
    while get(&client, &url).await != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_missing_scope_is_no_fault_of_the_token() {
    let service = Service::start(Nonces::NotAsked).await;
    let client = client(&service, &service.session(Binding::Dpop));
    assert_eq!(get(&client, &format!("{}/invoices", service.url)).await, 403);
    assert_eq!((service.granted(), service.seen().len()), (1, 1));
}

#[tokio::test]
async fn no_other_origin_sees_a_token_and_an_authorization_of_the_program_stays() {
    let (service, stranger) =
        (Service::start(Nonces::NotAsked).await, Service::start(Nonces::NotAsked).await);
    let client = client(&service, &service.session(Binding::Dpop));
    assert_eq!(get(&client, &format!("{}/documents", stranger.url)).await, 401);
    let seen = stranger.seen();
    assert!(seen[0].authorization.is_none() && seen[0].proof.is_none());
    let by_name = stranger.url.replace("127.0.0.1", "localhost");
    get(&client, &format!("{by_name}/documents")).await;
    assert!(stranger.seen()[1].authorization.is_none());
    let own = client.get(format!("{}/documents", service.url)).header("authorization", "Basic bWU6");
    assert_eq!(own.send().await.unwrap().status(), 401);
    let seen = service.seen();
    assert_eq!((seen.len(), seen[0].authorization.as_deref()), (1, Some("Basic bWU6")));
    assert_eq!(service.granted(), 0);
}

#[tokio::test]
async fn a_redirect_takes_no_token_to_another_origin() {
    let (service, stranger) =
        (Service::start(Nonces::NotAsked).await, Service::start(Nonces::NotAsked).await);
    let session = service.session(Binding::Dpop);
    service.leads_to(&format!("{}/documents", stranger.url));
    let url = format!("{}/moved", service.url);
    assert_eq!(get(&client(&service, &session), &url).await, 307, "shown, not followed");
    assert!(stranger.seen().is_empty());
    // A client of the program's that follows it.
    let authorized = Authorized::for_origins(session.clone(), [service.url.as_str()]).unwrap();
    let follows =
        ClientBuilder::new(reqwest::Client::builder().no_proxy().build().unwrap()).with(authorized).build();
    let held = session.token().await.unwrap();
    assert_eq!(get(&follows, &url).await, 401, "the stranger wants a token");
    assert_eq!(stranger.seen().len(), 1);
    assert!(stranger.seen()[0].authorization.is_none());
    // That says nothing of the token, which the stranger never saw.
    assert_eq!(session.token().await.unwrap().expose(), held.expose());
    assert_eq!(service.seen().len(), 2);
    // On the same origin the token goes along, and the proof is for another address.
    service.leads_to(&format!("{}/documents", service.url));
    assert_eq!(get(&follows, &url).await, 401);
    assert!(service.seen()[3].authorization.is_some());
    assert_eq!(session.token().await.unwrap().expose(), held.expose());
    assert_eq!(service.seen().len(), 4, "and nothing was sent again");
}

#[tokio::test]
async fn why_there_is_no_token_is_told_to_whoever_asks() {
    let service = Service::start(Nonces::NotAsked).await;
    service.refuse("client_authentication_failed");
    let client = client(&service, &service.session(Binding::Dpop));
    let error = client.get(format!("{}/documents", service.url)).send().await.unwrap_err();
    let Error::Middleware(why) = &error else { panic!("{error}") };
    assert_eq!(why.downcast_ref::<SessionError>().unwrap().reason(), "client_authentication_failed");
    assert!(service.seen().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn any_source_of_tokens_serves() {
    let service = Service::start(Nonces::NotAsked).await;
    let tokens: Arc<dyn Tokens> = Arc::new(service.session(Binding::Dpop));
    let authorized = Authorized::for_origins(tokens, [service.url.as_str()]).unwrap();
    assert_eq!(get(&authorized.client().unwrap(), &format!("{}/documents", service.url)).await, 200);
}

#[tokio::test]
async fn no_middleware_is_built_that_would_send_tokens_in_the_clear() {
    let service = Service::start(Nonces::NotAsked).await;
    let session = service.session(Binding::Dpop);
    let built = Authorized::for_origins(session, ["https://api.example.com", "http://api.example.com"]);
    assert!(matches!(built.unwrap_err(), InvalidUrl::Insecure { .. }));
}
