//! The refresh grant (RFC 6749 section 6): a family goes on. What it asked for is narrowed to what it began with, and to what
//! its client holds now; the family itself never changes.

use super::client_credentials::lifetime;
use super::exchange::At;
use super::scopes::Holder;
use super::{GrantRefusal, Granted, Settings, attach, narrow};
use crate::client::Client;
use crate::family::{self, Family};
use chancery_catalog::Catalog;
use chancery_token::{Claims, Confirmation, UnixTime};
use std::sync::Arc;
use std::time::Duration;

/// What a client asks for. Parameters that were left out, or sent empty, are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'r> {
    /// `scope` (RFC 6749 section 6). None: all of the family's that the client holds now.
    pub scope: Option<&'r str>,
    /// `resource` (RFC 8707 section 2): one of the audiences of the family.
    pub resource: Option<&'r str>,
    /// `tenant`, ours: that of the family.
    pub tenant: Option<&'r str>,
    /// The key that the client has shown to hold.
    pub cnf: Option<&'r Confirmation>,
    /// The clients that the family was delegated by, one from the other. None of their own tokens would live shorter than those
    /// of the family do.
    pub line: &'r [Arc<Client>],
}

/// Decides about the access token, at `at`, for a client whose refresh token is good. `family` may be as it began: only what
/// never changes of it is read.
///
/// Whether the client is known, the family goes on and its key was proved is decided elsewhere.
pub fn decide<'c>(
    request: &Request<'_>,
    family: &Family,
    client: &Client,
    catalog: &'c Catalog,
    settings: &Settings,
    at: At,
) -> Result<Granted<'c>, GrantRefusal> {
    let At { now, jti, rvs } = at;
    client.usable(now)?;
    let is_other = request.tenant.is_some_and(|tenant| tenant != family.tenant.as_str());
    if is_other || !client.tenants.contains(&family.tenant) {
        return Err(GrantRefusal::TenantNotAllowed);
    }
    let held = held(request.resource, family)?;
    let product = catalog.product(&held.audience).ok_or(GrantRefusal::NothingGranted)?;
    let scopes = narrow::scopes(request.scope, &held.scopes, Holder { client, now }, product)?;
    let scope = narrow::names(&scopes, &held.scopes)?;
    let own = attach::attach(&client.reach, &scopes, product, catalog)?;
    let bounds = narrow::bounds(&family.bounds, &own, &scopes, &scope)?;
    let sunset = scopes.iter().filter_map(|carried| carried.entry.sunset()).min();
    let longest = |client: &Client| lifetime(client, product, &scopes, settings);
    let stated = request.line.iter().map(|delegator| longest(delegator));
    let end = now.plus(stated.fold(longest(client), Duration::min));
    let claims = Claims {
        iss: settings.issuer.clone(),
        aud: held.audience.clone(),
        sub: family.subject(),
        client_id: client.id.clone(),
        iat: now,
        // A token never outlives its family either.
        exp: end.min(family.absolute_end).min(client.expires_at).min(sunset.unwrap_or(UnixTime::MAX)),
        nbf: None,
        jti,
        scope,
        tenant: family.tenant.clone(),
        bounds,
        sid: Some(family.sid()),
        rvs: rvs.get(),
        // What the family is bound to, its tokens are; of any other, each may be bound to a key of its own.
        cnf: family.cnf.as_ref().or(request.cnf).cloned(),
        act: family.act.clone(),
        anc: family.anc(),
        env: settings.environment,
    };
    Ok(Granted { claims, product })
}

/// What the family holds for one audience: the one that is named, or the only one.
fn held<'f>(resource: Option<&str>, family: &'f Family) -> Result<&'f family::Granted, GrantRefusal> {
    let audiences = || family.granted.iter().map(|granted| granted.audience.clone()).collect();
    match (resource, family.granted.as_slice()) {
        (Some(resource), granted) => {
            let named = granted.iter().find(|granted| granted.audience == resource);
            named.ok_or_else(|| GrantRefusal::ResourceNotGranted { held: audiences() })
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(GrantRefusal::ResourceRequired { fitting: audiences() }),
    }
}

#[cfg(test)]
mod tests;
