//! The agent of this machine, asked over its socket: for whoever holds no credentials.

mod address;
mod answer;
mod fault;
mod held;
mod socket;

pub use address::{InvalidSocket, TOKEN_URL, token_url};
pub use fault::AgentFault;

use crate::access_token::AccessToken;
use crate::binding::Binding;
use crate::client::DEFAULT_MIN_TTL;
use crate::error::{ErrorKind, InvalidSetup};
use crate::session::{Authorization, SessionError};
use crate::tokens::Tokens;
use async_trait::async_trait;
use chancery_verifier::clock::{Clock, SystemClock};
use held::Held;
use reqwest::Method;
use serde::Serialize;
use socket::{Patience, Socket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// A client of `chancery agent serve`, and of the socket that `chancery agent exec` hands to its command. Cloning is
/// cheap; clones share the token.
///
/// A token is used again until half of what was left of it is over, so a process asks every few minutes. The key of a
/// bound token stays with the agent: it makes the proof for each request ([`Agent::authorize`]).
#[derive(Clone, Debug)]
pub struct Agent(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    socket: Socket,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    /// One question for a token at a time, and what came of the last one, if that was a fault.
    question: tokio::sync::Mutex<Option<InVain>>,
    /// How many questions have ended.
    ended: AtomicU64,
}

/// A question that ended with a fault.
#[derive(Debug)]
struct InVain {
    /// How long the token had to live at least: whoever needs as much or more need not ask the same.
    needed: Duration,
    fault: SessionError,
}

/// What `POST /proof` is told.
#[derive(Serialize)]
struct Wanted<'w> {
    method: &'w str,
    url: &'w str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'w str>,
}

/// What `POST /forget` is told.
#[derive(Serialize)]
struct Refused<'r> {
    access_token: &'r str,
}

impl Agent {
    /// The agent at `socket`: what [`TOKEN_URL`] says, or the path that `chancery agent serve` listens at.
    ///
    /// # Errors
    /// That names no socket. Whether somebody listens there is seen at the first question.
    pub fn at(socket: &str) -> Result<Self, InvalidSetup> {
        Self::with_clock(socket, Arc::new(SystemClock::new()))
    }

    /// The agent that started this program, as its environment says. `lookup` reads one variable:
    /// `|name| std::env::var(name).ok()`.
    ///
    /// # Errors
    /// The variable is not there, or names no socket.
    pub fn of_environment(lookup: impl FnOnce(&str) -> Option<String>) -> Result<Self, InvalidSetup> {
        Self::at(&lookup(TOKEN_URL).ok_or(InvalidSocket::Absent)?)
    }

    /// As [`Agent::at`], by another clock: the one that the agent goes by.
    pub fn with_clock(socket: &str, clock: Arc<dyn Clock>) -> Result<Self, InvalidSetup> {
        let socket =
            Socket::new(address::socket(socket)?).map_err(|why| InvalidSetup::Tls(why.to_string()))?;
        Ok(Self(Arc::new(Shared {
            socket,
            clock,
            held: Mutex::default(),
            question: tokio::sync::Mutex::new(None),
            ended: AtomicU64::new(0),
        })))
    }

    /// A token that lives thirty seconds at least. While the agent is away, or has none, one that lives a shorter time
    /// is better than none.
    ///
    /// # Errors
    /// There is none; [`SessionError::kind`] says whether trying again can help.
    pub async fn token(&self) -> Result<AccessToken, SessionError> {
        self.0.token(DEFAULT_MIN_TTL, Duration::ZERO, "/token").await
    }

    /// A token that lives for `min_ttl` at least, unless none ever does.
    ///
    /// # Errors
    /// As [`Agent::token`]; also where there is one that does not live so long, and no other to be had now.
    pub async fn token_for(&self, min_ttl: Duration) -> Result<AccessToken, SessionError> {
        let seconds = min_ttl.as_secs() + u64::from(min_ttl.subsec_nanos() > 0);
        self.0.token(min_ttl, min_ttl, &format!("/token?min_ttl={seconds}")).await
    }

    /// What goes with one request to a resource server, and the token in it. For bound tokens the agent is asked each
    /// time, and waited for while it is being started again: a second at most. One that is bound to nothing serves on
    /// without it, as [`Agent::token`] says.
    ///
    /// # Errors
    /// As [`Agent::token`].
    pub async fn authorize(
        &self,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<(AccessToken, Authorization), SessionError> {
        // What needs no proof is all that goes with a request, and serves as a token does, while the agent is away too.
        if self.0.held().binding() == Some(Binding::Bearer) {
            let token = self.token().await?;
            if token.binding() == Binding::Bearer {
                let authorization = token.authorization();
                return Ok((token, Authorization { authorization, dpop: None }));
            }
        }
        let wanted = json(&Wanted { method, url: url.as_str(), nonce });
        let forgotten = self.0.held().forgotten();
        let body = self.0.socket.ask(Method::POST, "/proof", Some(&wanted), Patience::OverARestart).await?;
        let (token, authorization) = answer::proof(&body).map_err(|why| self.0.socket.bad_answer(why))?;
        self.0.give(&token, forgotten);
        Ok((token, authorization))
    }

    /// Takes note that a resource server answered 401 to this token, and tells the agent: the next call gets another.
    pub async fn forget(&self, refused: &AccessToken) {
        self.0.held().forget(refused);
        let refused = json(&Refused { access_token: refused.expose() });
        let told = self.0.socket.ask(Method::POST, "/forget", Some(&refused), Patience::OverARestart).await;
        if let Err(error) = told {
            tracing::warn!(reason = error.reason(), "the agent keeps a token that was refused: {error}");
        }
    }
}

/// Whether the session itself gives no token: what is held is worth nothing, or nobody knows that it is worth anything.
/// A stranger's answer says nothing about it.
const fn is_final(fault: &SessionError) -> bool {
    match fault {
        SessionError::Agent(AgentFault::BadAnswer { .. }) => false,
        other => matches!(other.kind(), ErrorKind::Permanent),
    }
}

/// What has nothing but texts in it is written without fail.
fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

#[async_trait]
impl Tokens for Agent {
    async fn authorize(
        &self,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<(AccessToken, Authorization), SessionError> {
        Self::authorize(self, method, url, nonce).await
    }

    async fn forget(&self, refused: &AccessToken) {
        Self::forget(self, refused).await;
    }
}

impl Shared {
    /// A token that lives for `wanted`; while no other is to be had, one that lives longer than `needed`.
    async fn token(
        &self,
        wanted: Duration,
        needed: Duration,
        resource: &str,
    ) -> Result<AccessToken, SessionError> {
        if let Some(token) = self.take(wanted) {
            return Ok(token);
        }
        let question = self.question(wanted, needed, resource);
        let patience = self.held().patience(self.clock.now(), self.clock.monotonic(), needed);
        let answer = match patience {
            Some(patience) => {
                timeout(patience, question).await.unwrap_or_else(|_| Err(self.socket.silent().into()))
            }
            None => question.await,
        };
        let fault = match answer {
            Ok(token) => return Ok(token),
            Err(fault) if is_final(&fault) => return Err(fault),
            Err(fault) => fault,
        };
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        self.held().outlive(now, monotonic, needed).cloned().ok_or(fault)
    }

    /// Asks the agent, or hears what another caller was answered.
    async fn question(
        &self,
        wanted: Duration,
        needed: Duration,
        resource: &str,
    ) -> Result<AccessToken, SessionError> {
        let ended = self.ended.load(Ordering::Acquire);
        let mut question = self.question.lock().await;
        // While this caller waited another one asked: its answer is as new as one could be.
        if let Some(token) = self.take(wanted) {
            return Ok(token);
        }
        if let Some(last) = &*question
            && self.ended.load(Ordering::Acquire) != ended
            && last.needed <= needed
        {
            return Err(last.fault.clone());
        }
        let forgotten = self.held().forgotten();
        let answer = self.ask(resource, needed).await;
        self.ended.fetch_add(1, Ordering::Release);
        *question = answer.as_ref().err().map(|fault| InVain { needed, fault: fault.clone() });
        if let Ok(token) = &answer {
            self.give(token, forgotten);
        }
        answer
    }

    /// Who can go on with what is held does not wait for an agent that is being started again.
    async fn ask(&self, resource: &str, needed: Duration) -> Result<AccessToken, SessionError> {
        let patience = if self.held().lives(self.clock.now(), self.clock.monotonic(), needed) {
            Patience::None
        } else {
            Patience::OverARestart
        };
        let body = self.socket.ask(Method::GET, resource, None, patience).await?;
        Ok(answer::token(&body).map_err(|why| self.socket.bad_answer(why))?)
    }

    fn give(&self, token: &AccessToken, forgotten: u64) {
        self.held().give(token, self.clock.now(), self.clock.monotonic(), forgotten);
    }

    fn take(&self, min_ttl: Duration) -> Option<AccessToken> {
        self.held().take(self.clock.now(), self.clock.monotonic(), min_ttl).cloned()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
