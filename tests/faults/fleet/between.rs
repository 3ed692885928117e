//! What stands between clients and issuers: a load balancer, and a network that loses some of the answers.

use crate::dice::Dice;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// More than any request here has.
const MAX_BODY: usize = 64 * 1024;

/// Longer than an issuer takes that answers at all, and shorter than a client waits.
const PATIENCE: Duration = Duration::from_secs(8);

/// What goes through, of a request and of an answer.
const PASSED: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::ACCEPT,
    header::RETRY_AFTER,
    HeaderName::from_static("dpop"),
    HeaderName::from_static("dpop-nonce"),
];

/// What the network is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    /// Everything passes.
    Fair,
    /// Of so many answers one is lost, and another is a 5xx: for each client by itself, at places that the dice choose.
    Foul { among: usize },
    /// Nobody is reached.
    Down,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    /// The issuer decides, and the answer is cut off after this part of it, in 256ths.
    Lost(usize),
    /// An answer of the load balancer. The issuer was asked before, or not.
    Failed(StatusCode, Asked),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    No,
    Yes,
}

/// What a client met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// Requests to the token endpoint.
    pub(super) asked: u32,
    pub(super) lost: u32,
    pub(super) failed: u32,
}

/// Stops when it is dropped.
pub(super) struct Between {
    pub(super) url: String,
    desk: Arc<Desk>,
    _runtime: Runtime,
}

struct Desk {
    client: reqwest::Client,
    issuers: Mutex<Vec<String>>,
    hand: Mutex<Hand>,
}

struct Hand {
    dice: Dice,
    weather: Weather,
    /// By client; those that do not say who they are, for metadata, stand under no name.
    clients: BTreeMap<String, (Block, Met)>,
}

/// Some answers in a row, of which one is lost and one is a failure.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    left: usize,
    lost: usize,
    failed: usize,
}

impl Between {
    /// Has an address, and leads nowhere yet.
    pub(super) fn new(dice: Dice) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let hand = Mutex::new(Hand { dice, weather: Weather::Fair, clients: BTreeMap::new() });
        let desk = Arc::new(Desk { client, issuers: Mutex::default(), hand });
        let url = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let app = Router::new().fallback(answer).with_state(Arc::clone(&desk));
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            url
        });
        Self { url, desk, _runtime: runtime }
    }

    /// From now on it leads to these, to any of them at each request.
    pub(super) fn leads_to<'u>(&self, issuers: impl IntoIterator<Item = &'u str>) {
        let issuers = issuers.into_iter().map(str::to_owned).collect();
        *self.desk.issuers.lock().unwrap() = issuers;
    }

    pub(super) fn turns(&self, weather: Weather) {
        self.desk.hand().weather = weather;
    }

    /// What this client met so far.
    pub(super) fn met(&self, client: &str) -> Met {
        self.desk.hand().clients.get(client).map(|(_, met)| *met).unwrap_or_default()
    }

    /// What all of them met.
    pub(super) fn all(&self) -> Met {
        let mut all = Met::default();
        self.desk.hand().clients.values().for_each(|(_, met)| all += *met);
        all
    }
}

impl AddAssign for Met {
    fn add_assign(&mut self, more: Self) {
        self.asked += more.asked;
        self.lost += more.lost;
        self.failed += more.failed;
    }
}

impl Desk {
    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks one of the issuers.
    async fn ask(
        &self,
        head: &axum::http::request::Parts,
        body: Bytes,
    ) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let issuer = {
            let issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
            self.hand().dice.one_of(&issuers).clone()
        };
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self.client.request(head.method.clone(), format!("{issuer}{path}"));
        let answered = request.headers(passed(&head.headers)).body(body).send().await.ok()?;
        let (status, headers) = (answered.status(), passed(answered.headers()));
        Some((status, headers, answered.bytes().await.ok()?))
    }
}

async fn answer(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let fate = desk.hand().fate(&client(&head.headers), head.uri.path());
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if let Fate::Failed(status, Asked::No) = fate {
        return status.into_response();
    }
    let Some((status, headers, body)) = desk.ask(&head, body).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    match fate {
        Fate::Passes => (status, headers, body).into_response(),
        Fate::Lost(part) => cut(status, headers, &body, part),
        Fate::Failed(status, _) => status.into_response(),
    }
}

impl Hand {
    fn fate(&mut self, client: &str, path: &str) -> Fate {
        let Self { dice, weather, clients } = self;
        let (block, met) = clients.entry(client.to_owned()).or_default();
        met.asked += u32::from(path == "/oauth2/token");
        let fate = match *weather {
            Weather::Fair => Fate::Passes,
            Weather::Down => Fate::Failed(StatusCode::BAD_GATEWAY, Asked::No),
            Weather::Foul { among } => block.next(among, dice),
        };
        match fate {
            Fate::Passes => {}
            Fate::Lost(_) => met.lost += 1,
            Fate::Failed(..) => met.failed += 1,
        }
        fate
    }
}

impl Block {
    fn next(&mut self, among: usize, dice: &mut Dice) -> Fate {
        if self.left == 0 {
            let lost = dice.below(among);
            let failed = (lost + 1 + dice.below(among - 1)) % among;
            *self = Self { left: among, lost, failed };
        }
        self.left -= 1;
        if self.left == self.lost {
            return Fate::Lost(dice.below(256));
        }
        if self.left == self.failed {
            let failures =
                [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE];
            return Fate::Failed(*dice.one_of(&failures), *dice.one_of(&[Asked::No, Asked::Yes]));
        }
        Fate::Passes
    }
}

/// An answer that says that it is longer than what comes.
fn cut(status: StatusCode, headers: HeaderMap, body: &Bytes, part: usize) -> Response {
    let begun = body.slice(..body.len() * part / 256);
    let mut response = (status, headers, Body::from(begun)).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, (body.len() + 1).into());
    // Else it stays open, and who waits for the rest of it runs into a timeout of its own.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn passed(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| PASSED.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Who asks, as it says (RFC 6749 section 2.3.1); nothing where it does not.
fn client(headers: &HeaderMap) -> String {
    let basic = || {
        let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
        let basic = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
        Some(basic.split_once(':')?.0.to_owned())
    };
    basic().unwrap_or_default()
}
