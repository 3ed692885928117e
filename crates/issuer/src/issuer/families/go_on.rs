//! A refresh token is presented, and everything about it is good but its number: what that means, the store decides with the
//! record as it stands.

use super::to_its_end::to_its_end;
use super::{NotRefreshed, RefreshAnswer};
use crate::audit;
use crate::client::Client;
use crate::family::{
    Decision, Family, Generation, OnReplay, Presented, Proof, Redelivery, RefreshKey, RefreshRefusal,
    Rotation,
};
use crate::issuer::{Issuer, Unread};
use crate::metrics::{Alarm, Refreshed};
use crate::store::{Advanced, AdvancedLike, Likeness};
use chancery_token::{Confirmation, FamilyId, UnixTime};
use std::sync::Arc;

/// What is presented.
pub(crate) struct Going {
    pub(crate) id: FamilyId,
    pub(crate) generation: Generation,
    /// The key that its token was written under, and its successor is.
    pub(crate) key: Arc<RefreshKey>,
    /// Whose it is.
    pub(crate) client: Arc<Client>,
    /// What the family is taken for.
    pub(crate) like: Arc<Likeness>,
    /// Until when it must live, whatever becomes of it: the end of its access token.
    pub(crate) until: UnixTime,
    pub(crate) on_replay: OnReplay,
    /// What it is bound to, where that was proved.
    pub(crate) bound_to: Option<Confirmation>,
    /// Whether the client proved who it is.
    pub(crate) is_authenticated: bool,
}

impl Going {
    fn presented(&self) -> Presented<'_> {
        let proof = match (&self.bound_to, self.is_authenticated) {
            (Some(key), _) => Proof::Key(key),
            (None, true) => Proof::Authenticated,
            (None, false) => Proof::Nothing,
        };
        Presented { generation: self.generation, client: &self.client.id, proof, on_replay: self.on_replay }
    }

    fn answer(&self, generation: Generation, record: &Family) -> RefreshAnswer {
        let token = self.key.write(self.id, &self.client.id, generation);
        RefreshAnswer { token, expires_at: record.idle_end.min(record.absolute_end) }
    }
}

impl Issuer {
    /// Goes on with a family. Whoever stops waiting finds what was decided carried out all the same. `None`: it is another
    /// one than it was taken for, and nothing was done.
    pub(crate) async fn go_on(self: &Arc<Self>, going: Going) -> Result<Option<RefreshAnswer>, NotRefreshed> {
        let issuer = Arc::clone(self);
        let working = to_its_end(async move { issuer.carry_on(&going).await });
        if let Ok(done) = tokio::time::timeout(self.request_timeout(), working).await {
            return done;
        }
        // Time is up. Nobody knows what became of it, and the same token can be sent again.
        self.metrics.store_fault();
        Err(Unread::TimedOut.into())
    }

    async fn carry_on(&self, going: &Going) -> Result<Option<RefreshAnswer>, NotRefreshed> {
        let Going { id, ref like, until, .. } = *going;
        let advanced = self.store.advance_like(id, &going.presented(), like, until, self.now()).await;
        let (before, decision) = match advanced.inspect_err(|_| self.metrics.store_fault())? {
            AdvancedLike::Like(Advanced::Decided { before, decision }) => (before, decision),
            AdvancedLike::Like(Advanced::Unknown) => {
                self.families.known.forget(id);
                return Err(RefreshRefusal::Unknown.into());
            }
            AdvancedLike::Unlike(family) => {
                self.families.known.remember(*family)?;
                return Ok(None);
            }
        };
        let seen = self.metrics.families();
        match decision {
            Decision::Rotate(rotation) => {
                let Rotation { after, regressed_from } = *rotation;
                seen.refreshed(Refreshed::Rotated);
                if let Some(stored) = regressed_from {
                    seen.alarmed(Alarm::StoreRegressed);
                    audit::store_regressed(&after, stored, going.generation);
                }
                Ok(Some(going.answer(after.generation, &after)))
            }
            Decision::Redeliver(Redelivery { generation, noted: _, is_suspicious }) => {
                seen.refreshed(Refreshed::Redelivered);
                if is_suspicious {
                    seen.alarmed(Alarm::Lockstep);
                    audit::family_shared(&before, generation);
                }
                Ok(Some(going.answer(generation, &before)))
            }
            Decision::Replay { after } => {
                seen.refreshed(Refreshed::Replayed);
                seen.alarmed(Alarm::Replay);
                let is_over = after.is_some();
                audit::refresh_replayed(&before, going.generation, is_over);
                if let Some(ended) = after {
                    self.families.known.forget(going.id);
                    // The record says it already; where the log cannot be told now, the sweep tells it.
                    Box::pin(self.tell_of_end(&ended)).await;
                }
                Err(RefreshRefusal::Replayed { is_over }.into())
            }
            Decision::Refuse(refused) => Err(RefreshRefusal::from(refused).into()),
        }
    }
}
