//! `grant_type=client_credentials` (RFC 6749 section 4.4). Of a client that is registered to refresh, a family begins with it
//! (docs/decisions/0014-refresh-by-client-credentials.md).

use super::super::client_authentication::authenticate;
use super::super::dpop;
use super::super::error::Refusal;
use super::{Ask, Granted};
use crate::family::Family;
use crate::grant;
use crate::grant::client_credentials::{Request, decide};
use chancery_token::{Claims, Confirmation};
use std::sync::Arc;

pub(super) async fn grant(ask: Ask<'_>) -> Result<Granted, Refusal> {
    let Ask { issuer, headers, form, place, rvs, outcome } = ask;
    let client = authenticate(issuer, headers, form).await?;
    outcome.client = Some(client.id.clone());
    let proof = dpop::shown(issuer, headers, client.dpop)?;
    let cnf = proof.as_ref().map(|proof| Confirmation::DpopKey(proof.key()));
    let request = Request {
        scope: form.scope.as_deref(),
        resource: form.resource.as_deref(),
        tenant: form.tenant.as_deref(),
        cnf: cnf.as_ref(),
    };
    let (jti, moment) = (issuer.draw_token_id(), issuer.moment());
    let now = moment.wall;
    issuer.revocation_log().may_issue(moment).map_err(Refusal::Blind)?;
    let granted = decide(&request, &client, issuer.catalog(), issuer.settings(), now, jti, rvs);
    let grant::Granted { claims, product } = granted.map_err(Refusal::Grant)?;
    if proof.is_some() || client.refresh.is_some() {
        drop(place);
    }
    // Last: what is refused for another reason uses no proof up.
    if let Some(proof) = proof {
        proof.prove(issuer).await?;
    }
    let Some(terms) = client.refresh else {
        let issued = issuer.sign(client, claims, product.format(), now).map_err(Refusal::TooLarge)?;
        return Ok(Granted { issued, refresh: None });
    };
    let id = issuer.draw_family_id();
    let family = Family::begin(id, &claims, &terms, client.expires_at);
    let claims = Claims { sid: Some(family.sid()), exp: claims.exp.min(family.absolute_end), ..claims };
    // Signed first: a token that is too large must leave no family behind.
    let signing = Arc::clone(&client);
    let issued = issuer.sign(signing, claims, product.format(), now).map_err(Refusal::TooLarge)?;
    let _waiting = issuer.wait_for_families()?;
    let refresh = issuer.begin_family(family, &client, &terms).await?;
    Ok(Granted { issued, refresh: Some(refresh) })
}
