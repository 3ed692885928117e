//! What a store holds, asked of the store alone: an issuer that goes on remembers what its store has lost.

use chancery_issuer::config::{Durability, RedisSettings};
use chancery_issuer::store::{RedisStore, SqliteStore, Store};
use chancery_revocation::{IdMark, Kill};
use chancery_token::TokenId;
use std::collections::BTreeSet;
use std::path::Path;
use tokio::runtime::Builder;

/// The tokens that are revoked in a store.
pub(super) struct Found(BTreeSet<IdMark>);

impl Found {
    pub(super) fn has(&self, id: TokenId) -> bool {
        self.0.contains(&IdMark::of_token(id))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

pub(super) fn in_redis(url: &str) -> Found {
    // Whatever it promises: this only reads.
    let settings =
        RedisSettings { durability: Durability::Volatile, ..RedisSettings::new(url.parse().unwrap()) };
    block_on(async { tokens(&RedisStore::open(&settings).await.unwrap()).await })
}

pub(super) fn in_file(path: &Path) -> Found {
    block_on(async { tokens(&SqliteStore::open(path).unwrap()).await })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn tokens(store: &dyn Store) -> Found {
    // A store that never synced anything has not even a log.
    let entries = store.log().await.unwrap().map(|stored| [stored.loose, stored.since].concat());
    let kills = entries.unwrap_or_default().into_iter().map(|entry| entry.kill);
    Found(
        kills.filter_map(|kill| if let Kill::Token { jti, .. } = kill { Some(jti) } else { None }).collect(),
    )
}
