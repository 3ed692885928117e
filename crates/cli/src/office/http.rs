//! One request to the admin API, under a token that is good for it alone; and what its answers mean.

use super::refusal::{Misplaced, Refusal, exit, failure, is_loss};
use crate::exit::Exit;
use crate::failure::{Failure, Fault};
use crate::fetch::{innermost, is_transient};
use crate::no_token::no_token;
use chancery_catalog::admin_audience;
use chancery_client::{AccessToken, AuthorizationServer, Client, Secret, TokenRequest};
use chancery_token::{ClientId, Scope, TenantId};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer than an issuer takes to give up: its own answer says more.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest answer that is read: a thousand clients, each with 64 grants and their reasons.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The admin API of one issuer, as one administrator.
pub(super) struct Http {
    issuer: String,
    base: Url,
    tokens: Client,
    tenant: Option<TenantId>,
    wire: reqwest::Client,
}

/// A refusal as the admin API tells it (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    reason: String,
    detail: String,
    #[serde(default)]
    errors: Vec<ProblemError>,
}

#[derive(Deserialize)]
struct ProblemError {
    pointer: String,
    reason: String,
    detail: String,
}

impl From<ProblemError> for Misplaced {
    fn from(ProblemError { pointer, reason, detail }: ProblemError) -> Self {
        Self { pointer, reason, message: detail }
    }
}

impl Http {
    pub(super) fn new(
        issuer: &str,
        admin: ClientId,
        secret_file: &Path,
        tenant: Option<TenantId>,
    ) -> Result<Self, Failure> {
        let refused =
            |why: &dyn std::fmt::Display| Failure::unusable("issuer_url", format!("--issuer {why}"));
        let server = AuthorizationServer::issuer(issuer).map_err(|why| refused(&why))?;
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer).to_owned();
        let base = Url::parse(&format!("{issuer}/")).map_err(|why| refused(&why))?;
        let secret = Secret::read_file(secret_file).map_err(|why| {
            Failure::unusable("secret_unreadable", why).fix(
                "Name the administrator's with --admin-secret-file; `chancery serve` wrote the first one, \
                 `chancery admin reset` writes another.",
            )
        })?;
        let tokens = Client::new(server, admin, secret).map_err(|why| Failure::unusable("setup", why))?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        if base.scheme() == "http" {
            // That is this machine: tokens do not leave it through a proxy.
            builder = builder.no_proxy();
        }
        let wire = builder.build().map_err(|why| Failure::unusable("setup", innermost(&why)))?;
        Ok(Self { issuer, base, tokens, tenant, wire })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Asks for what demands `scope`.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        scope: Scope,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<T, Refusal> {
        let mut wanted = TokenRequest::new().scope(scope).resource(admin_audience(&self.issuer));
        if let Some(tenant) = &self.tenant {
            wanted = wanted.tenant(tenant.clone());
        }
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["admin", "v1"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut token = self.tokens.token(&wanted).await.map_err(|why| no_token(&why))?;
        let (mut status, mut text) = self.ask(&token, &method, &url, body.as_ref()).await?;
        if is_revoked(status, &text) {
            // As the administrator's own are after `revoke all`. Nothing was done under it, and the next one is good.
            self.tokens.forget(&wanted, &token);
            token = self.tokens.token(&wanted).await.map_err(|why| no_token(&why))?;
            (status, text) = self.ask(&token, &method, &url, body.as_ref()).await?;
        }
        if status.is_success() {
            let read = serde_json::from_slice(&text);
            return read.map_err(|_| self.bad_answer("its answer is not what an issuer of ours says").into());
        }
        Err(self.refused(status, &text))
    }

    /// What comes back under this token.
    async fn ask(
        &self,
        token: &AccessToken,
        method: &Method,
        url: &Url,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Zeroizing<Vec<u8>>), Failure> {
        let mut authorization = HeaderValue::from_str(&token.authorization())
            .map_err(|_| self.bad_answer("its token cannot stand in a header"))?;
        authorization.set_sensitive(true);
        let changes = method != Method::GET;
        let request = self.wire.request(method.clone(), url.clone());
        let mut request = request.header(AUTHORIZATION, authorization);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut answer = request.send().await.map_err(|why| self.unreachable(changes, &why))?;
        let status = answer.status();
        // It may hold a secret: there is room for all of it, so that no half of it stays behind.
        let length = answer.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut text = Zeroizing::new(Vec::with_capacity(length.min(MAX_ANSWER_BYTES)));
        while let Some(chunk) = answer.chunk().await.map_err(|why| self.unreachable(changes, &why))? {
            text.extend_from_slice(&chunk);
            if text.len() > MAX_ANSWER_BYTES {
                return Err(self.bad_answer("its answer does not end"));
            }
        }
        Ok((status, text))
    }

    fn refused(&self, status: StatusCode, text: &[u8]) -> Refusal {
        let Ok(problem) = serde_json::from_slice::<Problem>(text) else {
            let number = status.as_u16();
            return if is_transient(status) {
                let message = format!("{} cannot answer now (status {number})", self.issuer);
                Failure::new(Exit::Transient, "issuer_unavailable", message).fix("Try again later.").into()
            } else {
                self.bad_answer(&format!("it answered with status {number} and said no reason")).into()
            };
        };
        let Problem { reason, detail, errors } = problem;
        if reason == "client_refused" && !errors.is_empty() {
            return Refusal::Draft(errors.into_iter().map(Misplaced::from).collect());
        }
        // Others who change the same thing at once are no outage.
        let is_contention = matches!(reason.as_str(), "contended" | "keyring_contended");
        // A log that lost something stays so until somebody recovers it, however often it is asked.
        let is_lasting = is_contention || is_loss(&reason);
        let exit = if is_transient(status) && !is_lasting { Exit::Transient } else { exit(&reason) };
        let lines =
            errors.iter().map(|ProblemError { pointer, detail, .. }| format!("\n  - {pointer}: {detail}"));
        let message = lines.fold(detail, |message, line| message + &line);
        let faults = errors.into_iter().map(Misplaced::from).map(Fault::from);
        failure(exit, &reason, message).faults(faults).into()
    }

    fn unreachable(&self, changes: bool, why: &reqwest::Error) -> Failure {
        let message = format!("{} cannot be reached: {}", self.issuer, innermost(why));
        let failure = Failure::new(Exit::Transient, "issuer_unreachable", message);
        if changes && !why.is_connect() {
            failure.fix("It may have been done all the same. Look before you try again.")
        } else {
            failure.fix("Is the issuer running there? Then try again.")
        }
    }

    fn bad_answer(&self, why: &str) -> Failure {
        Failure::new(Exit::Refused, "bad_answer", format!("{}: {why}", self.issuer))
            .fix("Is --issuer the URL of the issuer itself?")
    }
}

/// Whether the token was taken back, and not the right to ask.
fn is_revoked(status: StatusCode, text: &[u8]) -> bool {
    let problem = || serde_json::from_slice::<Problem>(text);
    status == StatusCode::UNAUTHORIZED && problem().is_ok_and(|problem| problem.reason == "revoked")
}
