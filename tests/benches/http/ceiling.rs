//! The least that an answer of this kind can cost: one handler on the same server, router, runtime and
//! cryptography, which reads the form, hashes one secret, makes one signature, and answers with the same headers
//! and as many bytes. It decides nothing, counts nothing, writes nothing down.
//!
//! It runs in a process of its own: this program, started again.

use crate::affinity::Placement;
use crate::folder::told;
use crate::process::free_address;
use crate::request;
use crate::serving::Serving;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;

/// The word that starts this program as a ceiling.
pub(crate) const WORD: &str = "serve-the-ceiling";
/// Characters of an Ed25519 signature.
const SIGNATURE: usize = 86;
/// Hyper writes them by itself.
const WRITTEN_BY_THE_SERVER: [&str; 2] = ["date", "content-length"];

/// Starts a ceiling under `issued`, an answer of an issuer.
pub(crate) fn start(
    issued: &(String, String),
    secret: &str,
    folder: &Path,
    placement: Placement,
) -> Result<Serving, String> {
    let address = free_address()?;
    let program = std::env::current_exe().map_err(|fault| format!("this program has no name: {fault}"))?;
    let file = folder.join("ceiling.json");
    let text = serde_json::json!({"address": address, "secret": secret, "head": issued.0, "body": issued.1});
    std::fs::write(&file, text.to_string()).map_err(|fault| told(&file, &fault))?;
    let mut command = placement.of_server(&program);
    command.arg(WORD).arg(&file);
    let request = request::token(address, "/oauth2/token", "client-000000", secret);
    Serving::start(command, folder.join("ceiling.log"), address, vec![request], placement)
}

#[derive(serde::Deserialize)]
struct Description {
    address: SocketAddr,
    secret: String,
    /// What stood before the body of an issuer's answer.
    head: String,
    body: String,
}

struct Ceiling {
    key: Ed25519KeyPair,
    secret: [u8; 32],
    headers: HeaderMap,
    /// What is signed: as many bytes as the issuer signs.
    message: String,
    /// The answer before and after the signature.
    before: String,
    after: String,
}

/// Is the ceiling that `file` describes, until somebody ends it.
pub(crate) fn serve(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|fault| told(file, &fault))?;
    let description: Description = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
    let ceiling = Arc::new(Ceiling::new(&description)?);
    let router = Router::new().route("/oauth2/token", post(token)).with_state(ceiling);
    // As the issuer's runtime is built.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(description.address).await;
        let listener = listener.map_err(|fault| format!("{}: {fault}", description.address))?;
        chancery_issuer::serve::serve_router(listener, router, std::future::pending(), Duration::ZERO).await;
        Ok(())
    })
}

impl Ceiling {
    fn new(description: &Description) -> Result<Self, String> {
        let answer: serde_json::Value =
            serde_json::from_str(&description.body).map_err(|fault| fault.to_string())?;
        let issued = answer["access_token"].as_str().ok_or("an answer without a token")?;
        let (message, signature) = issued.rsplit_once('.').ok_or("a token without a signature")?;
        let (before, after) = description.body.split_once(signature).ok_or("an answer without its token")?;
        let mut headers = HeaderMap::new();
        for line in description.head.lines().skip(1) {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if !WRITTEN_BY_THE_SERVER.contains(&name.to_ascii_lowercase().as_str()) {
                let name = HeaderName::try_from(name).map_err(|fault| fault.to_string())?;
                headers.append(name, HeaderValue::try_from(value).map_err(|fault| fault.to_string())?);
            }
        }
        let mut secret = [0; 32];
        secret.copy_from_slice(digest(&SHA256, description.secret.as_bytes()).as_ref());
        Ok(Self {
            key: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).map_err(|fault| fault.to_string())?,
            secret,
            headers,
            message: message.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }
}

#[derive(Default)]
struct Form<'f> {
    grant_type: Option<Cow<'f, str>>,
    client_id: Option<Cow<'f, str>>,
    client_secret: Option<Cow<'f, str>>,
    scope: Option<Cow<'f, str>>,
    resource: Option<Cow<'f, str>>,
}

impl<'f> Form<'f> {
    fn parse(body: &'f [u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "grant_type" => form.grant_type = Some(value),
                "client_id" => form.client_id = Some(value),
                "client_secret" => form.client_secret = Some(value),
                "scope" => form.scope = Some(value),
                "resource" => form.resource = Some(value),
                _ => {}
            }
        }
        form
    }

    fn is_complete(&self) -> bool {
        let rest = [&self.client_id, &self.scope, &self.resource];
        self.grant_type.as_deref() == Some("client_credentials") && rest.iter().all(|value| value.is_some())
    }
}

async fn token(State(ceiling): State<Arc<Ceiling>>, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let secret = form.client_secret.as_deref().unwrap_or_default();
    let known: bool = digest(&SHA256, secret.as_bytes()).as_ref().ct_eq(&ceiling.secret).into();
    if !known || !form.is_complete() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let signature = ceiling.key.sign(ceiling.message.as_bytes());
    let mut answer = String::with_capacity(ceiling.before.len() + SIGNATURE + ceiling.after.len());
    answer.push_str(&ceiling.before);
    BASE64_URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut answer);
    answer.push_str(&ceiling.after);
    let mut response = Response::new(Body::from(answer));
    response.headers_mut().clone_from(&ceiling.headers);
    response
}
