//! Somebody between a verifier and its issuer: sees every document, and decides what the verifier gets.

use crate::dice::Dice;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The longest that an answer is kept back.
const DELAY_MILLIS: usize = 150;

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meddling {
    /// It passes.
    Honest,
    /// A document that passed before takes its place: any of them, of whatever kind.
    Replayed,
    /// A document that the meddler was given takes its place.
    Planted,
    /// It ends too early.
    Truncated,
    /// A bit of it is another one.
    Flipped,
    /// It is empty.
    Emptied,
    /// Another status takes its place.
    Refused,
    /// The connection is cut in the midst of it.
    Dropped,
    /// It comes later than others that were asked for after it.
    Delayed,
    /// What was answered before is answered again.
    Duplicated,
}

/// All that forges.
pub(crate) const FORGING: [Meddling; 8] = [
    Meddling::Honest,
    Meddling::Replayed,
    Meddling::Planted,
    Meddling::Truncated,
    Meddling::Flipped,
    Meddling::Emptied,
    Meddling::Refused,
    Meddling::Dropped,
];

/// All that a bad network does.
pub(crate) const BREAKING: [Meddling; 5] =
    [Meddling::Honest, Meddling::Honest, Meddling::Dropped, Meddling::Delayed, Meddling::Duplicated];

/// An HTTP server before an issuer. Stops when it is dropped.
pub(crate) struct Meddler {
    url: String,
    desk: Arc<Desk>,
    _runtime: Runtime,
}

struct Desk {
    upstream: String,
    client: reqwest::Client,
    state: Mutex<Hand>,
}

/// What it may do, and what it has seen.
struct Hand {
    ways: &'static [Meddling],
    /// Those whose turn is still to come: chance decides when, and not whether.
    left: Vec<Meddling>,
    dice: Dice,
    seen: Vec<String>,
    planted: Vec<String>,
    done: Vec<Meddling>,
}

impl Meddler {
    /// In front of the issuer at `upstream`; honest at first.
    pub(crate) fn before(upstream: &str, dice: Dice) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (seen, planted, done) = (Vec::new(), Vec::new(), Vec::new());
        let hand = Hand { ways: &[Meddling::Honest], left: Vec::new(), dice, seen, planted, done };
        let desk = Arc::new(Desk { upstream: upstream.to_owned(), client, state: Mutex::new(hand) });
        let url = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let app = Router::new().fallback(answer).with_state(Arc::clone(&desk));
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            url
        });
        Self { url, desk, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on it does these, each as often as the others, in an order that the dice choose.
    pub(crate) fn turns(&self, ways: &'static [Meddling]) {
        let mut hand = self.desk.hand();
        hand.ways = ways;
        hand.left.clear();
    }

    /// Gives it a document to plant.
    pub(crate) fn plant(&self, document: impl Into<String>) {
        self.desk.hand().planted.push(document.into());
    }

    /// What it has done since it was asked last.
    pub(crate) fn done(&self) -> Vec<Meddling> {
        std::mem::take(&mut self.desk.hand().done)
    }
}

impl Desk {
    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes the question on, and something back.
async fn answer(State(desk): State<Arc<Desk>>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let asked = desk.client.get(format!("{}{path}", desk.upstream)).send().await;
    let Ok(answered) = asked else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = StatusCode::from_u16(answered.status().as_u16()).unwrap();
    let Ok(text) = answered.text().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (what, text, millis) = desk.hand().meddle(status, text);
    match what {
        Meddling::Refused => refusal(millis).into_response(),
        Meddling::Dropped => cut(&text).into_response(),
        _ => {
            if what == Meddling::Delayed {
                let millis = Duration::from_millis(millis.try_into().unwrap());
                // Nothing else is waited for: it is late.
                let _ = tokio::time::timeout(millis, future::pending::<()>()).await;
            }
            let status = if text.is_empty() || what == Meddling::Honest { status } else { StatusCode::OK };
            (status, [(header::CONTENT_TYPE, "application/jwt")], text).into_response()
        }
    }
}

impl Hand {
    /// Chooses what becomes of an answer. The number is for whatever needs one.
    fn meddle(&mut self, status: StatusCode, honest: String) -> (Meddling, String, usize) {
        if self.left.is_empty() {
            self.left.extend(self.ways);
        }
        let mut what = self.left.swap_remove(self.dice.below(self.left.len()));
        let before = self.seen.clone();
        let is_document = status == StatusCode::OK && !honest.is_empty();
        if is_document {
            self.seen.push(honest.clone());
        }
        let text = match what {
            Meddling::Replayed if !before.is_empty() => self.dice.one_of(&before).clone(),
            Meddling::Duplicated if !before.is_empty() => before.last().unwrap().clone(),
            Meddling::Planted if !self.planted.is_empty() => self.dice.one_of(&self.planted).clone(),
            Meddling::Truncated if is_document => honest[..self.dice.below(honest.len())].to_owned(),
            Meddling::Flipped if is_document => flipped(&honest, &mut self.dice),
            Meddling::Emptied => String::new(),
            Meddling::Dropped | Meddling::Delayed | Meddling::Refused => honest,
            _ => {
                what = Meddling::Honest;
                honest
            }
        };
        self.done.push(what);
        (what, text, self.dice.below(DELAY_MILLIS))
    }
}

/// Another character takes the place of one: its lowest bits are what base64url encodes.
fn flipped(document: &str, dice: &mut Dice) -> String {
    let mut bytes = document.as_bytes().to_vec();
    let at = dice.below(bytes.len());
    bytes[at] ^= 1 << dice.below(7);
    String::from_utf8(bytes).unwrap()
}

fn refusal(number: usize) -> StatusCode {
    let refusals = [204, 304, 404, 409, 410, 429, 500, 503];
    StatusCode::from_u16(refusals[number % refusals.len()]).unwrap()
}

/// An answer that says that it is longer than what comes.
fn cut(text: &str) -> Response {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let length = text.len() + 1;
    let mut response = Body::from(half).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    // Else it stays open, and who waits for the rest of it runs into a timeout of its own.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
