//! Families that were read once, and how the families of a client mostly are.
//!
//! Whoever goes on with a family that was not read here is decided about as if it were like the last one of its client that
//! was: the store advances it only if it is, and so is asked once.

use crate::family::Family;
use crate::issuer::{Issuer, Unread};
use crate::store::{Likeness, StoreFault};
use chancery_revocation::{Kill, Sequence, TokenMarks};
use chancery_token::{ClientId, FamilyId, UnixTime};
use quick_cache::sync::Cache;
use std::sync::Arc;

/// A family as it was when it was read: what never changes of it is known without asking for it again, and nothing else
/// may be read from it.
#[derive(Debug)]
pub(crate) struct KnownFamily {
    pub(crate) like: Arc<Likeness>,
    /// What the revocation log can name of it.
    pub(crate) marks: TokenMarks,
}

/// Bounded by number, both of them.
#[derive(Debug)]
pub(super) struct KnownFamilies {
    families: Cache<FamilyId, Arc<KnownFamily>>,
    /// How the last family of a client was that was read, or begun unlike the one before it.
    of_clients: Cache<ClientId, Arc<KnownFamily>>,
}

impl KnownFamily {
    fn of(family: Family) -> Result<Self, StoreFault> {
        Ok(Self { marks: family.marks(), like: Arc::new(Likeness::of(family)?) })
    }

    /// As far as it never changes.
    pub(crate) fn family(&self) -> &Family {
        self.like.family()
    }

    /// What others like it are taken for. When one of them began and ends is not known: every entry by name is held against
    /// it, and the store is told until when it must live. No family is called so.
    fn of_others(family: &Family) -> Result<Self, StoreFault> {
        let (id, rvs0, absolute_end) = (FamilyId::from_bytes([0; 16]), Sequence::new(0), UnixTime::MAX);
        Self::of(Family { id, rvs0, absolute_end, ..family.clone() })
    }
}

impl KnownFamilies {
    /// Keeps `capacity` families, and how those of as many clients are.
    pub(super) fn new(capacity: usize) -> Self {
        Self { families: Cache::new(capacity), of_clients: Cache::new(capacity) }
    }

    /// One that was stored. Those that are as their client's mostly are need no place.
    pub(super) fn remember_begun(&self, family: Family) -> Result<(), StoreFault> {
        let usual = self.of_clients.get(&family.client);
        if usual.is_some_and(|usual| usual.like.is_of(&family)) {
            return Ok(());
        }
        self.remember(family).map(|_| ())
    }

    /// One that was read, because it could not be done without.
    pub(super) fn remember(&self, family: Family) -> Result<Arc<KnownFamily>, StoreFault> {
        // One that was delegated is bound to its own line, one with a key to that: no other is like it.
        if family.ancestors.is_empty() && family.cnf.is_none() {
            self.of_clients.insert(family.client.clone(), Arc::new(KnownFamily::of_others(&family)?));
        }
        let (id, known) = (family.id, Arc::new(KnownFamily::of(family)?));
        self.families.insert(id, Arc::clone(&known));
        Ok(known)
    }

    pub(super) fn forget(&self, id: FamilyId) {
        self.families.remove(&id);
    }
}

impl Issuer {
    /// What the family of this id most likely is, if it is one of `client` and nothing in the revocation log might end it.
    /// What it was begun with is to be believed only where the store agrees ([`crate::store::Store::advance_like`]).
    pub(crate) fn supposed_family(&self, id: FamilyId, client: &ClientId) -> Option<Arc<KnownFamily>> {
        let known = &self.families.known;
        if known.families.peek(&id).is_some() {
            return None;
        }
        let usual = known.of_clients.get(client)?;
        let log = self.revocation_log.current();
        let own = Kill::family(id, UnixTime::MAX);
        let may_be_over = log.ends(&usual.marks).is_some() || log.kept().ended_at(&own).is_some();
        (!may_be_over).then_some(usual)
    }

    /// The family of this id, as far as it never changes.
    pub(crate) async fn known_family(&self, id: FamilyId) -> Result<Option<Arc<KnownFamily>>, Unread> {
        if let Some(known) = self.families.known.families.get(&id) {
            return Ok(Some(known));
        }
        let Some(family) = self.stored_family(id).await? else { return Ok(None) };
        self.families.known.remember(family).map(Some).map_err(Unread::Store)
    }
}
