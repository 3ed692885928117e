//! What an auditor asks for later: who got which token, and who got none.
//!
//! The events go to the target `chancery::audit` of the log. They are written where the decision is final.

mod family;

pub(crate) use family::{
    families_at_their_limit, family_begun, family_ended, family_revoked, family_shared,
    refresh_epoch_revoked, refresh_replayed, store_regressed,
};

use crate::admin::Authority;
use crate::client::Client;
use crate::grant::GrantType;
use crate::issuer::Issued;
use crate::store::UnreadableClient;
use chancery_revocation::{Kind, Sequence};
use chancery_token::{Claims, ClientId, TokenId};
use chancery_verifier::Verified;

/// A token was signed and is about to be answered.
pub(crate) fn token_issued(grant: GrantType, issued: &Issued) {
    let claims = &issued.claims;
    tracing::debug!(
        target: "chancery::audit",
        grant = grant.word(),
        kid = issued.signer.kid(),
        token.id = %claims.jti,
        client.id = claims.client_id.as_str(),
        client.owner = issued.client.owner.as_str(),
        tenant = claims.tenant.as_str(),
        audience = claims.aud.as_str(),
        scope = claims.scope.as_str(),
        expires_at = claims.exp.as_secs(),
        rvs = claims.rvs,
        family = claims.sid.as_ref().map(tracing::field::display),
        // Where it was delegated: for whom, and from which token or session.
        subject = (!claims.sub.is_client(&claims.client_id)).then(|| claims.sub.as_str()),
        comes_from = claims.anc.first().map(tracing::field::display),
        "token issued"
    );
}

/// A request was refused. The client is known only if it proved who it is.
pub(crate) fn token_refused(client: Option<&ClientId>, reason: &'static str) {
    tracing::debug!(
        target: "chancery::audit",
        reason,
        client.id = client.map(ClientId::as_str),
        "token refused"
    );
}

/// A client ended a token of its own, or so many that all of them are ended. The entry is durable.
pub(crate) fn token_revoked(client: &Client, claims: &Claims, entry: Kind, sequence: Sequence) {
    tracing::info!(
        target: "chancery::audit",
        entry = entry.as_str(),
        token.id = %claims.jti,
        client.id = client.id.as_str(),
        client.owner = client.owner.as_str(),
        tenant = claims.tenant.as_str(),
        audience = claims.aud.as_str(),
        scope = claims.scope.as_str(),
        sequence = sequence.get(),
        "token revoked"
    );
}

/// A request to revoke was refused. The client is known only if it proved who it is, the token only if it is one.
pub(crate) fn revocation_refused(client: Option<&ClientId>, token: Option<TokenId>, reason: &'static str) {
    tracing::info!(
        target: "chancery::audit",
        reason,
        token.id = token.as_ref().map(tracing::field::display),
        client.id = client.map(ClientId::as_str),
        "revocation refused"
    );
}

/// A client asked about a token. One that is not active may be anything, and is not named.
pub(crate) fn token_introspected(
    caller: Option<&ClientId>,
    token: Option<&Verified>,
    standing: &'static str,
) {
    let claims = token.map(Verified::claims);
    tracing::debug!(
        target: "chancery::audit",
        standing,
        caller = caller.map(ClientId::as_str),
        token.id = claims.map(|claims| tracing::field::display(claims.jti)),
        client.id = claims.map(|claims| claims.client_id.as_str()),
        tenant = claims.map(|claims| claims.tenant.as_str()),
        audience = claims.map(|claims| claims.aud.as_str()),
        scope = claims.map(|claims| claims.scope.as_str()),
        "token introspected"
    );
}

/// A request to introspect was refused.
pub(crate) fn introspection_refused(caller: Option<&ClientId>, reason: &'static str) {
    tracing::debug!(
        target: "chancery::audit",
        reason,
        caller = caller.map(ClientId::as_str),
        "introspection refused"
    );
}

/// A record was met that nobody can read.
pub(crate) fn record_unreadable(unreadable: &UnreadableClient) {
    let UnreadableClient { id, fault } = unreadable;
    let reason = fault.reason();
    tracing::warn!(target: "chancery::store", { client.id = id.as_str(), reason, detail = %fault }, "a client cannot be read");
}

/// Somebody administered, or tried to. `outcome` is `done`, or the reason of the refusal.
pub(crate) fn admin_acted(by: &Authority, verb: &'static str, subject: &str, outcome: &'static str) {
    let (actor, tenant) = told(by);
    tracing::info!(target: "chancery::audit", actor, tenant, verb, subject, outcome, "administered");
}

/// An administrator revoked something. `subject` is its kind and its name, `because` a sentence. The entry is durable;
/// where it was there before, nothing was appended.
pub(crate) fn admin_revoked(
    by: &Authority,
    subject: &str,
    because: &str,
    entry: Revoked,
    sequence: Option<Sequence>,
) {
    let (actor, tenant) = told(by);
    let sequence = sequence.map(Sequence::get);
    let (verb, outcome) = ("revoke", entry.as_str());
    tracing::info!(target: "chancery::audit", actor, tenant, verb, subject, outcome, because, sequence, "administered");
}

/// Whether there was anything to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    Now,
    Before,
}

impl Revoked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Now => "done",
            Self::Before => "unchanged",
        }
    }
}

fn told(by: &Authority) -> (&str, Option<&str>) {
    match by {
        Authority::Administrator { client, tenant } => (client.id.as_str(), Some(tenant.as_str())),
        // No client can be called this: ids hold no blank.
        Authority::MasterKey => ("the master key", None),
    }
}
