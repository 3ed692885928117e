//! One bounded GET.

use super::address::Address;
use super::cache_control;
use super::fault::FetchFault;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, Response, StatusCode, redirect};
use std::error::Error;
use std::time::Duration;

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

impl Getter {
    /// A client for addresses like `start`: encrypted, or on this machine.
    pub(super) fn new(start: &Address, timeouts: Timeouts) -> Result<Self, String> {
        let builder = Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("chancery-verifier/", env!("CARGO_PKG_VERSION")));
        let builder = if start.is_encrypted() {
            builder.https_only(true)
        } else {
            // Plain http never leaves this machine: no proxy, and no certificates are looked for.
            builder.no_proxy().tls_certs_only([])
        };
        let client = builder.build().map_err(detail)?;
        Ok(Self { client, timeouts })
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
        let response = request.send().await.map_err(|why| self.blame(at, why))?;
        let lifetime = cache_control::lifetime(response.headers());
        match response.status() {
            StatusCode::OK => {
                let validator = entity_tag(response.headers());
                let bytes = self.read(at, response, most).await?;
                Ok(Answer::Document { bytes, validator, lifetime })
            }
            StatusCode::NOT_MODIFIED if validator.is_some() => Ok(Answer::Unchanged { lifetime }),
            status => Err(FetchFault::UnexpectedStatus { at: at.clone(), status: status.as_u16() }),
        }
    }

    async fn read(&self, at: &Address, mut response: Response, most: usize) -> Result<Vec<u8>, FetchFault> {
        let too_large = || FetchFault::TooLarge { at: at.clone(), most };
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).is_ok_and(|announced| announced > most) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|why| self.blame(at, why))? {
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn blame(&self, at: &Address, why: reqwest::Error) -> FetchFault {
        let at = at.clone();
        match (why.is_timeout(), why.is_connect()) {
            (true, true) => FetchFault::TimedOut { at, after: self.timeouts.connect },
            (true, false) => FetchFault::TimedOut { at, after: self.timeouts.total },
            (false, true) => FetchFault::Unreachable { at, detail: detail(why) },
            (false, false) => FetchFault::Interrupted { at, detail: detail(why) },
        }
    }
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
