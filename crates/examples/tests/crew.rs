//! Workers whose issuer, or whose service, has a bad moment (S7).
#![cfg(test)]

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chancery_client::{
    AuthorizationServer, Binding, Credentials, Secret, Session, SessionError, Setup, TokenRequest, World,
};
use chancery_examples::summarizer::{AllOver, Crew, Found, Reference, Report, Said};
use chancery_token::UnixTime;
use chancery_verifier::clock::FixedClock;
use chancery_verifier::entropy::PredictableEntropy;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use url::Url;

type Answer = (StatusCode, Json<Value>);

/// Issuer and service at one address. Sessions that were handed on end by themselves at their first refresh.
#[derive(Clone)]
struct Office {
    url: Url,
    clock: Arc<FixedClock>,
    books: Arc<Mutex<Books>>,
    /// Somebody waits for a document that never comes.
    waits: Arc<Notify>,
    /// A session could not be ended.
    refused: watch::Sender<bool>,
}

#[derive(Default)]
struct Books {
    given: u64,
    /// What exchanges come to, one after the other. Then each gives a session.
    exchanges: VecDeque<Option<Answer>>,
    /// Sessions that cannot be ended.
    stubborn: BTreeSet<String>,
    ended: BTreeSet<String>,
    /// How often the service has asked for patience.
    patience: u32,
}

/// The document for which the service first asks for patience,
const BUSY: &str = "B-1";
/// that which it never gives,
const SILENT: &str = "S-1";
/// and that which refers to another one.
const REFERS: &str = "R-1";

/// Far longer than anything takes here.
const LONG: Duration = Duration::from_mins(1);

impl Office {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let clock = Arc::new(FixedClock::new(UnixTime::from_secs(1_795_305_600)));
        let office = Self {
            url,
            clock,
            books: Arc::default(),
            waits: Arc::default(),
            refused: watch::Sender::new(false),
        };
        let router = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/v1/documents/{number}", get(document))
            .with_state(office.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        office
    }

    async fn crew(&self, workers: usize) -> Result<Crew, SessionError> {
        let setup = Setup {
            issuer: AuthorizationServer::issuer(self.url.as_str().trim_end_matches('/')).unwrap(),
            client_id: "summarizer".parse().unwrap(),
            credentials: Credentials::Secret(Secret::new("chs_test_a-secret-of-this-test")),
            request: TokenRequest::new(),
            binding: Binding::Bearer,
        };
        let clock = self.clock.clone();
        let world = World { clock, entropy: Arc::new(PredictableEntropy::new(7)) };
        let parent = Session::in_memory(setup, world).unwrap();
        Crew::of(parent, self.url.join("v1/").unwrap(), workers, Duration::from_hours(1)).await
    }

    /// What the next exchanges come to.
    fn says(&self, answers: impl IntoIterator<Item = Option<Answer>>) {
        self.books.lock().unwrap().exchanges.extend(answers);
    }

    /// The sessions that were ended, in no order of their own.
    fn ended(&self) -> BTreeSet<String> {
        self.books.lock().unwrap().ended.clone()
    }
}

async fn metadata(State(office): State<Office>) -> Json<Value> {
    let url = office.url.as_str().trim_end_matches('/');
    Json(json!({
        "issuer": url,
        "token_endpoint": format!("{url}/token"),
        "revocation_endpoint": format!("{url}/revoke"),
    }))
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

async fn token(State(office): State<Office>, body: Bytes) -> Answer {
    let form = form(&body);
    let mut books = office.books.lock().unwrap();
    let by = form["grant_type"].rsplit(':').next().unwrap();
    if by == "refresh_token" {
        let over = json!({ "error": "invalid_grant", "reason": "refresh_token_expired" });
        return (StatusCode::BAD_REQUEST, Json(over));
    }
    if by == "token-exchange"
        && let Some(refused) = books.exchanges.pop_front().flatten()
    {
        return refused;
    }
    books.given += 1;
    let mut given = json!({
        "access_token": format!("token-{}", books.given),
        "token_type": "Bearer",
        "expires_in": 900,
    });
    if by == "token-exchange" {
        given["refresh_token"] = format!("session-{}", books.given).into();
        given["refresh_expires_in"] = form["delegate_expires_in"].parse::<u64>().unwrap().into();
    }
    (StatusCode::OK, Json(given))
}

async fn revoke(State(office): State<Office>, body: Bytes) -> Answer {
    let form = form(&body);
    let stubborn = office.books.lock().unwrap().stubborn.clone();
    if stubborn.contains(&form["token"]) {
        office.refused.send_replace(true);
        return away();
    }
    if !stubborn.is_empty() {
        // The one that is refused is heard of first.
        office.refused.subscribe().wait_for(|refused| *refused).await.unwrap();
    }
    office.books.lock().unwrap().ended.insert(form["token"].clone());
    (StatusCode::OK, Json(Value::Null))
}

async fn document(State(office): State<Office>, Path(number): Path<String>) -> Response {
    let text = match &*number {
        BUSY => {
            let mut books = office.books.lock().unwrap();
            books.patience += 1;
            if books.patience == 1 {
                return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")]).into_response();
            }
            "One."
        }
        SILENT => {
            office.waits.notify_one();
            std::future::pending().await
        }
        REFERS => "See /documents/A-2.",
        _ => "One.",
    };
    Json(json!({ "title": "A title", "text": text })).into_response()
}

fn away() -> Answer {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "temporarily_unavailable" })))
}

fn sessions(named: [&str; 2]) -> BTreeSet<String> {
    named.map(str::to_owned).into()
}

fn refused(reason: &str) -> Answer {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request", "reason": reason })))
}

/// Has these read, and answers what was said.
async fn read(crew: &mut Crew, documents: &[&str]) -> (Vec<Report>, Result<(), AllOver>) {
    let (send, numbers) = tokio::sync::mpsc::channel(documents.len());
    for document in documents {
        send.send((*document).to_owned()).await.unwrap();
    }
    drop(send);
    let mut said = Vec::new();
    let outcome = crew.sum_up(numbers, |report| said.push(report.clone())).await;
    (said, outcome)
}

#[tokio::test]
async fn s7_a_worker_whose_next_session_is_late_comes_back() {
    let office = Office::start().await;
    let mut crew = office.crew(1).await.unwrap();
    office.clock.advance(Duration::from_secs(901));
    office.says([Some(away())]);
    let (said, outcome) = read(&mut crew, &["A-1", "A-2"]).await;
    assert_eq!(outcome, Ok(()), "{said:?}");
    let read: Vec<_> = said
        .iter()
        .map(|report| match &report.said {
            Said::Summary(summary) => (report.worker, summary.document.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, [(1, "A-1"), (1, "A-2")]);
}

#[tokio::test]
async fn s7_a_worker_that_is_refused_another_session_says_why() {
    let office = Office::start().await;
    let mut crew = office.crew(1).await.unwrap();
    office.clock.advance(Duration::from_secs(901));
    office.says([Some(refused("delegation_not_allowed"))]);
    let (said, outcome) = read(&mut crew, &["A-1"]).await;
    let reason = "delegation_not_allowed".to_owned();
    assert_eq!(said, [Report { worker: 1, said: Said::Ended { reason } }]);
    assert_eq!(outcome, Err(AllOver));
}

#[tokio::test]
async fn s7_a_worker_that_cannot_be_ended_keeps_nobody_else_alive() {
    let office = Office::start().await;
    let crew = office.crew(3).await.unwrap();
    // The first token is that of the session they come from.
    office.books.lock().unwrap().stubborn.insert("session-2".to_owned());
    tokio::time::pause();
    assert_eq!(crew.end().await.unwrap_err().reason(), "issuer_unavailable");
    assert_eq!(office.ended(), sessions(["session-3", "session-4"]));
}

#[tokio::test]
async fn s7_a_crew_that_is_not_complete_is_ended() {
    let office = Office::start().await;
    office.says([None, None, Some(refused("too_many_families"))]);
    assert_eq!(office.crew(3).await.unwrap_err().reason(), "too_many_families");
    assert_eq!(office.ended(), sessions(["session-2", "session-3"]));
}

#[tokio::test]
async fn s7_a_service_that_asks_for_patience_is_given_some() {
    let office = Office::start().await;
    let mut crew = office.crew(1).await.unwrap();
    let (said, outcome) = read(&mut crew, &[BUSY]).await;
    assert_eq!(outcome, Ok(()));
    assert!(matches!(&said[..], [Report { said: Said::Summary(_), .. }]), "{said:?}");
    assert_eq!(office.books.lock().unwrap().patience, 2);
}

#[tokio::test]
async fn s7_what_a_document_refers_to_is_looked_for_below_the_path_of_the_service() {
    let office = Office::start().await;
    let mut crew = office.crew(1).await.unwrap();
    let (said, _) = read(&mut crew, &[REFERS]).await;
    let [Report { said: Said::Summary(summary), .. }] = &said[..] else { panic!("{said:?}") };
    let found = Found::Title("A title".to_owned());
    assert_eq!(summary.refers_to, [Reference { path: "/documents/A-2".to_owned(), found }]);
}

#[tokio::test]
async fn s7_a_service_that_never_answers_costs_no_worker() {
    let office = Office::start().await;
    let mut crew = office.crew(1).await.unwrap();
    let waited = async {
        office.waits.notified().await;
        // From here on nothing is left to do but to wait: that takes no time.
        tokio::time::pause();
    };
    let reading = tokio::time::timeout(60 * LONG, read(&mut crew, &[SILENT]));
    let ((said, outcome), ()) = tokio::join!(async { reading.await.expect("an end of patience") }, waited);
    let (document, reason) = (SILENT.to_owned(), "service_unreachable".to_owned());
    assert_eq!(said, [Report { worker: 1, said: Said::NotRead { document, reason } }]);
    assert_eq!(outcome, Ok(()));
}

#[tokio::test]
async fn s7_a_service_that_never_answers_keeps_no_session_alive() {
    let office = Office::start().await;
    let mut crew = office.crew(2).await.unwrap();
    tokio::select! {
        (said, _) = read(&mut crew, &[SILENT]) => panic!("{said:?}"),
        () = office.waits.notified() => {}
    }
    tokio::time::timeout(LONG / 6, crew.end()).await.expect("nobody waits for it").unwrap();
    assert_eq!(office.ended(), sessions(["session-2", "session-3"]));
}
