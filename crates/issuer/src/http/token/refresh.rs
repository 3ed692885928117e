//! `grant_type=refresh_token` (RFC 6749 section 6).
//!
//! In this order, so that a failure changes nothing: the text, the client, the MAC, the family as far as it never changes,
//! the key, the scopes; then one step in the store.

use super::super::client_authentication::{How, Known, identify};
use super::super::dpop;
use super::super::error::Refusal;
use super::super::form::TokenForm;
use super::{Admitted, Ask, Granted, Outcome};
use crate::client::{Client, DpopPolicy};
use crate::family::{
    Family, FamilyState, Generation, OnReplay, RefreshKey, RefreshRefusal, RefreshToken, Refused,
};
use crate::grant::exchange::At;
use crate::grant::refresh::{Request, decide};
use crate::grant::{self, GrantRefusal};
use crate::issuer::{Going, Issued, Issuer, KnownFamily, NotRefreshed, RefreshAnswer, Unread};
use crate::store::StoreFault;
use axum::http::HeaderMap;
use chancery_revocation::Sequence;
use chancery_token::{Confirmation, FamilyId};
use std::sync::Arc;

pub(super) async fn grant(ask: Ask<'_>) -> Result<Granted, Refusal> {
    let Ask { issuer, headers, form, place, rvs, outcome } = ask;
    let text = form.refresh_token.as_deref().ok_or(RefreshRefusal::Missing)?;
    let token = RefreshToken::parse(text, issuer.environment()).map_err(RefreshRefusal::from)?;
    let Known { client, proof } = identify(issuer, headers, form).await?;
    let is_authenticated = proof == How::Authenticated;
    if is_authenticated {
        outcome.client = Some(client.id.clone());
    }
    client.usable(issuer.now()).map_err(|why| Refusal::Grant(GrantRefusal::Client(why)))?;
    let terms = client.refresh.ok_or(RefreshRefusal::NotGranted)?;
    let key = match issuer.refresh_key_of(&token, &client.id) {
        Err(why @ RefreshRefusal::EpochRevoked) => {
            if let Ok(waiting) = issuer.wait_for_families() {
                let noting = Arc::clone(issuer);
                tokio::spawn(async move { noting.note_end_by_epoch(token.family, waiting).await });
            }
            return Err(why.into());
        }
        other => other?,
    };
    drop(place);
    let waiting = issuer.wait_for_families()?;
    let asking = Asking {
        issuer,
        form,
        client,
        key,
        rvs,
        is_authenticated,
        id: token.family,
        generation: token.generation,
        on_replay: terms.on_replay,
    };
    if !dpop::is_there(headers)
        && asking.client.dpop == DpopPolicy::Optional
        && let Some(supposed) = issuer.supposed_family(token.family, &asking.client.id)
        && let Ok(issued) = asking.decide(supposed.family(), None, &[])
        && let Some(refresh) = asking.go_on(&supposed, &issued).await?
    {
        return Ok(Granted { issued, refresh: Some(refresh) });
    }
    // Apart: the room for it would be had and given back with every request.
    Box::pin(by_record(asking, headers, waiting, outcome)).await
}

/// Goes on with a family that is read first, where it was not before.
async fn by_record(
    asking: Asking<'_>,
    headers: &HeaderMap,
    waiting: Admitted,
    outcome: &mut Outcome,
) -> Result<Granted, Refusal> {
    let Asking { issuer, id, .. } = asking;
    let known = issuer.known_family(id).await?.ok_or(RefreshRefusal::Unknown)?;
    let family = known.family();
    if let Some(ended) = issuer.revocation_log().current().ends(&known.marks) {
        // Once it says so it always will, and a client that does not listen costs the store nothing.
        if family.state == FamilyState::Live {
            let (noting, known) = (Arc::clone(issuer), Arc::clone(&known));
            tokio::spawn(async move {
                noting.note_end(known.family()).await;
                drop(waiting);
            });
        }
        return Err(RefreshRefusal::Revoked(ended).into());
    }
    let policy = if family.cnf.is_some() { DpopPolicy::Required } else { asking.client.dpop };
    let shown = dpop::shown(issuer, headers, policy)?;
    let cnf = shown.as_ref().map(|shown| Confirmation::DpopKey(shown.key()));
    if family.cnf.is_some() && family.cnf != cnf {
        return Err(RefreshRefusal::Refused(Refused::OtherKey).into());
    }
    let line = line(issuer, family).await?;
    let issued = asking.decide(family, cnf.as_ref(), &line)?;
    if let Some(shown) = shown {
        shown.prove(issuer).await?;
        outcome.client = Some(asking.client.id.clone());
    }
    let refresh = asking.go_on(&known, &issued).await?;
    // What was read of it never changes.
    let refresh = refresh.ok_or_else(|| Refusal::from(Unread::Store(another_one(id))))?;
    Ok(Granted { issued, refresh: Some(refresh) })
}

/// The clients that a family was delegated by. One that is gone has taken it along already, by the log.
async fn line(issuer: &Issuer, family: &Family) -> Result<Vec<Arc<Client>>, Refusal> {
    let mut line = Vec::new();
    if family.ancestors.is_empty() {
        return Ok(line);
    }
    let named = family.act.iter().chain(&family.sub).filter_map(|name| name.as_str().parse().ok());
    for id in named.filter(|id| *id != family.client) {
        line.extend(issuer.client(&id).await?);
    }
    Ok(line)
}

/// Who asks to go on, with a token whose MAC is good.
struct Asking<'a> {
    issuer: &'a Arc<Issuer>,
    form: &'a TokenForm<'a>,
    client: Arc<Client>,
    key: Arc<RefreshKey>,
    rvs: Sequence,
    is_authenticated: bool,
    id: FamilyId,
    generation: Generation,
    on_replay: OnReplay,
}

impl Asking<'_> {
    /// The access token, as far as `family` never changes.
    fn decide(
        &self,
        family: &Family,
        cnf: Option<&Confirmation>,
        line: &[Arc<Client>],
    ) -> Result<Issued, Refusal> {
        let (issuer, form, client) = (self.issuer, self.form, &self.client);
        let request = Request {
            scope: form.scope.as_deref(),
            resource: form.resource.as_deref(),
            tenant: form.tenant.as_deref(),
            cnf,
            line,
        };
        let moment = issuer.moment();
        let at = At { now: moment.wall, jti: issuer.draw_token_id(), rvs: self.rvs };
        let granted = decide(&request, family, client, issuer.catalog(), issuer.settings(), at);
        let grant::Granted { mut claims, product } = granted.map_err(Refusal::Grant)?;
        // Where it is one that this one is like, it is the root of its line, as this one is.
        if family.ancestors.is_empty() {
            claims.sid = Some(self.id);
        }
        issuer.revocation_log().may_issue(moment).map_err(Refusal::Blind)?;
        // Signed first: a token that is too large must not cost a rotation.
        let signing = Arc::clone(client);
        issuer.sign(signing, claims, product.format(), at.now).map_err(Refusal::TooLarge)
    }

    /// The next refresh token, if the family is as `known`.
    async fn go_on(
        &self,
        known: &KnownFamily,
        issued: &Issued,
    ) -> Result<Option<RefreshAnswer>, NotRefreshed> {
        let going = Going {
            id: self.id,
            generation: self.generation,
            key: Arc::clone(&self.key),
            client: Arc::clone(&self.client),
            like: Arc::clone(&known.like),
            until: issued.claims.exp,
            on_replay: self.on_replay,
            bound_to: known.family().cnf.clone(),
            is_authenticated: self.is_authenticated,
        };
        self.issuer.go_on(going).await
    }
}

fn another_one(id: FamilyId) -> StoreFault {
    StoreFault::Corrupt { detail: format!("session '{id}' is another one than it was") }
}
