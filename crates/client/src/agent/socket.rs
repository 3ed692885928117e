//! One question to an agent, and its answer.

use super::fault::AgentFault;
use crate::error::Refusal;
use crate::http::{MAX_ANSWER_BYTES, retry_after, short};
use crate::session::SessionError;
use chancery_token::UnixTime;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, StatusCode, redirect};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// An agent may wait for its lock (30 s), and then for the issuer (10 s each): for its metadata, a refresh and a new beginning,
/// these two twice where a nonce is wanted.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(90);
/// How long it is waited for an agent that is being started again, each time.
const RESTART: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(150),
    Duration::from_millis(300),
    Duration::from_millis(500),
];

/// Where an agent listens.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    http: reqwest::Client,
}

/// What is done where nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// That is the answer.
    None,
    /// The question is put again for a second: an agent that is started again is there by then.
    OverARestart,
}

/// What a refusal of an agent says.
#[derive(Deserialize)]
struct Told {
    error: String,
    reason: Option<String>,
    detail: Option<String>,
    /// What the issuer said when the session ended.
    ended_by: Option<String>,
    /// When that was heard.
    at: Option<u64>,
    /// The file that holds no session.
    file: Option<PathBuf>,
}

impl Socket {
    /// Connects at the first question.
    pub(super) fn new(path: PathBuf) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .unix_socket(path.as_path())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            // Nothing here is encrypted, and not every machine has the certificates that would be loaded.
            .tls_certs_only([])
            .build()?;
        Ok(Self { path, http })
    }

    /// Asks for `resource`, with a body where there is one, and gives the body of what was granted.
    pub(super) async fn ask(
        &self,
        method: Method,
        resource: &str,
        body: Option<&[u8]>,
        patience: Patience,
    ) -> Result<Zeroizing<Vec<u8>>, SessionError> {
        let response = self.answer(&method, resource, body, patience).await?;
        let (status, retry_after) = (response.status(), retry_after(response.headers()));
        let body = self.read(response).await?;
        if status.is_success() { Ok(body) } else { Err(self.refusal(status, retry_after, &body)) }
    }

    /// No question does harm when it is put twice.
    async fn answer(
        &self,
        method: &Method,
        resource: &str,
        body: Option<&[u8]>,
        patience: Patience,
    ) -> Result<Response, AgentFault> {
        let mut pauses = RESTART.iter();
        loop {
            let fault = match self.once(method.clone(), resource, body).await {
                Ok(response) => return Ok(response),
                Err(fault) => fault,
            };
            match pauses.next() {
                Some(pause) if patience == Patience::OverARestart && !fault.is_timeout() => {
                    tokio::time::sleep(*pause).await;
                }
                _ => return Err(self.absent(&fault)),
            }
        }
    }

    async fn once(&self, method: Method, resource: &str, body: Option<&[u8]>) -> reqwest::Result<Response> {
        // The name is nobody's: the connection goes to the socket, whatever it says.
        let mut request = self.http.request(method, format!("http://localhost{resource}"));
        request = request.header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_vec());
        }
        request.send().await
    }

    async fn read(&self, mut response: Response) -> Result<Zeroizing<Vec<u8>>, AgentFault> {
        // Room for all of it: what grows leaves copies of the token behind.
        let room =
            response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut body = Zeroizing::new(Vec::with_capacity(room.min(MAX_ANSWER_BYTES)));
        while let Some(chunk) = response.chunk().await.map_err(|fault| self.absent(&fault))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(self.bad_answer(format!("more than {MAX_ANSWER_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What was told becomes the fault that the session itself would have had, where all of it was told.
    fn refusal(&self, status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> SessionError {
        let Ok(told) = serde_json::from_slice::<Told>(body) else {
            return self.bad_answer(format!("status {} without a documented fault", status.as_u16())).into();
        };
        let name = told.reason.as_deref().unwrap_or(&told.error);
        match (status, name, &told.ended_by, told.at) {
            (StatusCode::FORBIDDEN, "session_revoked", Some(ended_by), Some(at)) => {
                return SessionError::Revoked { reason: short(ended_by), at: UnixTime::from_secs(at) };
            }
            (StatusCode::NOT_FOUND, "no_session", ..) => return SessionError::NoSession { file: told.file },
            _ => {}
        }
        let reason = told.reason.as_deref().map(short);
        let socket = self.path.clone();
        let description = told.detail.as_deref().map(short);
        let refusal = Refusal { error: short(&told.error), reason, description };
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            AgentFault::Unavailable { socket, refusal, retry_after }.into()
        } else {
            AgentFault::Refused { socket, refusal }.into()
        }
    }

    pub(super) fn bad_answer(&self, why: impl Into<String>) -> AgentFault {
        AgentFault::BadAnswer { socket: self.path.clone(), why: why.into() }
    }

    /// It has let somebody in, and says nothing.
    pub(super) fn silent(&self) -> AgentFault {
        AgentFault::Absent { socket: self.path.clone(), why: "it does not answer".to_owned() }
    }

    /// The innermost cause says what happened; the layers around it name an address that is none.
    fn absent(&self, fault: &reqwest::Error) -> AgentFault {
        let mut innermost: &dyn std::error::Error = fault;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        AgentFault::Absent { socket: self.path.clone(), why: innermost.to_string() }
    }
}
