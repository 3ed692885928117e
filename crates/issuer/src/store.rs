//! Where an issuer keeps what must outlive it.
//!
//! One trait of domain verbs. Whoever implements it passes the suite in `store/contract.rs`: that suite, not
//! this text, says what a store does.

mod family;
mod fault;
mod identity;
mod log;
mod record;
mod redis;
mod sqlite;

#[cfg(test)]
pub(crate) mod contract;

pub use family::{Advanced, AdvancedLike, BeginFamilyError, EndedFamily, Likeness};
pub use fault::{InitialiseError, InsertError, ReplaceError, ReplaceKeyringError, StoreFault};
pub use identity::{Identity, IdentityFault, MasterKeyError, master_key};
pub use log::{AppendLogError, Trim};
pub use redis::{RedisFault, RedisStore};
pub use sqlite::{OpenFault, SqliteStore};

use crate::client::Client;
use crate::family::{Family, Presented, WhyEnded};
use async_trait::async_trait;
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::fmt;
use std::sync::Arc;

/// The verbs of a store. Each answers when its effect is durable, or not at all.
///
/// A fault of the store is never an answer about a client: callers turn it into 503.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Reads a client.
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault>;

    /// Reads clients in the order of their ids, byte by byte: those behind `after` (`None`: from the first one on),
    /// at most `limit`. Fewer than that are the last ones. One whose record cannot be read stands in its place, and
    /// does not keep the others back.
    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault>;

    /// Stores a client whose id is new.
    async fn insert_client(&self, client: &Client) -> Result<(), InsertError>;

    /// Puts `next` in the place of `expected`, if that is still what is stored. So two changes made at the same
    /// time never undo each other: whoever comes second reads again and decides again.
    ///
    /// The `witnesses` are other clients on whom the decision rests: they too must still be stored as they are
    /// given, at the same instant. So two administrators cannot switch each other off, each counting on the other,
    /// and one who is switched off meanwhile changes nothing any more.
    async fn replace_client(
        &self,
        expected: &Client,
        next: &Client,
        witnesses: &[&Client],
    ) -> Result<(), ReplaceError>;

    /// Reads the sealed keyring; `None` before the first one is stored.
    async fn keyring(&self) -> Result<Option<SealedKeyring>, StoreFault>;

    /// Stores a keyring, if the stored one still has the version `expected` (`None`: if there is none). Answers
    /// the version of the new one.
    async fn replace_keyring(&self, expected: Option<u64>, blob: &[u8]) -> Result<u64, ReplaceKeyringError>;

    /// Reads whose store this is; `None` before [`Store::initialise`].
    async fn identity(&self) -> Result<Option<Identity>, StoreFault>;

    /// Says once and for all whose store this is.
    async fn initialise(&self, identity: &Identity) -> Result<(), InitialiseError>;

    /// What changed after `since`. An issuer asks every 250 ms, and drops what it had cached of it.
    async fn changes(&self, since: ChangeCounter) -> Result<Changes, StoreFault>;

    /// Everything that is stored of the revocation log, as of one moment; `None` before [`Store::begin_log`].
    async fn log(&self) -> Result<Option<Stored>, StoreFault>;

    /// Where the revocation log ends; `None` before [`Store::begin_log`]. Cheap: it is asked every 250 ms.
    async fn log_tail(&self) -> Result<Option<Position>, StoreFault>;

    /// The entries after `after`, in order, at most `limit` and sometimes fewer: none are left when the answer is empty.
    /// One of a kind that this version does not know is a fault, and never stepped over. Where `after` lies before the
    /// anchor, the answer begins behind the anchor: what was in between cannot be told any more ([`Store::log`]).
    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault>;

    /// Puts a whole log in the place of the one that ends at `expected` (`None`: of none), at one instant: at the
    /// first start, and after a recovery. Its name is a new one: the first of all is remembered also by a store that lost its
    /// log, and none begins under it again ([`AppendLogError::Moved`]). The highest floor stays. A log that stands exactly
    /// there already is answered like one that was put there.
    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError>;

    /// Appends the entries of `batch`, all or none, if the log still ends at `batch.from`. Durable when it answers.
    /// Where it ends at `batch.to` the batch is there already, and is answered like one that was appended: in doubt,
    /// send the same batch again.
    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError>;

    /// Answers once everything up to `at` is as durable as what was appended here: whoever sees an entry in the log does
    /// not know yet that it outlives the server. Where the log went on behind `at`, that is as good; where it did not come
    /// as far, or is another one, it moved.
    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError>;

    /// Lets go what nobody needs any more. Where the log meanwhile is another one than `of`, or behind it, nothing is
    /// done.
    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault>;

    /// Reads a family, as it stands; `None`: there is none, or it is long over.
    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault>;

    /// Stores a family whose id is new, if at most `most` live families of its client in its tenant are there with it.
    /// Where there are as many already, one that was never used since `unused_since` makes room: nobody has heard of it, its
    /// answer was lost. It is durable when this answers. The same family once more is answered like the first time.
    async fn begin_family(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError>;

    /// The families of a client in a tenant that live at `now`, as far as their records say, in no order. There are no more
    /// than it may have at once.
    async fn live_families(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault>;

    /// Decides by [`Family::present`] about `presented` against the stored record, and writes what it says in the same
    /// step. The two never differ: the store has written a rotation exactly when the decision says "rotate", and it is durable
    /// when this answers. A family that a replay ends stands in the outbox from the same instant on.
    async fn advance(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault>;

    /// As [`Store::advance`], for whoever did not read the family: only if it is like `like`, and not over before `until`
    /// whatever becomes of it. Otherwise nothing is decided and nothing written, and it is answered as it stands.
    async fn advance_like(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: &Arc<Likeness>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault>;

    /// Ends a family that lives; one that is over or unknown stays as it is. It stands in the outbox from the same
    /// instant on. Whether there was one to end.
    async fn end_family(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault>;

    /// Families that were ended, and whose entry of the revocation log is not known to be written: at most `limit`, in no
    /// order. Every issuer asks, and writes them.
    async fn ended_families(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault>;

    /// The entries of these are written.
    async fn settle_families(&self, settled: &[EndedFamily]) -> Result<(), StoreFault>;

    /// Whether `digest` is seen for the first time; remembers it until `until`. For the `jti` of what may be used once
    /// (RFC 7523 section 3, RFC 9449 section 11.1). It need not outlive a crash of the store.
    async fn first_use(&self, digest: &[u8; 32], until: UnixTime, now: UnixTime) -> Result<bool, StoreFault>;

    /// Whether the store would take a write and answer a read.
    async fn ping(&self) -> Result<(), StoreFault>;
}

/// One place in a list of clients.
pub type ListedClient = Result<Client, UnreadableClient>;

/// A client of whom nothing is known but that there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct UnreadableClient {
    /// Its id, as it stands in the store.
    pub id: String,
    /// Why its record cannot be read.
    pub fault: StoreFault,
}

/// The id under which it is stored.
pub(crate) fn listed_id(listed: &ListedClient) -> &str {
    match listed {
        Ok(client) => client.id.as_str(),
        Err(unreadable) => &unreadable.id,
    }
}

/// A keyring as it rests in the store: sealed under the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKeyring {
    /// Grows by one with every change.
    pub version: u64,
    /// What [`crate::master_key::MasterKey::seal`] made.
    pub blob: Vec<u8>,
}

/// Grows with every change of a client or of the keyring. It has nothing to do with the revocation log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeCounter(pub u64);

impl ChangeCounter {
    /// Before every change.
    pub const START: Self = Self(0);
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The counter to ask with the next time.
    pub counter: ChangeCounter,
    /// The clients that changed.
    pub clients: ChangedClients,
    /// Whether the keyring changed.
    pub keyring: bool,
}

/// Which clients changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedClients {
    /// Nobody can say, or too many: every cached one is to be read again.
    All,
    /// These, in no order.
    These(Vec<ClientId>),
}
