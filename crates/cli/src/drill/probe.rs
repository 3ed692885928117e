//! A service that the token is presented to until it is refused.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::fetch::{innermost, is_this_machine};
use chancery_verifier::clock::{Clock as _, SystemClock};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Response, StatusCode};
use std::time::Duration;
use tokio::task::JoinHandle;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// More of an answer is not looked at.
const MAX_PROBLEM_BYTES: usize = 16 * 1024;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// One address.
pub(super) struct Probe {
    url: Url,
    http: reqwest::Client,
}

/// One that is being watched.
pub(super) struct Watched {
    url: Url,
    task: JoinHandle<Option<Duration>>,
}

/// How it ended.
pub(super) struct Refused {
    pub(super) url: Url,
    /// How long after the revocation was acknowledged it refused the token; `None`: it never did.
    pub(super) after: Option<Duration>,
}

impl Probe {
    pub(super) fn new(url: Url) -> Result<Self, Failure> {
        let local = is_this_machine(&url);
        if url.scheme() != "https" && !local {
            let message = format!("a token is not sent to {url} over plain http");
            return Err(Failure::unusable("probe_url", message)
                .fix("Use https; plain http is for 127.0.0.1, [::1] and localhost."));
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        if local {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|why| Failure::unusable("setup", why))?;
        Ok(Self { url, http })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// A service that refuses the token anyway would look like a fast one.
    pub(super) async fn must_accept(&self, token: &str) -> Result<(), Failure> {
        let failure = |message: String| Failure::new(Exit::Refused, "probe_unusable", message);
        match self.present(token).await {
            Ok(answer) if is_refusal(answer.status()) || answer.status().is_server_error() => {
                let status = answer.status().as_u16();
                let why = said(answer).await.map_or_else(String::new, |reason| format!(" ({reason})"));
                let message = format!("{} answers {status}{why} to the token before it is revoked", self.url);
                Err(failure(message)
                    .fix("Name a service, and with --scope, --audience and --tenant a token, that fit."))
            }
            Ok(_) => Ok(()),
            Err(why) => Err(failure(format!("{} cannot be reached: {why}", self.url))),
        }
    }

    /// Presents the token again and again, for `most` at the longest.
    pub(super) fn watch(self, token: &str, most: Duration) -> Watched {
        let (url, token) = (self.url.clone(), token.to_owned());
        let task = tokio::spawn(async move {
            let clock = SystemClock::new();
            while clock.monotonic() < most {
                if self.present(&token).await.is_ok_and(|answer| is_refusal(answer.status())) {
                    return Some(clock.monotonic());
                }
                tokio::time::sleep(PAUSE).await;
            }
            None
        });
        Watched { url, task }
    }

    async fn present(&self, token: &str) -> Result<Response, String> {
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|why| why.to_string())?;
        authorization.set_sensitive(true);
        let answer = self.http.get(self.url.clone()).header(AUTHORIZATION, authorization).send().await;
        answer.map_err(|why| innermost(&why))
    }
}

impl Watched {
    pub(super) async fn end(self) -> Refused {
        // A task that broke saw no refusal.
        Refused { url: self.url, after: self.task.await.ok().flatten() }
    }
}

/// Why a service refuses the token, as far as it says so in the way of our own (RFC 9457), in one plain word.
async fn said(mut answer: Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_PROBLEM_BYTES {
            return None;
        }
    }
    let problem: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let word = problem["reason"].as_str()?;
    let is_plain = word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_plain.then(|| word.to_owned())
}

/// RFC 6750 section 3.1: an invalid token is 401; a 403 is about what a good one may do.
fn is_refusal(status: StatusCode) -> bool {
    status == StatusCode::UNAUTHORIZED
}
