//! What is asked of the issuer, and what its answers mean.

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_revocation::{MAX_DOCUMENT_BYTES, Position};
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer than the issuer may hold an answer back.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);
/// An issuer that asks for more time than this is asked again all the same.
const LONGEST_RETRY: Duration = Duration::from_mins(1);

/// Asks one issuer.
pub(super) struct Asker {
    http: reqwest::Client,
    issuer: String,
}

/// What came back.
pub(super) enum Answer {
    Document(String),
    /// The place is not remembered.
    TakeSnapshot,
    /// Nothing that can be used; another time it may be.
    NotNow {
        why: String,
        after: Option<Duration>,
    },
}

impl Asker {
    pub(super) fn new(issuer: &str) -> Result<Self, Failure> {
        let url = Url::parse(issuer).map_err(|why| {
            Failure::unusable("issuer_url", format!("--issuer '{issuer}' is no URL: {why}"))
        })?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        if url.scheme() == "http" {
            // That is this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|why| Failure::new(Exit::Unusable, "setup", why))?;
        Ok(Self { http, issuer: issuer.to_owned() })
    }

    pub(super) async fn snapshot(&self) -> Answer {
        self.ask(format!("{}/revocation/snapshot", self.issuer)).await
    }

    /// What came after `after`, as soon as there is something, or after `hold`.
    pub(super) async fn delta(&self, after: &Position, hold: Duration) -> Answer {
        let Position { log, sequence, .. } = after;
        let wait = hold.as_secs().max(1);
        self.ask(format!("{}/revocation/delta?log={log}&after={sequence}&wait={wait}", self.issuer)).await
    }

    async fn ask(&self, url: String) -> Answer {
        match self.http.get(url).send().await {
            Ok(answer) => self.read(answer).await,
            Err(why) => self.unreachable(&why),
        }
    }

    async fn read(&self, mut answer: Response) -> Answer {
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let after = after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY));
        match status {
            StatusCode::OK => {}
            StatusCode::GONE => return Answer::TakeSnapshot,
            StatusCode::CONFLICT => {
                return Answer::NotNow {
                    why: format!("{} knows less of its log than is known here", self.issuer),
                    after,
                };
            }
            status => {
                let why = format!("{} answered with status {}", self.issuer, status.as_u16());
                return Answer::NotNow { why, after };
            }
        }
        let mut document = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if document.len() + chunk.len() <= MAX_DOCUMENT_BYTES => {
                    document.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    let why = format!("the answer of {} does not end", self.issuer);
                    return Answer::NotNow { why, after: None };
                }
                // What is not UTF-8 is no document, and is refused as one.
                Ok(None) => return Answer::Document(String::from_utf8_lossy(&document).into_owned()),
                Err(why) => return self.unreachable(&why),
            }
        }
    }

    fn unreachable(&self, why: &dyn std::error::Error) -> Answer {
        let mut innermost = why;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Answer::NotNow { why: format!("{} cannot be reached: {innermost}", self.issuer), after: None }
    }
}
