//! A family ends: its record says so, and the revocation log, which every verifier reads.

use crate::audit;
use crate::family::{self, Family, FamilyState, WhyEnded};
use crate::http::Admitted;
use crate::issuer::Issuer;
use crate::revocation::AppendFault;
use crate::store::{EndedFamily, StoreFault};
use chancery_revocation::{Kill, Retention};
use chancery_token::{FamilyId, UnixTime};

impl Issuer {
    /// The entries that end a family and every token of it. Of one whose tokens bear its own id as `sid`, one is enough.
    pub(crate) fn kills_of(&self, family: &Family) -> Vec<Kill> {
        let log = self.revocation_log.current();
        let retention = log.retention();
        let end = family.absolute_end.plus(retention.skew);
        let both = family::kills(family.id, end, self.now().plus(retention.window()));
        if family.ancestors.is_empty() { both.into_iter().take(1).collect() } else { both.to_vec() }
    }

    /// Has the log say of a family what its record says already, and clears what the store still owes. A fault is told, and
    /// nothing is lost by it: the store goes on owing.
    pub(super) async fn tell_of_end(&self, ended: &Family) {
        let FamilyState::Ended { at, why } = ended.state else { return };
        let owed = EndedFamily::of(ended, at);
        match self.revocation_log.append(&self.kills_of(ended)).await {
            Ok(appended) => {
                audit::family_ended(&owed, Some(why), appended.at.sequence);
                if let Err(fault) = self.store.settle_families(&[owed]).await {
                    self.metrics.store_fault();
                    still_owed(&fault);
                }
            }
            Err(fault) => not_told(&fault),
        }
    }

    /// Writes into the record that a family was revoked, so that it is not counted any more. The log says it already, and is
    /// what counts.
    pub(crate) async fn note_end(&self, family: &Family) {
        self.families.known.forget(family.id);
        let now = self.now();
        let noted = match self.store.end_family(family.id, WhyEnded::Revoked, now).await {
            Ok(true) => self.store.settle_families(&[EndedFamily::of(family, now)]).await,
            Ok(false) => Ok(()),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = noted {
            self.metrics.store_fault();
            still_owed(&fault);
        }
    }

    /// The same of a family whose tokens were written under a refresh key that was revoked. One that went on since then
    /// did so under another key, and whoever stole the old one must not end it.
    pub(crate) async fn note_end_by_epoch(&self, id: FamilyId, _waiting: Admitted) {
        let Some(since) = self.keyring.refresh_epochs().since else { return };
        if let Ok(Some(family)) = self.stored_family(id).await
            && last_used(&family) < since
        {
            self.note_end(&family).await;
        }
    }
}

/// When its newest token was written.
pub(super) fn last_used(family: &Family) -> UnixTime {
    family.rotations.newest().unwrap_or(family.created_at)
}

/// The entries that end a family for good, whatever it was delegated from.
pub(super) fn kills(id: FamilyId, retention: &Retention, now: UnixTime) -> [Kill; 2] {
    family::kills(id, retention.family_end(now), now.plus(retention.window()))
}

pub(super) fn not_told(fault: &AppendFault) {
    let reason = fault.reason();
    tracing::warn!(
        target: "chancery::family", reason, %fault,
        "families were ended, and the revocation log does not say so yet; it is tried again"
    );
}

pub(super) fn still_owed(fault: &StoreFault) {
    let reason = fault.reason();
    tracing::warn!(
        target: "chancery::family", reason, %fault,
        "the revocation log ends a family, and its record does not say so yet"
    );
}
