//! The client.

use crate::access_token::AccessToken;
use crate::binding::Binding;
use crate::cache::{Cache, Outcome, Plan};
use crate::error::{InvalidSetup, RequestError};
use crate::flight::Pilot;
use crate::granted::Granted;
use crate::http::{self, Post};
use crate::metadata;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::server::AuthorizationServer;
use chancery_token::ClientId;
use chancery_verifier::clock::{Clock, SystemClock};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;
use zeroize::Zeroizing;

/// The shortest life that a token has left when it is handed out.
pub const DEFAULT_MIN_TTL: Duration = Duration::from_secs(30);

/// Gets tokens for one client, and keeps them in the process. Cloning is cheap; clones share the tokens.
///
/// A token is used again until half of its life is over, or until it has eleven minutes left where that is earlier (and a
/// quarter of its life is over). From then on it is still handed out while another is asked for, so that an issuer that is
/// away for ten minutes is not felt by a program that calls now and then, with tokens of a quarter of an hour. With less than
/// `min_ttl` left, callers wait for the new one; if it does not come, the old one is handed out for as long as it lives.
/// However many callers want the same token, the issuer is asked once, and not before the time that it asks for.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    min_ttl: Duration,
}

#[derive(Debug)]
struct Shared {
    server: AuthorizationServer,
    endpoint: OnceCell<Url>,
    client_id: ClientId,
    secret: Secret,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl Client {
    /// A client of `server` that authenticates as `client_id` with `secret`.
    pub fn new(
        server: AuthorizationServer,
        client_id: ClientId,
        secret: Secret,
    ) -> Result<Self, InvalidSetup> {
        Self::with_clock(server, client_id, secret, Arc::new(SystemClock::new()))
    }

    /// As [`Client::new`], by another clock.
    pub fn with_clock(
        server: AuthorizationServer,
        client_id: ClientId,
        secret: Secret,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSetup> {
        let http = http::connect(server.url())?;
        let (endpoint, cache) = (OnceCell::new(), Cache::default());
        let shared = Arc::new(Shared { server, endpoint, client_id, secret, http, clock, cache });
        Ok(Self { shared, min_ttl: DEFAULT_MIN_TTL })
    }

    /// The shortest life that a token must have left when it is handed out; [`DEFAULT_MIN_TTL`] unless said
    /// otherwise. A token that never lives that long is handed out all the same, fresh each time.
    pub fn min_ttl(self, least: Duration) -> Self {
        Self { min_ttl: least, ..self }
    }

    /// The client's name.
    pub fn client_id(&self) -> &ClientId {
        &self.shared.client_id
    }

    /// A token for `request`: from the cache, or from the issuer.
    ///
    /// Must be called within a tokio runtime. A caller that gives up does not stop the request: others may wait
    /// for it.
    pub async fn token(&self, request: &TokenRequest) -> Result<AccessToken, RequestError> {
        loop {
            let (now, monotonic) = (self.shared.clock.now(), self.shared.clock.monotonic());
            let flight = match self.shared.cache.plan(request, now, monotonic, self.min_ttl) {
                Plan::Take(token) => return Ok(token),
                Plan::TakeAndRefresh(token, pilot) => {
                    self.fly(request, pilot);
                    return Ok(token);
                }
                Plan::Refuse(error) => return Err(error),
                Plan::Wait(flight) => flight,
                Plan::Ask(pilot, flight) => {
                    self.fly(request, pilot);
                    flight
                }
            };
            // No outcome: the runtime that made the request is gone. Then this caller makes it.
            match flight.land().await {
                // Better a token that ends soon than a call that fails for certain.
                Some(Err(error)) => {
                    let (now, monotonic) = (self.shared.clock.now(), self.shared.clock.monotonic());
                    return self.shared.cache.in_need(request, now, monotonic).ok_or(error);
                }
                Some(outcome) => return outcome,
                None => self.shared.cache.give_up(request),
            }
        }
    }

    /// Forgets `refused`, a token that a resource server answered with 401: the next call asks the issuer.
    pub fn forget(&self, request: &TokenRequest, refused: &AccessToken) {
        self.shared.cache.forget(request, refused);
    }

    fn fly(&self, request: &TokenRequest, pilot: Pilot<Outcome>) {
        let (shared, request) = (Arc::clone(&self.shared), request.clone());
        tokio::spawn(async move {
            let outcome = shared.ask(&request).await;
            if let Err(error) = &outcome {
                tracing::warn!(client.id = %shared.client_id, reason = error.reason(), "no token: {error}");
            }
            let (now, monotonic) = (shared.clock.now(), shared.clock.monotonic());
            shared.cache.land(&request, now, monotonic, pilot, outcome);
        });
    }
}

impl Shared {
    async fn ask(&self, request: &TokenRequest) -> Outcome {
        let endpoint = match &self.server {
            AuthorizationServer::TokenEndpoint(endpoint) => endpoint,
            AuthorizationServer::Issuer(issuer) => {
                let found = || async { Ok(metadata::endpoints(&self.http, issuer).await?.token) };
                self.endpoint.get_or_try_init(found).await?
            }
        };
        let asked_at = self.clock.now();
        let form = Zeroizing::new(request.body());
        let post =
            Post { endpoint, basic: Some((&self.client_id, &self.secret)), dpop: None, form, token: None };
        let answer = post.send(&self.http).await?;
        let granted = Granted::read(endpoint, &answer, Binding::Bearer, asked_at)?;
        let Granted { access_token, asked_at, expires_at, scope, .. } = granted;
        Ok(AccessToken::received(access_token, (asked_at, expires_at), scope, Binding::Bearer))
    }
}
