//! A call of the service, and what came of it.

use crate::Failure;
use crate::clock::DrivenClock;
use chancery_client::{AccessToken, Agent, Authorization, ErrorKind, Session, SessionError, Tokens, World};
use chancery_verifier::entropy::SystemEntropy;
use reqwest::{Response, Url};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Longer than a service on this machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where its tokens come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The agent at a socket.
    Agent,
    /// The session in a file.
    Session,
    /// Likewise; and where a renewal fails the file is thrown away.
    Careless,
}

/// A process that calls one address.
pub(crate) struct Worker {
    tokens: Box<dyn Tokens>,
    /// Its session, where it has one itself.
    session: Option<Session>,
    /// What is thrown away.
    careless: Option<PathBuf>,
    http: reqwest::Client,
    url: Url,
}

/// What is said of a call.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    outcome: Outcome,
    /// How often this process got a token for its session, and how often it began anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewals: Option<[u64; 2]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The service served it, and saw this session.
    Served { session: Option<String> },
    /// The service did not.
    Refused { status: u16, reason: Option<String> },
    /// The service did not answer.
    Unanswered { why: String },
    /// There was no token, and there will be one.
    Waiting { reason: String },
    /// There was no token, and there will be none until somebody does something about it: a forced login.
    LoggedOut { reason: String, detail: String },
}

impl Worker {
    pub(crate) fn new(kind: Kind, place: &Path, url: &str, clock: Arc<DrivenClock>) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
        let (tokens, session): (Box<dyn Tokens>, _) = match kind {
            Kind::Agent => (Box::new(Agent::with_clock(&place.display().to_string(), clock)?), None),
            Kind::Session | Kind::Careless => {
                let session = Session::open(place, World { clock, entropy: Arc::new(SystemEntropy) })?;
                (Box::new(session.clone()), Some(session))
            }
        };
        let careless = (kind == Kind::Careless).then(|| place.to_owned());
        Ok(Self { tokens, session, careless, http, url: url.parse()? })
    }

    /// Calls once.
    pub(crate) async fn call(&self) -> Told {
        let outcome = match self.tokens.authorize("GET", &self.url, None).await {
            Ok((token, authorization)) => self.bring(&token, authorization).await,
            Err(error) => Outcome::without(&error),
        };
        let standing = self.session.as_ref().map(Session::standing);
        if let Some((file, standing)) = self.careless.as_ref().zip(standing.as_ref())
            && standing.trouble.is_some()
        {
            // The second time it is gone already.
            let _ = std::fs::remove_file(file);
        }
        let renewals = standing.map(|standing| [standing.renewals, standing.begun_anew]);
        Told { outcome, renewals }
    }

    async fn bring(&self, token: &AccessToken, authorization: Authorization) -> Outcome {
        let mut request =
            self.http.get(self.url.clone()).header("authorization", &*authorization.authorization);
        if let Some(proof) = &authorization.dpop {
            request = request.header("dpop", proof);
        }
        let answer = match request.send().await {
            Ok(answer) => read(answer).await,
            Err(why) => Err(why),
        };
        match answer {
            Ok((200, body)) => Outcome::Served { session: text(&body, "session") },
            Ok((status, body)) => {
                if status == 401 {
                    self.tokens.forget(token).await;
                }
                Outcome::Refused { status, reason: text(&body, "reason") }
            }
            Err(why) => Outcome::Unanswered { why: why.to_string() },
        }
    }
}

impl Outcome {
    fn without(error: &SessionError) -> Self {
        let reason = error.reason().to_owned();
        match error.kind() {
            ErrorKind::Transient => Self::Waiting { reason },
            ErrorKind::Permanent => Self::LoggedOut { reason, detail: error.to_string() },
        }
    }
}

async fn read(answer: Response) -> reqwest::Result<(u16, serde_json::Value)> {
    let status = answer.status().as_u16();
    let body = answer.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn text(body: &serde_json::Value, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}
