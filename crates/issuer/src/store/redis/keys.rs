//! The keys, and how large each may become. None has a time to live, so each is bounded in another way.

use aws_lc_rs::digest::{SHA256, digest};
use chancery_revocation::LogId;
use chancery_token::ClientId;

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

/// The layout that is written: 2 has the revocation log. An earlier one is taken to it.
pub(super) const LAYOUT: u32 = 2;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_shard_stays_the_same_for_good() {
        assert_eq!(shard_of(&"billing".parse().unwrap()), "{chancery}:clients:0c");
        assert_eq!(shard(SHARDS - 1), "{chancery}:clients:ff");
        assert_eq!(client("billing"), "{chancery}:client:billing");
    }
}
