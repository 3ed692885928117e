//! The least that an answer can cost: one handler on the same server, router, runtime and cryptography, which reads the form
//! and hashes the secret of whoever asks. Then it rotates by one script and makes one signature, or only makes the signature,
//! or refuses. It answers with the same headers and as many bytes as the issuer, and knows nothing of what it does.
//!
//! It runs in a process of its own: this program, started again.

use crate::affinity::Placement;
use crate::folder::told;
use crate::form::Registered;
use crate::process::free_address;
use crate::rotation;
use crate::server::Server;
use crate::sessions;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;

/// The word that starts this program as a bare server.
pub(crate) const WORD: &str = "serve-bare";
/// Hyper writes them by itself.
const WRITTEN_BY_THE_SERVER: [&str; 2] = ["date", "content-length"];

/// What it does for its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Work {
    /// One script in the Redis at this URL, and one signature.
    Rotates(String),
    /// One signature.
    Signs,
    /// Nothing.
    Refuses,
}

#[derive(Serialize, Deserialize)]
struct Description {
    address: SocketAddr,
    work: Work,
    /// Ids and secrets.
    clients: HashMap<String, String>,
    /// What stood before the body of an issuer's answer.
    head: String,
    body: String,
}

/// Starts one that answers as `answer` shows.
pub(crate) fn start(
    work: Work,
    answer: (String, String),
    clients: &[Registered],
    folder: &Path,
    placement: Placement,
) -> Result<Server, String> {
    let address = free_address()?;
    let program = std::env::current_exe().map_err(|fault| format!("this program has no name: {fault}"))?;
    let name = match work {
        Work::Rotates(_) => "rotates",
        Work::Signs => "signs",
        Work::Refuses => "refuses",
    };
    let clients = clients.iter().map(|client| (client.id.clone(), client.secret.clone())).collect();
    let (head, body) = answer;
    let description = Description { address, work, clients, head, body };
    let text = serde_json::to_string(&description).map_err(|fault| fault.to_string())?;
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, text).map_err(|fault| told(&file, &fault))?;
    let mut command = placement.of_server(&program);
    command.arg(WORD).arg(&file);
    Server::start(command, folder.join(format!("{name}.log")), address, placement)
}

/// Is the server that `file` describes, until somebody ends it.
pub(crate) fn serve(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|fault| told(file, &fault))?;
    let description: Description = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
    // As the issuer's runtime is built.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(async {
        let bare = Arc::new(Bare::new(&description).await?);
        let router = Router::new().route("/oauth2/token", post(token)).with_state(bare);
        let router = router.route("/readyz", get(|| async { StatusCode::OK }));
        let listener = TcpListener::bind(description.address).await;
        let listener = listener.map_err(|fault| format!("{}: {fault}", description.address))?;
        chancery_issuer::serve::serve_router(listener, router, std::future::pending(), Duration::ZERO).await;
        Ok(())
    })
}

struct Bare {
    redis: Option<MultiplexedConnection>,
    clients: HashMap<String, [u8; 32]>,
    status: StatusCode,
    headers: HeaderMap,
    answers: Answers,
}

enum Answers {
    /// The same each time.
    Refusal(String),
    Token {
        key: Ed25519KeyPair,
        /// What is signed: as many bytes as the issuer signs.
        message: String,
        /// What stands before the signature, between that and the refresh token, and after it.
        frame: [String; 3],
    },
}

impl Bare {
    async fn new(description: &Description) -> Result<Self, String> {
        let Description { work, clients, head, body, .. } = description;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if !WRITTEN_BY_THE_SERVER.contains(&name.to_ascii_lowercase().as_str()) {
                let name = HeaderName::try_from(name).map_err(|fault| fault.to_string())?;
                headers.append(name, HeaderValue::try_from(value).map_err(|fault| fault.to_string())?);
            }
        }
        let redis = match work {
            Work::Rotates(url) => Some(rotation::connect(url).await?),
            Work::Signs | Work::Refuses => None,
        };
        let answers = match work {
            Work::Refuses => Answers::Refusal(body.clone()),
            Work::Rotates(_) | Work::Signs => Answers::of_tokens(body)?,
        };
        let hashed = clients.iter().map(|(id, secret)| (id.clone(), hash(secret)));
        let status: u16 = status.ok_or("an answer without a status")?;
        Ok(Self {
            redis,
            clients: hashed.collect(),
            status: StatusCode::from_u16(status).map_err(|fault| fault.to_string())?,
            headers,
            answers,
        })
    }

    fn knows(&self, form: &Form<'_>) -> bool {
        let client = form.client_id.as_deref().and_then(|id| self.clients.get(id));
        let shown = hash(form.client_secret.as_deref().unwrap_or_default());
        let is_known: bool = client.is_some_and(|secret| secret.ct_eq(&shown).into());
        is_known && form.grant_type.as_deref() == Some("refresh_token")
    }
}

impl Answers {
    fn of_tokens(body: &str) -> Result<Self, String> {
        let answer: serde_json::Value = serde_json::from_str(body).map_err(|fault| fault.to_string())?;
        let issued = answer["access_token"].as_str().ok_or("an answer without a token")?;
        let (message, signature) = issued.rsplit_once('.').ok_or("a token without a signature")?;
        let refresh = str::from_utf8(sessions::token(body.as_bytes())?).map_err(|fault| fault.to_string())?;
        let (before, rest) = body.split_once(signature).ok_or("an answer without its token")?;
        let (between, after) = rest.split_once(refresh).ok_or("a refresh token before the token")?;
        Ok(Self::Token {
            key: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).map_err(|fault| fault.to_string())?,
            message: message.to_owned(),
            frame: [before, between, after].map(str::to_owned),
        })
    }

    /// The same refresh token goes back, for it is as long as the next one.
    fn body(&self, refresh: &str) -> String {
        let (key, message, [before, between, after]) = match self {
            Self::Refusal(body) => return body.clone(),
            Self::Token { key, message, frame } => (key, message, frame),
        };
        let signature = key.sign(message.as_bytes());
        let room = before.len() + between.len() + after.len() + refresh.len() + 86;
        let mut body = String::with_capacity(room);
        body.push_str(before);
        BASE64_URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut body);
        for part in [between, refresh, after] {
            body.push_str(part);
        }
        body
    }
}

#[derive(Default)]
struct Form<'f> {
    grant_type: Option<Cow<'f, str>>,
    client_id: Option<Cow<'f, str>>,
    client_secret: Option<Cow<'f, str>>,
    refresh_token: Option<Cow<'f, str>>,
}

impl<'f> Form<'f> {
    fn parse(body: &'f [u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "grant_type" => form.grant_type = Some(value),
                "client_id" => form.client_id = Some(value),
                "client_secret" => form.client_secret = Some(value),
                "refresh_token" => form.refresh_token = Some(value),
                _ => {}
            }
        }
        form
    }
}

async fn token(State(bare): State<Arc<Bare>>, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let Some(refresh) = form.refresh_token.as_deref().filter(|_| bare.knows(&form)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if let Some(redis) = &bare.redis
        && rotation::rotate(redis.clone(), refresh).await.is_err()
    {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut response = Response::new(Body::from(bare.answers.body(refresh)));
    *response.status_mut() = bare.status;
    response.headers_mut().clone_from(&bare.headers);
    response
}

fn hash(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}
