//! What an auditor asks for later: who got which token, and who got none.
//!
//! The events go to the target `chancery::audit` of the log. They are written where the decision is final.

use crate::admin::Authority;
use crate::issuer::Issued;
use crate::store::UnreadableClient;
use chancery_token::ClientId;

/// A token was signed and is about to be answered.
pub(crate) fn token_issued(issued: &Issued) {
    let claims = &issued.claims;
    tracing::debug!(
        target: "chancery::audit",
        kid = issued.signer.kid(),
        token.id = %claims.jti,
        client.id = claims.client_id.as_str(),
        client.owner = issued.client.owner.as_str(),
        tenant = claims.tenant.as_str(),
        audience = claims.aud.as_str(),
        scope = claims.scope.as_str(),
        expires_at = claims.exp.as_secs(),
        rvs = claims.rvs,
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

/// A record was met that nobody can read.
pub(crate) fn record_unreadable(unreadable: &UnreadableClient) {
    let UnreadableClient { id, fault } = unreadable;
    let reason = fault.reason();
    tracing::warn!(target: "chancery::store", { client.id = id.as_str(), reason, detail = %fault }, "a client cannot be read");
}

/// Somebody administered, or tried to. `outcome` is `done`, or the reason of the refusal.
pub(crate) fn admin_acted(by: &Authority, verb: &'static str, subject: &str, outcome: &'static str) {
    let (actor, tenant) = match by {
        Authority::Administrator { client, tenant } => (client.id.as_str(), Some(tenant.as_str())),
        // No client can be called this: ids hold no blank.
        Authority::MasterKey => ("the master key", None),
    };
    tracing::info!(target: "chancery::audit", actor, tenant, verb, subject, outcome, "administered");
}
