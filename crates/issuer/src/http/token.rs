//! `POST /oauth2/token` (RFC 6749 section 3.2): one file for each grant.

mod answer;
mod client_credentials;
mod exchange;
mod refresh;

use super::admission::Admitted;
use super::dpop;
use super::error::Refusal;
use super::form::TokenForm;
use super::observe::{Outcome, Watch};
use super::posted::{Posted, posted};
use crate::audit;
use crate::grant::GrantType;
use crate::issuer::{Issued, Issuer, RefreshAnswer};
use answer::answer;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chancery_revocation::Sequence;
use std::sync::Arc;

/// A token request whose grant is known, and nothing else of it yet.
struct Ask<'r> {
    issuer: &'r Arc<Issuer>,
    headers: &'r HeaderMap,
    form: &'r TokenForm<'r>,
    /// A place among those who are worked on. To be dropped before the store is waited for.
    place: Admitted,
    /// The last entry of the revocation log that was applied before anything was decided upon: whatever is revoked from
    /// then on cuts the token off as well.
    rvs: Sequence,
    /// Who asked, as soon as that is proved.
    outcome: &'r mut Outcome,
}

/// What is answered: a token, and how to go on when it has expired.
struct Granted {
    issued: Issued,
    refresh: Option<RefreshAnswer>,
}

/// Handles a token request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let watch = Watch::begin(&issuer, &request);
    let (mut outcome, mut grant) = (Outcome::default(), None);
    let mut tells_nonce = dpop::is_there(request.headers());
    let mut response = match token(&issuer, request, &mut outcome, &mut grant).await {
        Ok((grant, granted)) => {
            let issued = &granted.issued;
            outcome.token = Some(issued.claims.jti);
            issuer.metrics().issued(grant, issued.signer.format(), issued.token.len());
            audit::token_issued(grant, issued);
            answer(grant, &granted)
        }
        Err(refusal) => {
            refuse(&issuer, &refusal, grant, &mut outcome);
            tells_nonce |= matches!(refusal, Refusal::Dpop(_));
            refusal.answer(issuer.scopes_page())
        }
    };
    if tells_nonce {
        dpop::tell_nonce(&issuer, response.headers_mut());
    }
    watch.end(&issuer, &outcome, &mut response);
    response
}

/// Answers every other method.
pub(super) async fn other_method(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let watch = Watch::begin(&issuer, &request);
    let mut outcome = Outcome::default();
    refuse(&issuer, &Refusal::Method, None, &mut outcome);
    let mut response = Refusal::Method.answer(issuer.scopes_page());
    watch.end(&issuer, &outcome, &mut response);
    response
}

fn refuse(issuer: &Issuer, refusal: &Refusal, grant: Option<GrantType>, outcome: &mut Outcome) {
    outcome.reason = Some(refusal.logged_reason());
    outcome.detail = refusal.logged_detail();
    issuer.metrics().refused(grant, refusal.counted_reason(), refusal.is_permanent());
    audit::token_refused(outcome.client.as_ref(), refusal.logged_reason());
}

/// `grant` is told as soon as it is known.
async fn token(
    issuer: &Arc<Issuer>,
    request: Request,
    outcome: &mut Outcome,
    grant: &mut Option<GrantType>,
) -> Result<(GrantType, Granted), Refusal> {
    let Posted { headers, body, place } = posted(issuer, request).await?;
    let form = TokenForm::parse(&body).map_err(Refusal::Form)?;
    let asked = form.grant_type.as_deref().ok_or(Refusal::NoGrantType)?;
    let asked: GrantType = asked.parse().map_err(|_| Refusal::UnsupportedGrantType)?;
    *grant = Some(asked);
    let rvs = issuer.revocation_log().applied();
    let ask = Ask { issuer, headers: &headers, form: &form, place, rvs, outcome };
    let granted = match asked {
        GrantType::ClientCredentials => client_credentials::grant(ask).await?,
        GrantType::RefreshToken => refresh::grant(ask).await?,
        GrantType::TokenExchange => Box::pin(exchange::grant(ask)).await?,
    };
    Ok((asked, granted))
}
