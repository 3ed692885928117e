//! A family begins: it is durable before its first token is told.

use super::end::last_used;
use super::{NotRefreshed, RefreshAnswer};
use crate::audit;
use crate::client::{Client, Refresh};
use crate::family::{Family, GRACE, RefreshRefusal, WhyEnded};
use crate::issuer::{Issuer, Unread};
use crate::store::{BeginFamilyError, EndedFamily, StoreFault};
use chancery_token::FamilyId;
use std::time::Duration;

/// Families that are noted as over in one go: a few more than the one whose place is needed, for others come as well.
const AT_ONCE: usize = 64;
/// How far the clocks of two issuers may be apart ([`crate::revocation::SKEW`] says why).
const CLOCKS_APART: Duration = Duration::from_mins(2);
/// How often room is made. After a revocation everybody begins anew at once, and takes it.
const ATTEMPTS: usize = 32;

impl Issuer {
    /// A name for a new family: 16 bytes that nobody can predict.
    pub(crate) fn draw_family_id(&self) -> FamilyId {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        FamilyId::from_bytes(id)
    }

    /// Stores a family of `client`, and answers its first token.
    pub(crate) async fn begin_family(
        &self,
        family: Family,
        client: &Client,
        terms: &Refresh,
    ) -> Result<RefreshAnswer, NotRefreshed> {
        let stored = tokio::time::timeout(self.request_timeout(), self.store_begun(&family, client, terms));
        let stored = stored.await.unwrap_or_else(|_| Err(Unread::TimedOut.into()));
        stored.inspect_err(|why| match why {
            NotRefreshed::Unread(_) => self.metrics.store_fault(),
            NotRefreshed::Refused(RefreshRefusal::TooMany { live }) => {
                audit::families_at_their_limit(client, &family.tenant, *live);
            }
            NotRefreshed::Refused(_) => {}
        })?;
        self.metrics.families().begun();
        audit::family_begun(client, &family);
        let key = self.refresh_key();
        let token = key.write(family.id, &family.client, family.generation);
        let expires_at = family.idle_end.min(family.absolute_end);
        self.families.known.remember_begun(family)?;
        Ok(RefreshAnswer { token, expires_at })
    }

    async fn store_begun(
        &self,
        family: &Family,
        client: &Client,
        terms: &Refresh,
    ) -> Result<(), NotRefreshed> {
        // Whose first token was not used when its access token had expired lost the answer, or has no use for it: it does
        // not keep others out.
        let unused_since = family.created_at.minus(client.lifetime.saturating_add(GRACE));
        for _ in 0..ATTEMPTS {
            let live = match self.store.begin_family(family, terms.most_families, unused_since).await {
                Ok(()) => return Ok(()),
                Err(BeginFamilyError::TooMany { live }) => live,
                Err(BeginFamilyError::Fault(fault)) => return Err(fault.into()),
            };
            if !self.note_those_that_are_over(family).await? {
                return Err(RefreshRefusal::TooMany { live }.into());
            }
        }
        Err(StoreFault::Busy.into())
    }

    /// Of the families beside `beside`, those that the log ends, or a revoked key, and whose records do not say so, for nobody
    /// came with a token of theirs since. Whether there was one: what was revoked keeps nobody from beginning anew.
    async fn note_those_that_are_over(&self, beside: &Family) -> Result<bool, StoreFault> {
        let now = self.now();
        let live = self.store.live_families(&beside.client, &beside.tenant, now).await?;
        let (log, since) = (self.revocation_log.current(), self.keyring.refresh_epochs().since);
        // One that began right after a key was revoked may bear a time from before, by another issuer's clock.
        let has_its_key =
            |family: &Family| since.is_none_or(|since| last_used(family).plus(CLOCKS_APART) >= since);
        let is_over = |family: &&Family| log.ends(&family.marks()).is_some() || !has_its_key(family);
        let over: Vec<&Family> = live.iter().filter(is_over).take(AT_ONCE).collect();
        for family in &over {
            if self.store.end_family(family.id, WhyEnded::Revoked, now).await? {
                self.store.settle_families(&[EndedFamily::of(family, now)]).await?;
            }
        }
        Ok(!over.is_empty())
    }
}
