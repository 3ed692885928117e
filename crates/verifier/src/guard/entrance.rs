//! What stands in front of every handler.

use super::challenge::Challenge;
use super::credentials::bearer;
use super::extract::ThroughPublicRoute;
use super::refusal::Refusal;
use crate::verified::{Forbidden, Verified};
use crate::verifier::Verifier;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chancery_token::Scope;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::sync::Arc;
use tracing::field::display;

/// The way in to one route that demands scopes.
#[derive(Debug)]
pub(super) struct Entrance {
    verifier: Verifier,
    challenge: Challenge,
    route: Arc<str>,
}

impl Entrance {
    pub(super) fn new(verifier: Verifier, challenge: Challenge, route: &str) -> Self {
        Self { verifier, challenge, route: route.into() }
    }

    async fn admit(&self, headers: &HeaderMap) -> Result<Verified, Refusal> {
        let token = bearer(headers).map_err(Refusal::Credentials)?;
        let token = self.verifier.verify_now(token).await.map_err(Refusal::Token)?;
        let demanded = self.challenge.demanded();
        let missing: Vec<Scope> = demanded.iter().filter(|scope| !token.has(scope)).cloned().collect();
        if missing.is_empty() {
            Ok(token.demanding(Arc::clone(demanded)))
        } else {
            Err(Refusal::Scope { missing, token })
        }
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
    let token = match entrance.admit(request.headers()).await {
        Ok(token) => token,
        Err(refusal) => {
            entrance.log(&refusal, refusal.token());
            return refusal.respond(&entrance.challenge);
        }
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
