//! Asking a token endpoint, once.

use crate::access_token::AccessToken;
use crate::error::{InvalidSetup, Refusal, RequestError};
use crate::secret::Secret;
use crate::server::is_loopback;
use chancery_token::{ClientId, UnixTime};
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode, redirect};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer that is read. A token has at most 8 KiB, metadata less; the rest is room for strangers' extensions.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Longest text that is taken over from an error answer, in characters.
const MAX_TOLD_CHARS: usize = 500;
/// RFC 8259 numbers are unbounded; a token that claims to live longer than a day is not cached for longer.
const MAX_EXPIRES_IN: u64 = 24 * 60 * 60;
/// Longest wish of `Retry-After` that is honoured, in seconds: one slip of an issuer does not silence its clients for
/// good.
const MAX_RETRY_AFTER: u64 = 60 * 60;

/// An HTTP client that never follows a redirect: a secret goes where it was sent and nowhere else.
pub(crate) fn connect(server: &Url) -> Result<reqwest::Client, InvalidSetup> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .redirect(redirect::Policy::none());
    if is_loopback(server) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|why| InvalidSetup::Tls(chain(&why)))
}

/// Sends `body`, authenticated by `client_secret_basic` (RFC 6749 section 2.3.1), and reads the answer.
pub(crate) async fn ask(
    http: &reqwest::Client,
    endpoint: &Url,
    client_id: &ClientId,
    secret: &Secret,
    body: String,
    asked_at: UnixTime,
) -> Result<AccessToken, RequestError> {
    let encoded_id: String = byte_serialize(client_id.as_str().as_bytes()).collect();
    let encoded_secret = Zeroizing::new(byte_serialize(secret.expose().as_bytes()).collect::<String>());
    let response = http
        .post(endpoint.clone())
        .basic_auth(encoded_id, Some(&*encoded_secret))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(body)
        .send()
        .await
        .map_err(|why| unreachable(endpoint, &why))?;
    let status = response.status();
    let retry_after = retry_after(&response);
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(RequestError::Unavailable { status: status.as_u16(), retry_after });
    }
    let answer = read(endpoint, response).await?;
    match status {
        StatusCode::OK => token(endpoint, &answer, asked_at),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(refusal(endpoint, status, &answer))
        }
        other => Err(bad_answer(endpoint, format!("status {}", other.as_u16()))),
    }
}

/// Reads an answer up to its bound.
pub(crate) async fn read(endpoint: &Url, mut response: Response) -> Result<Zeroizing<Vec<u8>>, RequestError> {
    let mut answer = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|why| unreachable(endpoint, &why))? {
        if answer.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(bad_answer(endpoint, format!("more than {MAX_ANSWER_BYTES} bytes")));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

#[derive(serde::Deserialize)]
struct Granted {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
    scope: Option<String>,
}

fn token(endpoint: &Url, answer: &[u8], asked_at: UnixTime) -> Result<AccessToken, RequestError> {
    // What the parser says could quote the answer, and the answer holds a token.
    let granted: Granted = serde_json::from_slice(answer)
        .map_err(|_| bad_answer(endpoint, "no JSON object with access_token and token_type"))?;
    let text = Zeroizing::new(granted.access_token);
    if !granted.token_type.eq_ignore_ascii_case("Bearer") {
        return Err(bad_answer(endpoint, "token_type is not Bearer"));
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(bad_answer(endpoint, "access_token is empty or not visible ASCII"));
    }
    let expires_in = granted.expires_in.ok_or_else(|| bad_answer(endpoint, "expires_in is missing"))?;
    let expires_at = asked_at.plus(Duration::from_secs(expires_in.min(MAX_EXPIRES_IN)));
    Ok(AccessToken::new(text, expires_at, granted.scope))
}

#[derive(serde::Deserialize)]
struct OauthError {
    error: String,
    error_description: Option<String>,
    reason: Option<String>,
}

fn refusal(endpoint: &Url, status: StatusCode, answer: &[u8]) -> RequestError {
    match serde_json::from_slice::<OauthError>(answer) {
        Ok(told) => RequestError::Refused {
            status: status.as_u16(),
            refusal: Refusal {
                error: plain(&told.error),
                reason: told.reason.as_deref().map(plain),
                description: told.error_description.as_deref().map(plain),
            },
        },
        Err(_) => bad_answer(endpoint, format!("status {} without an OAuth error", status.as_u16())),
    }
}

/// What a stranger wrote, without control characters and cut.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TOLD_CHARS).collect()
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); the form with a date is not read.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
}

pub(crate) fn bad_answer(endpoint: &Url, why: impl Into<String>) -> RequestError {
    RequestError::BadAnswer { endpoint: endpoint.to_string(), why: why.into() }
}

pub(crate) fn unreachable(endpoint: &Url, why: &reqwest::Error) -> RequestError {
    RequestError::Unreachable { endpoint: endpoint.to_string(), why: chain(why) }
}

/// The innermost cause says what happened; the layers around it repeat the URL.
fn chain(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
