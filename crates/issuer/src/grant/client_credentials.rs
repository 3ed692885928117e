//! The client-credentials grant (RFC 6749 section 4.4): a client asks on its own behalf.

use super::scopes::{self, Carried};
use super::{GrantRefusal, Granted, Settings, attach};
use crate::client::Client;
use chancery_catalog::{Catalog, Product};
use chancery_revocation::Sequence;
use chancery_token::{Claims, Confirmation, ScopeSet, Subject, TenantId, TokenId, UnixTime};
use std::time::Duration;

/// What a client asks for. Parameters that were left out, or sent empty, are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'r> {
    /// `scope` (RFC 6749 section 3.3).
    pub scope: Option<&'r str>,
    /// `resource` (RFC 8707 section 2).
    pub resource: Option<&'r str>,
    /// `tenant`, ours: for whom the client acts now.
    pub tenant: Option<&'r str>,
    /// The key that the client has proven to hold: the token is bound to it (RFC 9449 section 5).
    pub cnf: Option<&'r Confirmation>,
}

/// Decides at `now`, for a client that proved who it is. `jti` is fresh; `rvs` is the sequence of the revocation
/// log that was applied before this call.
pub fn decide<'c>(
    request: &Request<'_>,
    client: &Client,
    catalog: &'c Catalog,
    settings: &Settings,
    now: UnixTime,
    jti: TokenId,
    rvs: Sequence,
) -> Result<Granted<'c>, GrantRefusal> {
    client.usable(now)?;
    let chosen = scopes::choose(request.scope, request.resource, client, catalog, now)?;
    let tenant = tenant(request.tenant, client)?;
    let bounds = attach::attach(&client.reach, &chosen.scopes, chosen.product, catalog)?;
    let scope = ScopeSet::from_scopes(chosen.scopes.iter().flat_map(Carried::names));
    let scope = scope.map_err(|_| GrantRefusal::ScopeRequired)?;
    let lifetime = lifetime(client, chosen.product, &chosen.scopes, settings);
    let sunset = chosen.scopes.iter().filter_map(|carried| carried.entry.sunset()).min();
    let claims = Claims {
        iss: settings.issuer.clone(),
        aud: chosen.product.audience().to_owned(),
        sub: Subject::from(client.id.clone()),
        client_id: client.id.clone(),
        iat: now,
        // A token never outlives its client, nor a scope that it carries.
        exp: now.plus(lifetime).min(client.expires_at).min(sunset.unwrap_or(UnixTime::MAX)),
        nbf: None,
        jti,
        scope,
        tenant: tenant.clone(),
        bounds,
        sid: None,
        rvs: rvs.get(),
        cnf: request.cnf.cloned(),
        act: Vec::new(),
        anc: Vec::new(),
        env: settings.environment,
    };
    Ok(Granted { claims, product: chosen.product })
}

fn tenant<'k>(requested: Option<&str>, client: &'k Client) -> Result<&'k TenantId, GrantRefusal> {
    match (requested, client.tenants.as_slice()) {
        (Some(requested), tenants) => {
            let served = tenants.iter().find(|tenant| tenant.as_str() == requested);
            served.ok_or(GrantRefusal::TenantNotAllowed)
        }
        (None, [only]) => Ok(only),
        (None, tenants) => {
            let tenants = tenants.iter().map(ToString::to_string).collect();
            Err(GrantRefusal::TenantRequired { tenants })
        }
    }
}

/// The shortest of all lifetimes that anybody sets.
pub(super) fn lifetime(
    client: &Client,
    product: &Product,
    scopes: &[Carried<'_>],
    settings: &Settings,
) -> Duration {
    let stated =
        scopes.iter().filter_map(|carried| carried.entry.max_lifetime()).chain(product.max_lifetime());
    stated.fold(client.lifetime.min(settings.max_lifetime), Duration::min)
}

#[cfg(test)]
mod tests;
