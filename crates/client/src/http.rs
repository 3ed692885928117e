//! One request to an endpoint of the issuer, and what comes back.

use crate::error::{InvalidSetup, Refusal, RequestError};
use crate::secret::Secret;
use crate::server::is_loopback;
use bytes::Bytes;
use chancery_token::ClientId;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode, redirect};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer that is read. A token has at most 8 KiB, metadata less; the rest is room for strangers' extensions.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Longest text that is taken over from an error answer, in characters.
const MAX_TOLD_CHARS: usize = 500;
/// What is shorter is no secret, and may be a word of any text.
const MIN_SECRET_BYTES: usize = 8;
/// Longest nonce that is kept, in bytes: ours have less than a hundred, and it goes into every proof.
const MAX_NONCE_BYTES: usize = 1024;
/// Longest wish of `Retry-After` that is honoured, in seconds: one slip of an issuer does not silence its clients for
/// good.
const MAX_RETRY_AFTER: u64 = 60 * 60;

/// The header in which a server says what the next proof is to hold (RFC 9449 section 8).
const DPOP_NONCE: &str = "dpop-nonce";

/// An HTTP client that never follows a redirect: a secret goes where it was sent and nowhere else.
pub(crate) fn connect(server: &Url) -> Result<reqwest::Client, InvalidSetup> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none());
        if is_loopback(server) { builder.no_proxy() } else { builder }
    };
    match builder().build() {
        // What goes by http needs none of the certificates that this machine does not have.
        Err(_) if server.scheme() == "http" => builder().tls_certs_only([]).build(),
        built => built,
    }
    .map_err(|why| InvalidSetup::Tls(chain(&why)))
}

/// A form that is sent once.
pub(crate) struct Post<'p> {
    pub(crate) endpoint: &'p Url,
    /// For `client_secret_basic` (RFC 6749 section 2.3.1).
    pub(crate) basic: Option<(&'p ClientId, &'p Secret)>,
    /// The proof of a key (RFC 9449 section 5).
    pub(crate) dpop: Option<String>,
    pub(crate) form: Zeroizing<String>,
    /// A token that is in the form.
    pub(crate) token: Option<Zeroizing<String>>,
}

/// What an endpoint answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    retry_after: Option<Duration>,
    /// What the next proof is to hold.
    pub(crate) nonce: Option<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// What was sent, and is not told again, whoever repeats it.
    unsaid: Vec<Zeroizing<String>>,
}

impl Post<'_> {
    /// Sends it, and reads the answer.
    pub(crate) async fn send(self, http: &reqwest::Client) -> Result<Answer, RequestError> {
        let endpoint = self.endpoint;
        let mut request = http
            .post(endpoint.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if let Some((client_id, secret)) = self.basic {
            let encoded_id: String = byte_serialize(client_id.as_str().as_bytes()).collect();
            let encoded_secret =
                Zeroizing::new(byte_serialize(secret.expose().as_bytes()).collect::<String>());
            request = request.basic_auth(encoded_id, Some(&*encoded_secret));
        }
        if let Some(proof) = self.dpop {
            request = request.header("dpop", proof);
        }
        // Wiped when the request is through with it.
        let form = Bytes::from_owner(self.form);
        let response = request.body(form).send().await.map_err(|why| unreachable(endpoint, &why))?;
        let secret = self.basic.map(|(_, secret)| Zeroizing::new(secret.expose().to_owned()));
        let unsaid = [secret, self.token].into_iter().flatten();
        let unsaid = unsaid.filter(|text| text.len() >= MIN_SECRET_BYTES).collect();
        Ok(Answer { unsaid, ..answer(endpoint, response).await? })
    }
}

/// Reads an answer; of one that there is none now, nothing but its headers.
pub(crate) async fn answer(endpoint: &Url, response: Response) -> Result<Answer, RequestError> {
    let (status, headers) = (response.status(), response.headers());
    let (retry_after, nonce) = (retry_after(headers), nonce(headers));
    let body = if is_unavailable(status) { Zeroizing::default() } else { read(endpoint, response).await? };
    Ok(Answer { status, retry_after, nonce, body, unsaid: Vec::new() })
}

fn is_unavailable(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// Reads an answer up to its bound.
async fn read(endpoint: &Url, mut response: Response) -> Result<Zeroizing<Vec<u8>>, RequestError> {
    // Room for all of it, so that no half of it stays behind when the buffer grows.
    let mut answer = Zeroizing::new(Vec::with_capacity(MAX_ANSWER_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(|why| unreachable(endpoint, &why))? {
        if answer.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(bad_answer(endpoint, format!("more than {MAX_ANSWER_BYTES} bytes")));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

#[derive(serde::Deserialize)]
struct OauthError {
    error: String,
    error_description: Option<String>,
    reason: Option<String>,
}

impl Answer {
    /// What it is when it is no success: that there is none now, a refusal (RFC 6749 section 5.2), or none of an endpoint's
    /// answers.
    pub(crate) fn refusal(&self, endpoint: &Url) -> RequestError {
        let status = self.status.as_u16();
        if is_unavailable(self.status) {
            return RequestError::Unavailable { status, retry_after: self.retry_after };
        }
        match self.status {
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {}
            _ => return bad_answer(endpoint, format!("status {status}")),
        }
        match serde_json::from_slice::<OauthError>(&self.body) {
            Ok(told) => RequestError::Refused {
                status,
                refusal: Refusal {
                    error: self.told(&told.error),
                    reason: told.reason.as_deref().map(|text| self.told(text)),
                    description: told.error_description.as_deref().map(|text| self.told(text)),
                },
            },
            Err(_) => bad_answer(endpoint, format!("status {status} without an OAuth error")),
        }
    }
}

impl Answer {
    /// What a stranger wrote, without what he was sent: it is logged.
    fn told(&self, text: &str) -> String {
        let without = |text: Zeroizing<String>, unsaid: &Zeroizing<String>| {
            Zeroizing::new(text.replace(unsaid.as_str(), "***"))
        };
        short(&self.unsaid.iter().fold(Zeroizing::new(text.to_owned()), without))
    }
}

/// What a stranger wrote, without control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The same, cut.
pub(crate) fn short(text: &str) -> String {
    plain(text).chars().take(MAX_TOLD_CHARS).collect()
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); the form with a date is not read.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
}

fn nonce(headers: &HeaderMap) -> Option<String> {
    let nonce = headers.get(DPOP_NONCE)?.to_str().ok()?;
    (!nonce.is_empty() && nonce.len() <= MAX_NONCE_BYTES).then(|| nonce.to_owned())
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
