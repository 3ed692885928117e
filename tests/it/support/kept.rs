//! What a store holds of sessions, asked of the store alone.

use chancery_issuer::config::{Durability, RedisSettings};
use chancery_issuer::family::Family;
use chancery_issuer::store::{EndedFamily, RedisStore, Store as _};
use chancery_tests::redis_server::RedisServer;
use chancery_token::FamilyId;
use tokio::runtime::Builder;

/// The record of a session, if there is one.
pub(crate) fn family(redis: &RedisServer, sid: &str) -> Option<Family> {
    let id = FamilyId::parse(sid).unwrap();
    asked(redis, async move |store| store.family(id).await.unwrap())
}

/// The sessions that ended and of which the revocation log does not say so yet, as far as the store knows.
pub(crate) fn owed(redis: &RedisServer) -> Vec<EndedFamily> {
    asked(redis, async |store| store.ended_families(100).await.unwrap())
}

fn asked<T>(redis: &RedisServer, ask: impl AsyncFnOnce(RedisStore) -> T) -> T {
    // Whatever it promises: this only reads.
    let durability = Durability::Volatile;
    let settings = RedisSettings { durability, ..RedisSettings::new(redis.url().parse().unwrap()) };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { ask(RedisStore::open(&settings).await.unwrap()).await })
}
