//! Token exchange (RFC 8693): a client that was handed a token of another gets one of its own, which is never more; and one that
//! holds a token narrows it.

mod line;
mod refusal;

pub use refusal::ExchangeRefusal;

use super::client_credentials::lifetime;
use super::scopes::Holder;
use super::{Granted, Settings, attach, narrow};
use crate::client::Client;
use crate::family::{Family, FamilyState, Generation, Granted as FamilyGranted, Rotations};
use chancery_catalog::{Catalog, Product};
use chancery_revocation::Sequence;
use chancery_token::{Bounds, Claims, Confirmation, FamilyId, TokenId, UnixTime};
use std::time::Duration;

/// What a client asks for. Parameters that were left out, or sent empty, are `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// `scope` (RFC 6749 section 3.3). None: all of the subject token's that the client holds itself.
    pub scope: Option<&'r str>,
    /// `audience` (RFC 8693 section 2.1): that of the subject token.
    pub audience: Option<&'r str>,
    /// `resource` (RFC 8707 section 2): likewise.
    pub resource: Option<&'r str>,
    /// `tenant`, ours: that of the subject token.
    pub tenant: Option<&'r str>,
    /// The key that the request proved to have (RFC 9449).
    pub cnf: Option<&'r Confirmation>,
    /// The family that is to begin, where the client sent `delegate=true`, ours.
    pub delegate: Option<Begin>,
}

/// A family that is to begin with an exchange.
#[derive(Clone, Copy, Debug)]
pub struct Begin {
    /// Its name: 16 uniformly random bytes.
    pub id: FamilyId,
    /// `delegate_expires_in`, ours: after so many seconds it is over, however much it is used. It ends sooner where anything else
    /// says so.
    pub expires_in: Option<Duration>,
}

/// The token that is exchanged. Its signature, its times and the revocation log were looked at.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'p> {
    /// What it says.
    pub claims: &'p Claims,
    /// The client that it was issued to.
    pub client: &'p Client,
    /// The family that it comes from, the nearest of them, as far as a family is to begin.
    pub family: Option<&'p Family>,
}

/// A yes.
#[derive(Clone, Debug)]
pub struct Exchanged<'c> {
    /// What to sign.
    pub granted: Granted<'c>,
    /// The family that begins with it.
    pub begins: Option<Box<Family>>,
}

/// Decides at `now`, for a client that proved who it is. `jti` is fresh; `rvs` is the sequence of the revocation log that
/// was applied before this call, and by which the subject token was judged.
pub fn decide<'c>(
    request: &Request<'_>,
    parent: &Parent<'_>,
    client: &Client,
    catalog: &'c Catalog,
    settings: &Settings,
    at: At,
) -> Result<Exchanged<'c>, ExchangeRefusal> {
    let At { now, jti, rvs } = at;
    let from = parent.claims;
    client.usable(now)?;
    parent.may_delegate_to(client, now)?;
    let product = target(request, from, catalog)?;
    tenant(request, from, client)?;
    let cnf = key(request, from)?;
    let scopes = narrow::scopes(request.scope, &from.scope, Holder { client, now }, product)?;
    let scope = narrow::names(&scopes, &from.scope)?;
    let own = attach::attach(&client.reach, &scopes, product, catalog)?;
    let bounds = narrow::bounds(&from.bounds, &own, &scopes, &scope)?;
    let act = line::act(from, client)?;
    let begins = match request.delegate {
        None => None,
        Some(begin) => {
            let family = parent.begin(begin, client, at)?;
            Some(Box::new(Family {
                act: act.clone(),
                granted: vec![FamilyGranted { audience: from.aud.clone(), scopes: scope.clone() }],
                bounds: bounds.clone(),
                cnf: cnf.clone(),
                ..family
            }))
        }
    };
    let anc = line::anc(from, begins.as_deref())?;
    let sunset = scopes.iter().filter_map(|carried| carried.entry.sunset()).min();
    let family_end = begins.as_ref().map_or(UnixTime::MAX, |family| family.absolute_end);
    let exp = now.plus(lifetime(client, product, &scopes, settings)).min(family_end);
    let claims = Claims {
        iss: settings.issuer.clone(),
        aud: from.aud.clone(),
        sub: from.sub.clone(),
        client_id: client.id.clone(),
        iat: now,
        // Nor does it outlive what it comes from.
        exp: exp.min(from.exp).min(client.expires_at).min(sunset.unwrap_or(UnixTime::MAX)),
        nbf: None,
        jti,
        scope,
        tenant: from.tenant.clone(),
        bounds,
        sid: from.sid,
        rvs: rvs.get(),
        cnf,
        act,
        anc,
        env: settings.environment,
    };
    Ok(Exchanged { granted: Granted { claims, product }, begins })
}

/// The moment of a decision.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// When.
    pub now: UnixTime,
    /// The name of the new token: 16 uniformly random bytes.
    pub jti: TokenId,
    /// The sequence of the revocation log that was applied before.
    pub rvs: Sequence,
}

impl Parent<'_> {
    fn may_delegate_to(&self, client: &Client, now: UnixTime) -> Result<(), ExchangeRefusal> {
        // Nobody lists itself: what a client narrows it holds already (docs/decisions/0015-a-client-narrows-its-own-token.md).
        if self.claims.client_id == client.id {
            return Ok(());
        }
        // First: whoever is not listed learns nothing of the other client.
        if !self.client.may_delegate_to.contains(&client.id) {
            return Err(ExchangeRefusal::NotListed);
        }
        self.client.usable(now).map_err(|_| ExchangeRefusal::ParentClientOver)
    }

    /// The family that `client` goes on with, without what its tokens may do. It never lives longer than the one it comes
    /// from.
    fn begin(&self, begin: Begin, client: &Client, at: At) -> Result<Family, ExchangeRefusal> {
        let terms = client.refresh.ok_or(ExchangeRefusal::NoRefresh)?;
        let from = self.family.ok_or(ExchangeRefusal::NoFamily)?;
        let until = from.absolute_end.min(client.expires_at).min(self.client.expires_at);
        let wanted = begin.expires_in.map_or(terms.absolute, |wanted| wanted.min(terms.absolute));
        let absolute_end = at.now.plus(wanted).min(until);
        if from.state != FamilyState::Live || at.now >= absolute_end.min(from.idle_end) {
            return Err(ExchangeRefusal::FamilyOver);
        }
        let speaks_for_itself = self.claims.sub.is_client(&client.id);
        Ok(Family {
            id: begin.id,
            client: client.id.clone(),
            tenant: self.claims.tenant.clone(),
            sub: (!speaks_for_itself).then(|| self.claims.sub.clone()),
            act: Vec::new(),
            ancestors: line::ancestors(from)?,
            granted: Vec::new(),
            bounds: Bounds::default(),
            cnf: None,
            rvs0: at.rvs,
            created_at: at.now,
            absolute_end,
            idle: terms.idle,
            idle_end: at.now.plus(terms.idle).min(absolute_end),
            generation: Generation::default(),
            rotations: Rotations::default(),
            redelivered: None,
            state: FamilyState::Live,
        })
    }
}

/// The product of the subject token, which the request may name and not change.
fn target<'c>(
    request: &Request<'_>,
    from: &Claims,
    catalog: &'c Catalog,
) -> Result<&'c Product, ExchangeRefusal> {
    let is_other = |named: Option<&str>| named.is_some_and(|named| named != from.aud);
    if is_other(request.audience) || is_other(request.resource) {
        return Err(ExchangeRefusal::OtherTarget { audience: from.aud.clone() });
    }
    match catalog.product(&from.aud) {
        // Who administers does so in person: what an administrator does is answered for by name.
        Some(product) if product.is_administration() => Err(ExchangeRefusal::Administration),
        Some(product) => Ok(product),
        None => Err(ExchangeRefusal::NoSuchTarget),
    }
}

fn tenant(request: &Request<'_>, from: &Claims, client: &Client) -> Result<(), ExchangeRefusal> {
    if request.tenant.is_some_and(|tenant| tenant != from.tenant.as_str()) {
        return Err(ExchangeRefusal::OtherTenant);
    }
    if client.tenants.contains(&from.tenant) { Ok(()) } else { Err(ExchangeRefusal::TenantNotServed) }
}

/// The key that the new token is bound to. What is bound stays bound to the same one: else a thief of a bound token would
/// come to one that is not, or is bound to a key of the thief's own.
fn key(request: &Request<'_>, from: &Claims) -> Result<Option<Confirmation>, ExchangeRefusal> {
    match (&from.cnf, request.cnf) {
        (Some(bound), Some(proved)) if bound == proved => Ok(Some(bound.clone())),
        (Some(_), _) => Err(ExchangeRefusal::KeyNotProved),
        (None, proved) => Ok(proved.cloned()),
    }
}

#[cfg(test)]
mod tests;
