//! Bounded GETs.

use super::address::Address;
use super::cache_control;
use super::fault::FetchFault;
use super::introduction::Introduction;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Response, StatusCode, Url, redirect};
use std::error::Error;
use std::time::Duration;

/// What is read of a refusal: ours have less than half of that.
const LONGEST_REFUSAL: usize = 1024;

/// How long the network may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeouts {
    pub(super) connect: Duration,
    /// Of one request, connection and answer together.
    pub(super) total: Duration,
}

/// A client that asks one issuer.
#[derive(Clone, Debug)]
pub(super) struct Getter {
    client: Client,
    timeouts: Timeouts,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(super) enum Answer {
    /// 200.
    Document { bytes: Vec<u8>, validator: Option<HeaderValue>, lifetime: Option<Duration> },
    /// 304 to a conditional request.
    Unchanged { lifetime: Option<Duration> },
}

/// An answer of any status, read to its end if it is 200, and so far as is of use if it is 503.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// What `Retry-After` says, in seconds (RFC 9110 section 10.2.3); a date is not read.
    pub(super) retry_after: Option<Duration>,
    pub(super) lifetime: Option<Duration>,
    pub(super) bytes: Vec<u8>,
}

impl Getter {
    /// A client for addresses like `start`: encrypted, or on this machine.
    pub(super) fn new(start: &Address, timeouts: Timeouts) -> Result<Self, String> {
        if !start.is_encrypted() {
            return Self::local(timeouts);
        }
        let client = builder(timeouts).https_only(true).build().map_err(detail)?;
        Ok(Self { client, timeouts })
    }

    /// A client for this machine. Plain http never leaves it: no proxy, and no certificates are looked for.
    pub(super) fn local(timeouts: Timeouts) -> Result<Self, String> {
        let client = builder(timeouts).no_proxy().tls_certs_only([]).build().map_err(detail)?;
        Ok(Self { client, timeouts })
    }

    /// Gets `url`, which is `at` with its question, and waits `longer` than for other answers. `most` counts the bytes of
    /// the body as it is read, after compression is undone.
    pub(super) async fn ask(
        &self,
        at: &Address,
        url: Url,
        accept: &'static str,
        most: usize,
        longer: Duration,
        introduction: Option<&Introduction>,
    ) -> Result<Reply, FetchFault> {
        let total = self.timeouts.total.saturating_add(longer);
        let request = self.client.get(url).header(ACCEPT, accept).timeout(total);
        let request = match introduction {
            Some(introduction) => introduction.written_on(request),
            None => request,
        };
        let response = request.send().await.map_err(|why| self.blame(at, why, total))?;
        let (status, headers) = (response.status(), response.headers());
        let (retry_after, lifetime) = (retry_after(headers), cache_control::lifetime(headers));
        let bytes = match status {
            StatusCode::OK => self.read(at, response, most, total).await?,
            // It may say why; if that cannot be read, the status says enough.
            StatusCode::SERVICE_UNAVAILABLE => {
                self.read(at, response, LONGEST_REFUSAL, total).await.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Ok(Reply { status, retry_after, lifetime, bytes })
    }

    /// Gets `at` unless it is still what `validator` names. Reads at most `most` bytes.
    pub(super) async fn get(
        &self,
        at: &Address,
        validator: Option<&HeaderValue>,
        most: usize,
    ) -> Result<Answer, FetchFault> {
        let mut request =
            self.client.get(at.url()).header(ACCEPT, "application/json, application/jwk-set+json");
        if let Some(validator) = validator {
            request = request.header(IF_NONE_MATCH, validator);
        }
        let total = self.timeouts.total;
        let response = request.send().await.map_err(|why| self.blame(at, why, total))?;
        let lifetime = cache_control::lifetime(response.headers());
        match response.status() {
            StatusCode::OK => {
                let validator = entity_tag(response.headers());
                let bytes = self.read(at, response, most, total).await?;
                Ok(Answer::Document { bytes, validator, lifetime })
            }
            StatusCode::NOT_MODIFIED if validator.is_some() => Ok(Answer::Unchanged { lifetime }),
            status => Err(FetchFault::UnexpectedStatus { at: at.clone(), status: status.as_u16() }),
        }
    }

    async fn read(
        &self,
        at: &Address,
        mut response: Response,
        most: usize,
        total: Duration,
    ) -> Result<Vec<u8>, FetchFault> {
        // What is announced is what travels; where that is compressed, nothing is announced, and what it grows to is counted.
        let too_large = || FetchFault::TooLarge { at: at.clone(), most };
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).is_ok_and(|announced| announced > most) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|why| self.blame(at, why, total))? {
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn blame(&self, at: &Address, why: reqwest::Error, total: Duration) -> FetchFault {
        let at = at.clone();
        match (why.is_timeout(), why.is_connect()) {
            (true, true) => FetchFault::TimedOut { at, after: self.timeouts.connect },
            (true, false) => FetchFault::TimedOut { at, after: total },
            (false, true) => FetchFault::Unreachable { at, detail: detail(why) },
            (false, false) => FetchFault::Interrupted { at, detail: detail(why) },
        }
    }
}

fn builder(timeouts: Timeouts) -> ClientBuilder {
    Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .user_agent(concat!("chancery-verifier/", env!("CARGO_PKG_VERSION")))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn entity_tag(headers: &HeaderMap) -> Option<HeaderValue> {
    // Longer ones would be sent along with every request and kept on disk; ours have 22 characters.
    headers.get(ETAG).filter(|tag| tag.len() <= 256).cloned()
}

/// The innermost cause: the outer ones say that a request failed, and the address with its query.
fn detail(why: reqwest::Error) -> String {
    let why = why.without_url();
    let mut cause: &dyn Error = &why;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
