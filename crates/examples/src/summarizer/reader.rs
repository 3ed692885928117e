use chancery_client::{Authorized, ErrorKind, InvalidSetup, Session, SessionError};
use reqwest::StatusCode;
use reqwest_middleware::ClientWithMiddleware;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// How often a path is tried while the service, or the issuer, asks for patience.
const ATTEMPTS: u32 = 10;
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long it is waited where nobody says how long.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest wait before the caller is told instead.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens paths of a service by the tokens of one session.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    service: Url,
    client: ClientWithMiddleware,
}

/// Why a path was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The session is over: the token goes nowhere any more.
    Over { reason: String },
    /// Not to this token.
    Refused { reason: String },
    /// Not now.
    Away { reason: String },
}

/// What a refusal says.
#[derive(Default, Deserialize)]
struct Refusal {
    reason: Option<String>,
}

/// What one attempt came to.
enum Attempt {
    Opened(Vec<u8>),
    Closed(Closed),
    Later { reason: String, pause: Option<Duration> },
}

impl Reader {
    /// Reads at `service` alone: the middleware gives its tokens to no other origin.
    pub(super) fn new(service: Url, session: Session) -> Result<Self, InvalidSetup> {
        let client = Authorized::for_origins(session, [service.as_str()])?.client()?;
        Ok(Self { service, client })
    }

    /// Where a document is.
    pub(super) fn document(&self, number: &str) -> Url {
        let mut url = self.service.clone();
        // An http URL always has segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["documents", number]);
        }
        url
    }

    /// Where a path of the service leads; nothing where it leads elsewhere.
    pub(super) fn within(&self, path: &str) -> Option<Url> {
        // The service may itself be at a path.
        let path = [self.service.path().trim_end_matches('/'), path].concat();
        self.service.join(&path).ok().filter(|url| url.origin() == self.service.origin())
    }

    /// What is at an address, as JSON.
    pub(super) async fn open(&self, url: &Url) -> Result<serde_json::Value, Closed> {
        let mut waited = String::new();
        for _ in 0..ATTEMPTS {
            match self.attempt(url).await {
                Attempt::Opened(body) => {
                    let unreadable = |_| Closed::Refused { reason: "not_json".to_owned() };
                    return serde_json::from_slice(&body).map_err(unreadable);
                }
                Attempt::Closed(closed) => return Err(closed),
                Attempt::Later { reason, pause } => {
                    waited = reason;
                    tokio::time::sleep(pause.unwrap_or(PAUSE).min(PATIENCE)).await;
                }
            }
        }
        Err(Closed::Away { reason: waited })
    }

    async fn attempt(&self, url: &Url) -> Attempt {
        let answer = match self.client.get(url.clone()).timeout(ANSWER_WITHIN).send().await {
            Ok(answer) => answer,
            Err(error) => return without_answer(&error),
        };
        let (status, pause) = (answer.status(), retry_after(&answer));
        let body = match answer.bytes().await {
            Ok(body) => body.to_vec(),
            Err(_) => return Attempt::Later { reason: "answer_lost".to_owned(), pause: None },
        };
        if status.is_success() {
            return Attempt::Opened(body);
        }
        let told: Refusal = serde_json::from_slice(&body).unwrap_or_default();
        let reason = told.reason.unwrap_or_else(|| format!("status_{}", status.as_u16()));
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            Attempt::Later { reason, pause }
        } else {
            Attempt::Closed(Closed::Refused { reason })
        }
    }
}

/// The session gave no token, or nobody answered.
fn without_answer(error: &reqwest_middleware::Error) -> Attempt {
    let session = match error {
        reqwest_middleware::Error::Middleware(why) => why.downcast_ref::<SessionError>(),
        reqwest_middleware::Error::Reqwest(_) => None,
    };
    match session {
        Some(SessionError::Revoked { reason, .. }) => {
            Attempt::Closed(Closed::Over { reason: reason.clone() })
        }
        Some(fault) if fault.kind() == ErrorKind::Permanent => {
            Attempt::Closed(Closed::Refused { reason: fault.reason().to_owned() })
        }
        Some(fault) => Attempt::Later { reason: fault.reason().to_owned(), pause: fault.retry_after() },
        None => Attempt::Later { reason: "service_unreachable".to_owned(), pause: None },
    }
}

fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let value = answer.headers().get(reqwest::header::RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
