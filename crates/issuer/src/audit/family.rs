//! What became of refresh families.

use super::told;
use crate::admin::Authority;
use crate::client::Client;
use crate::family::{Epoch, Family, Generation, WhyEnded};
use crate::store::EndedFamily;
use chancery_revocation::{Kind, Sequence};
use chancery_token::TenantId;

/// A family is stored, and its first token about to be answered.
pub(crate) fn family_begun(client: &Client, family: &Family) {
    tracing::debug!(
        target: "chancery::audit",
        family = %family.id,
        client.id = family.client.as_str(),
        client.owner = client.owner.as_str(),
        tenant = family.tenant.as_str(),
        ancestors = family.ancestors.len(),
        until = family.absolute_end.as_secs(),
        "family begun"
    );
}

/// No family began: as many of the client's live as may.
pub(crate) fn families_at_their_limit(client: &Client, tenant: &TenantId, live: u32) {
    tracing::warn!(
        target: "chancery::audit",
        { client.id = client.id.as_str(),
            client.owner = client.owner.as_str(),
            tenant = tenant.as_str(),
            live },
        "no family begun: as many live as may"
    );
}

/// A refresh token came again that was rotated away long ago: somebody has a copy.
pub(crate) fn refresh_replayed(family: &Family, presented: Generation, is_over: bool) {
    tracing::warn!(
        target: "chancery::audit",
        { alarm = "refresh_replayed",
            family = %family.id,
            client.id = family.client.as_str(),
            tenant = family.tenant.as_str(),
            presented = presented.0,
            current = family.generation.0,
            is_over },
        "refresh token replayed"
    );
}

/// Several generations in a row were delivered twice: two holders refresh side by side.
pub(crate) fn family_shared(family: &Family, generation: Generation) {
    tracing::warn!(
        target: "chancery::audit",
        { alarm = "refresh_in_lockstep",
            family = %family.id,
            client.id = family.client.as_str(),
            tenant = family.tenant.as_str(),
            generation = generation.0 },
        "a refresh token seems to have two holders"
    );
}

/// A good token is ahead of its record: the store lost rotations that it had confirmed.
pub(crate) fn store_regressed(family: &Family, stored: Generation, presented: Generation) {
    tracing::error!(
        target: "chancery::audit",
        { alarm = "store_regressed",
            family = %family.id,
            client.id = family.client.as_str(),
            tenant = family.tenant.as_str(),
            stored = stored.0,
            presented = presented.0 },
        "the store has lost rotations that it had confirmed; the family goes on. Look at its durability and its backups"
    );
}

/// The log says of a family that it ended.
pub(crate) fn family_ended(family: &EndedFamily, why: Option<WhyEnded>, sequence: Sequence) {
    let why = match why {
        Some(WhyEnded::Replayed) => "replayed",
        Some(WhyEnded::Revoked) => "revoked",
        // Whoever ended it was stopped, and said why in its own log.
        None => "swept",
    };
    tracing::info!(
        target: "chancery::audit",
        family = %family.id,
        client.id = family.client.as_str(),
        tenant = family.tenant.as_str(),
        why,
        sequence = sequence.get(),
        "family ended"
    );
}

/// A client ended a family of its own, or so much that all of its own is ended. The entry is durable.
pub(crate) fn family_revoked(client: &Client, family: &Family, entry: Kind, sequence: Sequence) {
    tracing::info!(
        target: "chancery::audit",
        entry = entry.as_str(),
        family = %family.id,
        client.id = client.id.as_str(),
        client.owner = client.owner.as_str(),
        tenant = family.tenant.as_str(),
        sequence = sequence.get(),
        "family revoked"
    );
}

/// An administrator revoked a refresh key, with every family whose tokens were written under it.
pub(crate) fn refresh_epoch_revoked(
    by: &Authority,
    epoch: Option<Epoch>,
    because: &str,
    outcome: &'static str,
) {
    let (actor, tenant) = told(by);
    let number = epoch.map(|epoch| format!(" {}", epoch.0)).unwrap_or_default();
    let (verb, subject) = ("revoke", format!("refresh_epoch{number}"));
    tracing::info!(target: "chancery::audit", actor, tenant, verb, subject, outcome, because, "administered");
}
