mod durable;
mod family;
mod fit;
mod keyspace;
mod killed;
mod layout;
mod link;
mod log;
mod lost;
mod tls;

use super::RedisStore;
use crate::config::RedisSettings;
use crate::store::Store;
use crate::store::contract::{self, Place};
use async_trait::async_trait;
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::sync::Arc;
use std::time::Duration;

struct Database(RedisServer);

impl Database {
    fn new() -> Self {
        Self(RedisServer::start(RedisOptions::default()))
    }
}

#[async_trait]
impl Place for Database {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(open(&self.0).await)
    }
}

contract::holds_over!(Database::new());

/// With times that a busy machine keeps. Tests of the times set their own.
fn settings(server: &RedisServer) -> RedisSettings {
    RedisSettings {
        connect_timeout: Duration::from_secs(10),
        command_timeout: Duration::from_secs(10),
        ..RedisSettings::new(server.url().parse().unwrap())
    }
}

async fn open(server: &RedisServer) -> RedisStore {
    RedisStore::open(&settings(server)).await.unwrap()
}

/// Asks again and again until the answer is yes. Not a wait for a while: the answer decides.
async fn until<F: Future<Output = bool>>(what: &str, mut look: impl FnMut() -> F) {
    for _ in 0..2000 {
        if look().await {
            return;
        }
        let mut pause = tokio::time::interval(Duration::from_millis(5));
        pause.tick().await;
        pause.tick().await;
    }
    panic!("it never came: {what}");
}
