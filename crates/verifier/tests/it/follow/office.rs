//! Where keys and the revocation log are published: a real HTTP server whose answers the test decides, and which counts
//! questions.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chancery_verifier::clock::{Clock as _, FixedClock};
use chancery_verifier::revocation_log::{LogId, Sequence};
use chancery_verifier::testing::TestLog;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

pub(crate) const KEYS: &str = "/keys.json";
pub(crate) const LOG_KEYS: &str = "/keys/revocation.json";
pub(crate) const SNAPSHOT: &str = "/revocation/snapshot";
pub(crate) const DELTA: &str = "/revocation/delta";
/// No path: what whoever shows credentials is answered.
const STRANGERS: &str = "strangers";
/// No path either: what whoever would wait for news is answered.
const WAITING: &str = "waiting";
/// Whatever is waited for happens long before.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What is answered on one path.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: Vec<(header::HeaderName, String)>,
    body: Bytes,
}

impl Reply {
    /// 200 with this body.
    pub(crate) fn ok(body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status: StatusCode::from_u16(status).unwrap(), ..Self::ok("") }
    }

    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same body, packed by `pack`.
    pub(crate) fn compressed(self, pack: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let body = pack(&self.body).into();
        Self { body, ..self }.header(header::CONTENT_ENCODING, "gzip")
    }

    pub(crate) fn max_age(self, seconds: u64) -> Self {
        self.header(header::CACHE_CONTROL, format!("public, max-age={seconds}"))
    }

    pub(crate) fn etag(self, tag: &str) -> Self {
        self.header(header::ETAG, tag)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        for (name, value) in self.headers {
            response.headers_mut().append(name, value.parse().unwrap());
        }
        // So that an office that closes is closed for everybody.
        response.headers_mut().insert(header::CONNECTION, "close".parse().unwrap());
        response
    }
}

#[derive(Debug)]
struct Desk {
    replies: Mutex<HashMap<String, Reply>>,
    /// Questions by path.
    asked: watch::Sender<HashMap<String, usize>>,
    /// One permit per answer, while the desk is held.
    held: Mutex<Option<Arc<Semaphore>>>,
    /// The revocation log, and the clock by which its documents are confirmed.
    log: watch::Sender<Option<(TestLog, Arc<FixedClock>)>>,
    /// What was asked for last of the log.
    query: Mutex<String>,
    /// What encodings the last question accepted.
    accepted: Mutex<String>,
    /// Who asked for deltas, question by question: the name that was told, and the credentials.
    introduced: Mutex<Vec<Introduced>>,
}

/// Who asked: `Chancery-Verifier` and `Authorization`.
pub(crate) type Introduced = (Option<String>, Option<String>);

/// A server. Closes when it is dropped.
#[derive(Debug)]
pub(crate) struct Office {
    url: String,
    desk: Arc<Desk>,
    server: Option<AbortHandle>,
}

/// An address that is taken, and where nobody answers yet.
#[derive(Debug)]
pub(crate) struct ClosedOffice {
    socket: TcpSocket,
    url: String,
}

impl ClosedOffice {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        Self { socket, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn open(self) -> Office {
        Office::serve(self.socket.listen(1024).unwrap(), self.url)
    }
}

impl Office {
    pub(crate) fn new() -> Self {
        ClosedOffice::new().open()
    }

    fn serve(listener: TcpListener, url: String) -> Self {
        let desk = Arc::new(Desk {
            replies: Mutex::default(),
            asked: watch::Sender::new(HashMap::new()),
            held: Mutex::default(),
            log: watch::Sender::new(None),
            query: Mutex::default(),
            accepted: Mutex::default(),
            introduced: Mutex::default(),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&desk));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }).abort_handle();
        Self { url, desk, server: Some(server) }
    }

    /// Its origin.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn keys_url(&self) -> String {
        format!("{}{KEYS}", self.url)
    }

    /// Decides what is answered on `path` from now on.
    pub(crate) fn publish(&self, path: &str, reply: Reply) {
        self.desk.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Answers on `path` as it did before anything was decided.
    pub(crate) fn withdraw(&self, path: &str) {
        self.desk.replies.lock().unwrap().remove(path);
    }

    /// Publishes a revocation log, its keys and its documents. Questions that are held are answered if they now can be.
    pub(crate) fn publish_log(&self, log: TestLog, clock: &Arc<FixedClock>) {
        self.desk.log.send_replace(Some((log, Arc::clone(clock))));
    }

    /// Changes the log that is published.
    pub(crate) fn change_log(&self, change: impl FnOnce(&mut TestLog)) {
        self.desk.log.send_modify(|log| change(&mut log.as_mut().unwrap().0));
    }

    /// The query of the last question about the log.
    pub(crate) fn last_query(&self) -> String {
        self.desk.query.lock().unwrap().clone()
    }

    /// Who asked for deltas so far.
    pub(crate) fn introduced(&self) -> Vec<Introduced> {
        self.desk.introduced.lock().unwrap().clone()
    }

    /// Whether the last question allows the answer to be compressed.
    pub(crate) fn accepts_gzip(&self) -> bool {
        self.desk.accepted.lock().unwrap().contains("gzip")
    }

    /// From now on whoever shows credentials is refused (401).
    pub(crate) fn refuse_credentials(&self) {
        self.publish(STRANGERS, Reply::status(401));
    }

    /// From now on questions that would wait for news are answered like this.
    pub(crate) fn answer_waiting(&self, reply: Reply) {
        self.publish(WAITING, reply);
    }

    /// Waits until `path` was asked for so many times.
    pub(crate) async fn until_asked(&self, path: &str, times: usize) {
        let mut asked = self.desk.asked.subscribe();
        let enough = asked.wait_for(|asked| asked.get(path).copied().unwrap_or(0) >= times);
        tokio::time::timeout(DEADLINE, enough).await.expect("it is asked for").unwrap();
    }

    pub(crate) fn publish_keys(&self, reply: Reply) {
        self.publish(KEYS, reply);
    }

    /// How often `path` was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.desk.asked.borrow().get(path).copied().unwrap_or(0)
    }

    pub(crate) fn asked_for_keys(&self) -> usize {
        self.asked(KEYS)
    }

    /// Waits until the keys were asked for so many times.
    pub(crate) async fn until_asked_for_keys(&self, times: usize) {
        let mut asked = self.desk.asked.subscribe();
        let enough = asked.wait_for(|asked| asked.get(KEYS).copied().unwrap_or(0) >= times);
        tokio::time::timeout(DEADLINE, enough).await.expect("the keys are asked for").unwrap();
    }

    /// From now on questions are taken and not answered.
    pub(crate) fn hold(&self) {
        *self.desk.held.lock().unwrap() = Some(Arc::new(Semaphore::new(0)));
    }

    /// Answers what was held, and what comes.
    pub(crate) fn release(&self) {
        if let Some(held) = self.desk.held.lock().unwrap().take() {
            held.close();
        }
    }

    /// Nobody answers any more.
    pub(crate) fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.close();
    }
}

async fn answer(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap) -> Response {
    if uri.path() == DELTA {
        uri.query().unwrap_or_default().clone_into(&mut desk.query.lock().unwrap());
        let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        desk.introduced.lock().unwrap().push((said("chancery-verifier"), said("authorization")));
    }
    let accepted = headers.get(header::ACCEPT_ENCODING).map_or("", |value| value.to_str().unwrap());
    accepted.clone_into(&mut desk.accepted.lock().unwrap());
    desk.asked.send_modify(|asked| *asked.entry(uri.path().to_owned()).or_default() += 1);
    let held = desk.held.lock().unwrap().clone();
    if let Some(held) = held {
        // Closed when it is released.
        let _ = held.acquire().await;
    }
    let path = if headers.contains_key(header::AUTHORIZATION) { STRANGERS } else { uri.path() };
    let waits = path == DELTA && !uri.query().unwrap_or_default().ends_with("wait=0");
    let decided = {
        let replies = desk.replies.lock().unwrap();
        let waiting = if waits { replies.get(WAITING) } else { None };
        waiting.or_else(|| replies.get(path)).cloned()
    };
    let reply = match decided {
        Some(reply) => reply,
        None => match desk.of_the_log(&uri).await {
            Some(reply) => reply,
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let tag = reply.headers.iter().find(|(name, _)| *name == header::ETAG).map(|(_, tag)| tag.as_bytes());
    match (tag, headers.get(header::IF_NONE_MATCH)) {
        (Some(tag), Some(known)) if tag == known.as_bytes() => {
            Reply { status: StatusCode::NOT_MODIFIED, body: Bytes::new(), ..reply }.into_response()
        }
        _ => reply.into_response(),
    }
}

impl Desk {
    async fn of_the_log(&self, uri: &Uri) -> Option<Reply> {
        let now = || self.log.borrow().as_ref().map(|(log, clock)| log.clone().at(clock.now()));
        match uri.path() {
            LOG_KEYS => Some(Reply::ok(now()?.key_document())),
            SNAPSHOT => Some(Reply::ok(now()?.snapshot())),
            DELTA => {
                let query = uri.query().unwrap_or_default().to_owned();
                let member = |name: &str| {
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned()).unwrap()
                };
                let after = Sequence::new(member("after").parse().unwrap());
                let log = LogId::parse(&member("log")).unwrap();
                let hold = Duration::from_secs(member("wait").parse().unwrap());
                let has_news = |held: &Option<(TestLog, Arc<FixedClock>)>| {
                    held.as_ref().is_none_or(|(held, _)| {
                        held.position().sequence != after || held.position().log != log
                    })
                };
                let mut changes = self.log.subscribe();
                // A question that is held to its end is answered with a heartbeat.
                let _ = tokio::time::timeout(hold, changes.wait_for(has_news)).await;
                let held = now()?;
                if held.position().log == log && held.position().sequence < after {
                    return Some(Reply::status(409));
                }
                let delta = held.delta(after).filter(|_| held.position().log == log);
                Some(delta.map_or_else(|| Reply::status(410), Reply::ok))
            }
            _ => None,
        }
    }
}
