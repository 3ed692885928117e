//! The issuer, as a session speaks with it.

mod form;

pub(crate) use form::Grant;

use crate::binding::Binding;
use crate::credentials::{Credentials, assertion};
use crate::error::{ErrorKind, InvalidSetup, RequestError};
use crate::granted::Granted;
use crate::http::{self, Answer, Post, bad_answer};
use crate::metadata::{self, Endpoints};
use crate::world::World;
use chancery_token::dpop::{Draft, Request};
use chancery_token::{ClientId, SecretKey};
use form::Form;
use reqwest::StatusCode;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::spawn_blocking;
use url::Url;

/// Most origins whose nonces are kept: an issuer has one, and a session that is replaced may bring another.
const MAX_NONCES: usize = 16;

/// Who asks, and whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'c> {
    pub(crate) issuer: &'c Url,
    pub(crate) client_id: &'c ClientId,
    pub(crate) credentials: &'c Credentials,
}

/// The way to issuers: connections, where their endpoints are, which nonces they told.
pub(crate) struct Wire {
    world: World,
    line: Mutex<Option<Arc<Line>>>,
    /// By origin (RFC 9449 section 8.2).
    nonces: Mutex<HashMap<String, String>>,
}

struct Line {
    issuer: Url,
    http: reqwest::Client,
    endpoints: Mutex<Known>,
}

impl Wire {
    pub(crate) fn new(world: World) -> Self {
        Self { world, line: Mutex::default(), nonces: Mutex::default() }
    }

    /// Looks whether this issuer can be spoken with from here at all.
    pub(crate) fn prepare(&self, issuer: &Url) -> Result<(), InvalidSetup> {
        http::connect(issuer).map(|http| drop(self.take_over(issuer, http)))
    }

    /// The same, off the tasks of the runtime; what is found is kept.
    pub(crate) async fn ready(&self, issuer: &Url) -> Result<(), InvalidSetup> {
        self.line_to(issuer).await.map(drop)
    }

    /// Asks for a token, bound to `key` if there is one. Asks a second time where the issuer only missed its nonce.
    pub(crate) async fn ask(
        &self,
        caller: Caller<'_>,
        key: Option<&SecretKey>,
        grant: Grant<'_>,
    ) -> Result<Granted, RequestError> {
        let line = self.line_to(caller.issuer).await.map_err(|why| cannot_speak(caller.issuer, &why))?;
        let outcome = self.ask_on(&line, caller, key, grant).await;
        line.doubt(outcome.as_ref().err());
        outcome
    }

    async fn ask_on(
        &self,
        line: &Line,
        caller: Caller<'_>,
        key: Option<&SecretKey>,
        grant: Grant<'_>,
    ) -> Result<Granted, RequestError> {
        let endpoints = line.endpoints().await?;
        let endpoint = &endpoints.token;
        let binding = if key.is_some() { Binding::Dpop } else { Binding::Bearer };
        let mut is_second = false;
        loop {
            let asked_at = self.world.clock.now();
            let dpop = key.map(|key| self.proof(endpoint, key));
            let answer = self.post(line, &endpoints, endpoint, caller, dpop, grant.form()).await?;
            let outcome = Granted::read(endpoint, &answer, binding, asked_at);
            match outcome {
                Err(error) if !is_second && answer.nonce.is_some() && wants_nonce(&error) => is_second = true,
                outcome => return outcome,
            }
        }
    }

    /// Ends a token and all that belongs to it (RFC 7009).
    pub(crate) async fn revoke(&self, caller: Caller<'_>, token: &str) -> Result<(), RequestError> {
        let line = self.line_to(caller.issuer).await.map_err(|why| cannot_speak(caller.issuer, &why))?;
        let outcome = self.revoke_on(&line, caller, token).await;
        line.doubt(outcome.as_ref().err());
        outcome
    }

    async fn revoke_on(&self, line: &Line, caller: Caller<'_>, token: &str) -> Result<(), RequestError> {
        let endpoints = line.endpoints().await?;
        let endpoint = endpoints
            .revocation
            .as_ref()
            .ok_or_else(|| bad_answer(caller.issuer, "its metadata names no revocation_endpoint"))?;
        let mut form = Form::new();
        form.token("token", token);
        let answer = self.post(line, &endpoints, endpoint, caller, None, form).await?;
        if answer.status == StatusCode::OK { Ok(()) } else { Err(answer.refusal(endpoint)) }
    }

    /// Sends a form with whatever shows who the client is.
    async fn post(
        &self,
        line: &Line,
        endpoints: &Endpoints,
        endpoint: &Url,
        caller: Caller<'_>,
        dpop: Option<String>,
        mut form: Form,
    ) -> Result<Answer, RequestError> {
        let mut basic = None;
        match caller.credentials {
            Credentials::Secret(secret) => basic = Some((caller.client_id, secret)),
            Credentials::Key(key) => {
                let (jti, now) = (self.world.unique(), self.world.clock.now());
                form.assertion(&assertion(key, caller.client_id, &endpoints.issuer, &jti, now));
            }
            Credentials::Public => form.pair("client_id", caller.client_id.as_str()),
        }
        let Form { text: form, token } = form;
        let answer = Post { endpoint, basic, dpop, form, token }.send(&line.http).await?;
        if let Some(nonce) = &answer.nonce {
            self.keep_nonce(endpoint, nonce);
        }
        Ok(answer)
    }

    fn proof(&self, endpoint: &Url, key: &SecretKey) -> String {
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let nonce = nonces.get(&origin(endpoint)).cloned();
        drop(nonces);
        let request = Request { method: "POST", url: endpoint.as_str(), access_token: None };
        let (jti, iat) = (self.world.unique(), self.world.clock.now());
        Draft { request, jti: &jti, iat, nonce: nonce.as_deref() }.sign(key)
    }

    fn keep_nonce(&self, endpoint: &Url, nonce: &str) {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.len() >= MAX_NONCES {
            nonces.clear();
        }
        nonces.insert(origin(endpoint), nonce.to_owned());
    }

    /// The way to an issuer. The first one is made where no other task waits: it reads the certificates of the machine.
    async fn line_to(&self, issuer: &Url) -> Result<Arc<Line>, InvalidSetup> {
        if let Some(line) = self.known(issuer) {
            return Ok(line);
        }
        let of = issuer.clone();
        let http = spawn_blocking(move || http::connect(&of)).await;
        // Where there is no outcome the runtime ends.
        http.unwrap_or_else(|why| Err(InvalidSetup::Tls(why.to_string())))
            .map(|http| self.take_over(issuer, http))
    }

    fn known(&self, issuer: &Url) -> Option<Arc<Line>> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.as_ref().filter(|line| line.issuer == *issuer).map(Arc::clone)
    }

    fn take_over(&self, issuer: &Url, http: reqwest::Client) -> Arc<Line> {
        let new = Arc::new(Line { issuer: issuer.clone(), http, endpoints: Mutex::default() });
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&new));
        new
    }
}

/// Where the endpoints of an issuer are.
#[derive(Clone, Default)]
enum Known {
    #[default]
    Nothing,
    Surely(Arc<Endpoints>),
    /// Something else answered there, or nobody: it may have moved.
    Perhaps(Arc<Endpoints>),
}

impl Line {
    async fn endpoints(&self) -> Result<Arc<Endpoints>, RequestError> {
        let known = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Known::Surely(endpoints) = known {
            return Ok(endpoints);
        }
        match (metadata::endpoints(&self.http, &self.issuer).await, known) {
            (Ok(found), _) => {
                let found = Arc::new(found);
                *self.endpoints.lock().unwrap_or_else(PoisonError::into_inner) =
                    Known::Surely(Arc::clone(&found));
                Ok(found)
            }
            // Its metadata alone may be away.
            (Err(error), Known::Perhaps(endpoints)) if error.kind() == ErrorKind::Transient => Ok(endpoints),
            (Err(error), _) => Err(error),
        }
    }

    /// After an answer that is none, or no answer, the issuer may have moved: its metadata is asked again.
    fn doubt(&self, error: Option<&RequestError>) {
        if matches!(error, Some(RequestError::BadAnswer { .. } | RequestError::Unreachable { .. })) {
            let mut known = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
            if let Known::Surely(endpoints) = &*known {
                *known = Known::Perhaps(Arc::clone(endpoints));
            }
        }
    }
}

/// RFC 9449 section 8.
fn wants_nonce(error: &RequestError) -> bool {
    matches!(error, RequestError::Refused { status: 400, refusal } if refusal.error == "use_dpop_nonce")
}

fn origin(endpoint: &Url) -> String {
    endpoint.origin().ascii_serialization()
}

fn cannot_speak(issuer: &Url, why: &InvalidSetup) -> RequestError {
    RequestError::Unreachable { endpoint: issuer.to_string(), why: why.to_string() }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}
