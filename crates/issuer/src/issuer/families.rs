//! Refresh families at work: one begins, goes on, ends.

mod begin;
mod end;
mod go_on;
mod known;
mod sweep;
mod to_its_end;

pub(crate) use go_on::Going;
pub(crate) use known::KnownFamily;

use super::{Issuer, Unread};
use crate::family::{Family, RefreshKey, RefreshRefusal, RefreshToken};
use crate::http::{Admission, Admitted};
use crate::keyring::Keyring;
use crate::store::StoreFault;
use arc_swap::ArcSwap;
use chancery_token::{ClientId, Environment, FamilyId, UnixTime};
use known::KnownFamilies;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What families need beyond one request.
#[derive(Debug)]
pub(super) struct Families {
    known: KnownFamilies,
    /// The key that tokens are written under now.
    key: ArcSwap<RefreshKey>,
    /// Those who wait for the store. Their places are not those of other requests: a store that hangs keeps no client from
    /// a token that needs none.
    waiting: Admission,
}

/// How to go on when an access token has expired.
pub(crate) struct RefreshAnswer {
    /// The newest refresh token of the family.
    pub(crate) token: Zeroizing<String>,
    /// From this second on it is over, unless it is used before.
    pub(crate) expires_at: UnixTime,
}

/// Why there is no refresh token.
#[derive(Debug)]
pub(crate) enum NotRefreshed {
    /// The request is to blame.
    Refused(RefreshRefusal),
    /// Nobody can say.
    Unread(Unread),
}

impl From<RefreshRefusal> for NotRefreshed {
    fn from(why: RefreshRefusal) -> Self {
        Self::Refused(why)
    }
}

impl From<Unread> for NotRefreshed {
    fn from(why: Unread) -> Self {
        Self::Unread(why)
    }
}

impl From<StoreFault> for NotRefreshed {
    fn from(fault: StoreFault) -> Self {
        Self::Unread(Unread::Store(fault))
    }
}

impl Families {
    /// Remembers `capacity` families and as many clients' likenesses, and lets `concurrent_requests` wait for the store.
    pub(super) fn new(
        keyring: &Keyring,
        environment: Environment,
        capacity: usize,
        concurrent_requests: usize,
    ) -> Self {
        let key = keyring.refresh_key(keyring.refresh_epochs().lowest, environment);
        Self {
            known: KnownFamilies::new(capacity),
            key: ArcSwap::from_pointee(key),
            waiting: Admission::new(concurrent_requests),
        }
    }
}

impl Issuer {
    /// A place to wait for the store in, unless all are taken.
    pub(crate) fn wait_for_families(&self) -> Result<Admitted, Unread> {
        self.families.waiting.enter().ok_or(Unread::TooMany)
    }

    /// The key that tokens are written under now.
    pub(crate) fn refresh_key(&self) -> Arc<RefreshKey> {
        let lowest = self.keyring.refresh_epochs().lowest;
        let held = self.families.key.load_full();
        if held.epoch() == lowest {
            return held;
        }
        let key = Arc::new(self.keyring.refresh_key(lowest, self.environment()));
        self.families.key.store(Arc::clone(&key));
        key
    }

    /// The key that the token of `client` was written under, and its successor is. No store is asked.
    pub(crate) fn refresh_key_of(
        &self,
        token: &RefreshToken,
        client: &ClientId,
    ) -> Result<Arc<RefreshKey>, RefreshRefusal> {
        let key = self.refresh_key();
        let key = match token.epoch.cmp(&key.epoch()) {
            std::cmp::Ordering::Less => return Err(self.older_key(token, client)),
            std::cmp::Ordering::Equal => key,
            // Another issuer knows of a revoked key already, and this one will in a moment. That the token is good shows
            // all the same: whoever stole a key comes to no other.
            std::cmp::Ordering::Greater => {
                Arc::new(self.keyring.refresh_key(token.epoch, self.environment()))
            }
        };
        if key.is_of(token, client) { Ok(key) } else { Err(RefreshRefusal::AnotherClients) }
    }

    fn older_key(&self, token: &RefreshToken, client: &ClientId) -> RefreshRefusal {
        let was_ours = self.keyring.refresh_key(token.epoch, self.environment()).is_of(token, client);
        if was_ours { RefreshRefusal::EpochRevoked } else { RefreshRefusal::AnotherClients }
    }

    /// The family of this id, as it stands.
    pub(crate) async fn stored_family(&self, id: FamilyId) -> Result<Option<Family>, Unread> {
        let read = tokio::time::timeout(self.request_timeout(), self.store.family(id)).await;
        let read = read.map_err(|_| Unread::TimedOut).and_then(|read| read.map_err(Unread::Store));
        read.inspect_err(|_| self.metrics.store_fault())
    }
}
