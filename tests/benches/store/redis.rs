//! For comparison: the same writes on a Redis that has each on disk before it answers, and on one that has not.

use crate::clients::{IN_FLIGHT, Written};
use crate::order::Order;
use crate::report::{Figure, Report};
use chancery_issuer::config::{Durability, RedisSettings};
use chancery_issuer::store::RedisStore;
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::sync::Arc;
use tokio::runtime::Runtime;

pub(crate) const ID: &str = "store.redis.writes";
const ROUNDS: usize = 7;
const CLIENTS: u32 = 10_000;

pub(crate) fn measure(runtime: &Arc<Runtime>, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let kinds = [
        ("fsync_always", RedisOptions::default(), Durability::Verified),
        ("in_memory", RedisOptions::default().in_memory(), Durability::Volatile),
    ];
    for (name, options, durability) in kinds {
        let server = RedisServer::start(options);
        let url = server.url().parse().map_err(|fault| format!("{}: {fault}", server.url()))?;
        let store =
            runtime.block_on(RedisStore::open(&RedisSettings { durability, ..RedisSettings::new(url) }));
        let store = Written::take(runtime, Arc::new(store.map_err(|fault| fault.to_string())?))?;
        let (rounds, clients) = if order.quick { (1, CLIENTS / 20) } else { (ROUNDS, CLIENTS) };
        store.insert(clients / 4)?;
        let mut writes = Vec::new();
        for _ in 0..rounds {
            writes.push(f64::from(clients) / store.insert(clients)?.as_secs_f64());
        }
        report.add(Figure {
            note: format!("clients inserted with {IN_FLIGHT} in flight, Redis on the same machine"),
            ..Figure::new(format!("{ID}.{name}"), "/s", writes)
        });
    }
    Ok(())
}
