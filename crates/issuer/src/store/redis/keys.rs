//! The keys, and how large each may become. What bears `{chancery}` has no time to live unless it is said, and is bounded
//! in another way. Families lie in 256 slots of their own, and go by themselves.

use aws_lc_rs::digest::{SHA256, digest};
use chancery_revocation::LogId;
use chancery_token::{ClientId, FamilyId, TenantId};

/// Layout, counter, floor, identity, owner, and the name of the first log that began: a hash of six fields.
pub(super) const STORE: &str = "{chancery}:store";
/// Version, sealed bytes and last change of the keyring: a hash of three fields.
pub(super) const KEYRING: &str = "{chancery}:keyring";
/// Who changed last: a sorted set of at most [`MOST_CHANGED`] ids.
pub(super) const CHANGES: &str = "{chancery}:changes";
/// Where the revocation log is, and what was let go of it: a hash of eight fields. One of them are its marks, which
/// are bounded where they are written.
pub(super) const LOG: &str = "{chancery}:log";
/// Its entries: a sorted set without scores, of the sequence as eight bytes and the bytes of the entry. Issuers append
/// no more than can be alive ([`chancery_revocation::MAX_IDS`]), and trim it.
pub(super) const LOG_ROWS: &str = "{chancery}:log:rows";

/// The layout that is written: 2 has the revocation log, 3 the families. An earlier one is taken to it.
pub(super) const LAYOUT: u32 = 3;
/// Those that can be taken to it.
pub(super) const EARLIER_LAYOUTS: [&str; 2] = ["1", "2"];
/// More changed clients than this are answered as "all": whoever asks reads them one by one.
pub(super) const MOST_CHANGED: usize = 1000;
/// Sets over which the ids of all clients are spread.
pub(super) const SHARDS: u16 = 256;
/// Most ids in one of them: two million clients in all.
pub(super) const MOST_IN_SHARD: usize = 8192;

/// The record of one client, which is bounded where it is written.
pub(super) fn client(id: &str) -> String {
    format!("{{chancery}}:client:{id}")
}

/// The entries of a log that is to begin. It has an hour to do so.
pub(super) fn staged(log: &LogId) -> String {
    format!("{{chancery}}:log:staged:{log}")
}

/// One of the sets of ids.
pub(super) fn shard(number: u16) -> String {
    format!("{{chancery}}:clients:{number:02x}")
}

/// The set that holds `id`.
pub(super) fn shard_of(id: &ClientId) -> String {
    let hash = digest(&SHA256, id.as_str().as_bytes());
    shard(hash.as_ref().first().copied().unwrap_or(0).into())
}

/// A family, as bytes, until a day after its last one. Its key is short: there are many.
pub(super) fn family(id: FamilyId) -> String {
    format!("{{f{:02x}}}:{id}", family_shard(id))
}

/// Families that ended and whose entry of the revocation log is owed: a sorted set without scores, until none of them
/// could live any more.
pub(super) fn ended(shard: u16) -> String {
    format!("{{f{shard:02x}}}:ended")
}

/// The shard of a family. Ids are drawn at random, so they spread by themselves.
pub(super) fn family_shard(id: FamilyId) -> u16 {
    let [first, ..] = *id.as_bytes();
    first.into()
}

/// The families of a client in a tenant, by when they began: a sorted set of at most as many as it may have at once, until
/// the last of them is over. A client id has no colon.
pub(super) fn families_of(client: &ClientId, tenant: &TenantId) -> String {
    format!("{{chancery}}:families:{client}:{tenant}")
}

/// That something was used which can be used once, until it could not be used anyway.
pub(super) fn used(digest: &[u8; 32]) -> String {
    digest.iter().fold("{chancery}:used:".to_owned(), |key, byte| key + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_shard_stays_the_same_for_good() {
        assert_eq!(shard_of(&"billing".parse().unwrap()), "{chancery}:clients:0c");
        assert_eq!(shard(SHARDS - 1), "{chancery}:clients:ff");
        assert_eq!(client("billing"), "{chancery}:client:billing");
        let id = FamilyId::from_bytes([0xab; 16]);
        assert_eq!(family(id), format!("{{fab}}:{id}"));
        assert_eq!(ended(family_shard(id)), "{fab}:ended");
        assert_eq!(used(&[0xfe; 32]), format!("{{chancery}}:used:{}", "fe".repeat(32)));
    }
}
