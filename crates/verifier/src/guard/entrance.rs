//! What stands in front of every handler.

use super::challenge::Challenge;
use super::credentials::{NoBearer, Scheme, credentials};
#[cfg(feature = "dpop")]
use super::dpop::{Proofs, Sent, Unfit};
use super::extract::ThroughPublicRoute;
use super::refusal::Refusal;
use crate::verified::{Forbidden, Verified};
use crate::verifier::Verifier;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chancery_token::Scope;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use tracing::field::display;

/// The way in to one route that demands scopes.
#[derive(Debug)]
pub(super) struct Entrance {
    verifier: Verifier,
    challenge: Challenge,
    route: Arc<str>,
    #[cfg(feature = "dpop")]
    proofs: Option<Arc<Proofs>>,
}

/// What is taken from a request before anything waits.
struct Asked {
    #[cfg(feature = "dpop")]
    sent: Option<Sent>,
}

/// Who is let in, and the nonce for the next proof where there is a new one.
struct Admitted {
    token: Verified,
    nonce: Option<HeaderValue>,
}

/// Who is not, and by which scheme they came.
struct Turned {
    refusal: Refusal,
    scheme: Scheme,
}

impl Entrance {
    pub(super) fn new(verifier: Verifier, challenge: Challenge, route: &str) -> Self {
        Self {
            verifier,
            challenge,
            route: route.into(),
            #[cfg(feature = "dpop")]
            proofs: None,
        }
    }

    #[cfg(feature = "dpop")]
    pub(super) fn with_proofs(self, proofs: Option<Arc<Proofs>>) -> Self {
        Self { proofs, ..self }
    }

    #[cfg_attr(not(feature = "dpop"), expect(clippy::unused_self, reason = "only proofs are about more"))]
    #[cfg_attr(not(feature = "dpop"), expect(unused_variables, reason = "only proofs are about more"))]
    fn asked(&self, request: &Request) -> Asked {
        Asked {
            #[cfg(feature = "dpop")]
            sent: self.proofs.as_ref().map(|proofs| proofs.sent(request)),
        }
    }

    async fn admit(&self, headers: &HeaderMap, asked: &Asked) -> Result<Admitted, Turned> {
        let found = credentials(headers, self.challenge.schemes());
        let (scheme, token) =
            found.map_err(|why| Turned { refusal: Refusal::Credentials(why), scheme: Scheme::Bearer })?;
        let admitted = match scheme {
            Scheme::Bearer => self.admit_bearer(token).await,
            Scheme::Dpop => self.admit_proven(token, asked).await,
        };
        admitted.map_err(|refusal| Turned { refusal, scheme })
    }

    async fn admit_bearer(&self, token: &str) -> Result<Admitted, Refusal> {
        let token = self.verifier.verify_now(token).await.map_err(Refusal::Token)?;
        Ok(Admitted { token: self.with_scopes(token)?, nonce: None })
    }

    #[cfg(feature = "dpop")]
    async fn admit_proven(&self, token: &str, asked: &Asked) -> Result<Admitted, Refusal> {
        let (Some(proofs), Some(sent)) = (&self.proofs, &asked.sent) else {
            return Err(Refusal::Credentials(NoBearer::DpopNotTaken));
        };
        let judged = proofs.judge(&self.verifier, token, sent).await;
        let (token, shown) = judged.map_err(|why| match why {
            Unfit::Proof(fault) => Refusal::Proof(fault),
            Unfit::Token(rejection) => Refusal::Token(rejection),
        })?;
        let token = self.with_scopes(token)?;
        let now = self.verifier.now();
        proofs.use_up(&shown, now).map_err(Refusal::Proof)?;
        Ok(Admitted { token, nonce: proofs.next_nonce(&shown, now) })
    }

    #[cfg(not(feature = "dpop"))]
    #[expect(clippy::unused_async, reason = "where proofs are judged, it waits")]
    async fn admit_proven(&self, _: &str, _: &Asked) -> Result<Admitted, Refusal> {
        Err(Refusal::Credentials(NoBearer::DpopNotTaken))
    }

    fn with_scopes(&self, token: Verified) -> Result<Verified, Refusal> {
        let demanded = self.challenge.demanded();
        let missing: Vec<Scope> = demanded.iter().filter(|scope| !token.has(scope)).cloned().collect();
        if missing.is_empty() {
            Ok(token.demanding(Arc::clone(demanded)))
        } else {
            Err(Refusal::Scope { missing, token })
        }
    }

    /// The answer to somebody who is not let in.
    fn turn_away(&self, turned: &Turned) -> Response {
        self.log(&turned.refusal, turned.refusal.token());
        let response = turned.refusal.respond(&self.challenge, turned.scheme);
        #[cfg(feature = "dpop")]
        let response = match &self.proofs {
            Some(proofs) if turned.scheme == Scheme::Dpop => {
                told(response, proofs.nonce(self.verifier.now()))
            }
            Some(_) | None => response,
        };
        response
    }

    fn log(&self, refusal: &Refusal, token: Option<&Verified>) {
        let (reason, route) = (refusal.reason(), &*self.route);
        let client = token.map(|token| display(token.client_id()));
        let id = token.map(|token| display(token.token_id()));
        if refusal.status().is_server_error() {
            tracing::error!(
                target: "chancery_verifier::guard",
                reason, http.route = route, client.id = client, token.id = id, evidence = %refusal, "refused"
            );
        } else {
            tracing::info!(
                target: "chancery_verifier::guard",
                reason, http.route = route, client.id = client, token.id = id, evidence = %refusal, "refused"
            );
        }
    }
}

/// Lets a request through to its handler with its token, or answers it.
pub(super) async fn demand(
    State(entrance): State<Arc<Entrance>>,
    mut request: Request,
    next: Next,
) -> Response {
    let asked = entrance.asked(&request);
    let Admitted { token, nonce } = match entrance.admit(request.headers(), &asked).await {
        Ok(admitted) => admitted,
        Err(turned) => return entrance.turn_away(&turned),
    };
    // Whoever logs the headers of a request further in does not log the token.
    if let Some(credentials) = request.headers_mut().get_mut(AUTHORIZATION) {
        credentials.set_sensitive(true);
    }
    request.extensions_mut().remove::<ThroughPublicRoute>();
    request.extensions_mut().insert(token.clone());
    let mut response = next.run(request).await;
    if let Some(forbidden) = response.extensions_mut().remove::<Forbidden>() {
        entrance.log(&Refusal::Record(forbidden), Some(&token));
    }
    told(response, nonce)
}

/// With the nonce for the next proof. An answer that has one is for its asker alone (RFC 9449 section 8.2).
fn told(mut response: Response, nonce: Option<HeaderValue>) -> Response {
    if let Some(nonce) = nonce {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("dpop-nonce"), nonce);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Lets everybody through, and sees to it that a token that another guard further out verified, for another
/// audience, is not taken for one of this.
pub(super) async fn open(mut request: Request, next: Next) -> Response {
    request.extensions_mut().remove::<Verified>();
    request.extensions_mut().insert(ThroughPublicRoute);
    next.run(request).await
}

#[cfg(test)]
#[cfg(all(feature = "follow", feature = "testing"))]
mod tests;
