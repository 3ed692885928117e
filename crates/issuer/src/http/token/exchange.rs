//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693).
//!
//! In this order, so that a failure changes nothing: the parameters, the client, the subject token, the decision, the
//! signature; then the proof is used up, and where a family begins it is stored.

use super::super::admission::Admitted;
use super::super::client_authentication::authenticate;
use super::super::dpop;
use super::super::error::Refusal;
use super::super::exchange_fault::ExchangeFault;
use super::super::form::TokenForm;
use super::{Ask, Granted};
use crate::client::Client;
use crate::family::Family;
use crate::grant::ACCESS_TOKEN_TYPE;
use crate::grant::exchange::{At, Begin, ExchangeRefusal, Exchanged, Parent, Request, decide};
use crate::issuer::Issuer;
use crate::revocation::introspect::{self, Inactive, Known};
use crate::revocation::{AppendFault, OwnKeys};
use chancery_revocation::Sequence;
use chancery_token::{Claims, Confirmation, FamilyId};
use chancery_verifier::Verified;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn grant(ask: Ask<'_>) -> Result<Granted, Refusal> {
    let Ask { issuer, headers, form, place, rvs, outcome } = ask;
    let (text, delegates) = (subject_token(form)?, delegates(form)?);
    let client = authenticate(issuer, headers, form).await?;
    outcome.client = Some(client.id.clone());
    let proof = dpop::shown(issuer, headers, client.dpop)?;
    let cnf = proof.as_ref().map(|proof| Confirmation::DpopKey(proof.key()));
    issuer.may_issue().map_err(Refusal::Blind)?;
    let (subject, rvs) = subject(issuer, text, &client, rvs, place).await?;
    let from = subject.claims();
    let parent_client = issuer.client(&from.client_id).await?;
    let parent_client = parent_client.ok_or(ExchangeFault::from(ExchangeRefusal::ParentClientOver))?;
    let (family, delegate) = match delegates {
        Delegates::No => (None, None),
        Delegates::Yes { expires_in } => {
            let id = issuer.draw_family_id();
            (nearest_family(issuer, from).await?, Some(Begin { id, expires_in }))
        }
    };
    let parent = Parent { claims: from, client: &parent_client, family: family.as_ref() };
    let request = Request {
        scope: form.scope.as_deref(),
        audience: form.audience.as_deref(),
        resource: form.resource.as_deref(),
        tenant: form.tenant.as_deref(),
        cnf: cnf.as_ref(),
        delegate,
    };
    let moment = issuer.moment();
    let at = At { now: moment.wall, jti: issuer.draw_token_id(), rvs };
    let exchanged = decide(&request, &parent, &client, issuer.catalog(), issuer.settings(), at);
    let Exchanged { granted, begins } = exchanged.map_err(ExchangeFault::from)?;
    issuer.revocation_log().may_issue(moment).map_err(Refusal::Blind)?;
    // Signed first: a token that is too large must leave no family behind, and use no proof up.
    let (signing, format) = (Arc::clone(&client), granted.product.format());
    let issued = issuer.sign(signing, granted.claims, format, at.now).map_err(Refusal::TooLarge)?;
    if let Some(proof) = proof {
        proof.prove(issuer).await?;
    }
    let refresh = match (begins, client.refresh) {
        (Some(family), Some(terms)) => {
            let _waiting = issuer.wait_for_families()?;
            Some(issuer.begin_family(*family, &client, &terms).await?)
        }
        (Some(_) | None, _) => None,
    };
    Ok(Granted { issued, refresh })
}

/// Whether a family begins with the exchange.
enum Delegates {
    No,
    Yes { expires_in: Option<Duration> },
}

fn delegates(form: &TokenForm<'_>) -> Result<Delegates, ExchangeFault> {
    let begins = match form.delegate.as_deref() {
        Some("true") => true,
        Some("false") | None => false,
        Some(_) => return Err(ExchangeFault::Delegate),
    };
    match (begins, form.delegate_expires_in.as_deref()) {
        (false, None) => Ok(Delegates::No),
        (false, Some(_)) => Err(ExchangeFault::NothingDelegated),
        (true, None) => Ok(Delegates::Yes { expires_in: None }),
        (true, Some(text)) => {
            let expires_in = Some(seconds(text).ok_or(ExchangeFault::DelegateExpiresIn)?);
            Ok(Delegates::Yes { expires_in })
        }
    }
}

/// As `expires_in` is written (RFC 6749 appendix A.14). `None` also of 0.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: NonZeroU64 = text.parse().ok().filter(|_| is_number)?;
    Some(Duration::from_secs(seconds.get()))
}

/// The token that is to be exchanged.
fn subject_token<'f>(form: &'f TokenForm<'_>) -> Result<&'f str, ExchangeFault> {
    if form.actor_token.is_some() || form.actor_token_type.is_some() {
        return Err(ExchangeFault::ActorToken);
    }
    let text = form.subject_token.as_deref().ok_or(ExchangeFault::NoSubjectToken)?;
    if form.subject_token_type.as_deref() != Some(ACCESS_TOKEN_TYPE) {
        return Err(ExchangeFault::SubjectTokenType);
    }
    if form.requested_token_type.as_deref().is_some_and(|requested| requested != ACCESS_TOKEN_TYPE) {
        return Err(ExchangeFault::RequestedTokenType);
    }
    Ok(text)
}

/// What the token says, if it is good, and the sequence to decide by: that which was applied before anything was.
async fn subject(
    issuer: &Issuer,
    text: &str,
    client: &Client,
    rvs: Sequence,
    place: Admitted,
) -> Result<(Verified, Sequence), Refusal> {
    let first = judge(issuer, text);
    drop(place);
    let Err(Inactive::AheadOfLog { .. }) = first else {
        return first.map(|token| (token, rvs)).map_err(refused);
    };
    // Another issuer may have appended a moment ago, and signed this with it.
    let _waiting = issuer.revoking().wait().ok_or(Refusal::Overloaded)?;
    let look = issuer.revocation_log().look(issuer.moment());
    let looked = tokio::time::timeout(issuer.request_timeout(), look).await;
    let looked = looked.map_err(|_| Refusal::StoreTimedOut)?;
    looked.map_err(|fault| Refusal::Log(AppendFault::Log(fault)))?;
    // By the sequence from before, an entry that the subject token is younger than would end the new one at once. By that of
    // now, the client has to be as it is now.
    let rvs = issuer.revocation_log().applied();
    if issuer.client(&client.id).await?.as_deref() != Some(client) {
        return Err(Refusal::Overloaded);
    }
    judge(issuer, text).map(|token| (token, rvs)).map_err(refused)
}

fn refused(why: Inactive) -> Refusal {
    ExchangeFault::from(why).into()
}

fn judge(issuer: &Issuer, text: &str) -> Result<Verified, Inactive> {
    let now = issuer.now();
    let known = Known {
        settings: issuer.settings(),
        catalog: issuer.catalog(),
        keys: &OwnKeys::believed(issuer.keyring(), now),
        log: &issuer.revocation_log().current(),
    };
    introspect::subject_token(text, &known, now)
}

/// The family that the token comes from, the nearest of its line, as it stands. The ids of families stand in `anc` among
/// those of tokens, and no store has a family by the name of a token.
async fn nearest_family(issuer: &Issuer, from: &Claims) -> Result<Option<Family>, Refusal> {
    let _waiting = issuer.wait_for_families()?;
    let Some(root) = from.sid else { return Ok(None) };
    let line = from.anc.iter().map(|id| FamilyId::from_bytes(*id.as_bytes())).chain([root]);
    for id in line {
        let Some(family) = issuer.stored_family(id).await? else { continue };
        if issuer.revocation_log().current().ends(&family.marks()).is_some() {
            return Err(ExchangeFault::from(ExchangeRefusal::FamilyOver).into());
        }
        return Ok(Some(family));
    }
    Ok(None)
}
