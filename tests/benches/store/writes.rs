//! Durable writes, many at a time, beside one `fdatasync` after the other.

use crate::clients::{IN_FLIGHT, Written};
use crate::floor::Floor;
use crate::folder::empty_folder;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::time::median;
use chancery_issuer::config::RedisSettings;
use chancery_issuer::store::{RedisStore, SqliteStore};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::sync::Arc;
use tokio::runtime::Runtime;

const EMBEDDED: &str = "store.embedded.vs_fdatasync";
const FLOOR: f64 = 5.0;
const REDIS: &str = "store.redis.writes";
const ROUNDS: usize = 7;
/// About half a second each.
const PAGES: u32 = 2000;
const CLIENTS: u32 = 10_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    let runtime = Runtime::new().map_err(|fault| format!("no runtime: {fault}"))?;
    let runtime = Arc::new(runtime);
    if order.chooses(EMBEDDED) {
        embedded(&runtime, order, report)?;
    }
    if order.chooses(REDIS) {
        redis(&runtime, order, report)?;
    }
    Ok(())
}

fn embedded(runtime: &Arc<Runtime>, order: &Order, report: &mut Report) -> Result<(), String> {
    let folder = empty_folder("bench/store")?;
    let mut floor = Floor::make(&folder)?;
    let store = SqliteStore::open(&folder.join("store.db")).map_err(|fault| fault.to_string())?;
    let store = Written::take(runtime, Arc::new(store))?;
    let (rounds, part) = if order.quick { (1, 20) } else { (ROUNDS, 1) };
    let (mut writes, mut pages) = (Vec::new(), Vec::new());
    store.round(CLIENTS / part / 4)?;
    floor.round(PAGES / part / 4)?;
    for _ in 0..rounds {
        writes.push(store.round(CLIENTS / part)?);
        pages.push(floor.round(PAGES / part)?);
    }
    let ratios: Vec<f64> = writes.iter().zip(&pages).map(|(writes, pages)| writes / pages).collect();
    let note = format!(
        "{:.1} to {:.1}; {:.0} clients/s inserted durably with {IN_FLIGHT} in flight; 4 KiB appended with fdatasync \
         {:.0}/s in the same folder",
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
        median(writes),
        median(pages)
    );
    let id = EMBEDDED.to_owned();
    report.add(Figure {
        id,
        value: median(ratios),
        unit: "x",
        limit: None,
        allowed: 1.0,
        floor: Some(FLOOR),
        note,
    });
    Ok(())
}

/// For comparison: the same on a Redis that has each write on disk before it answers, and on one that has not.
fn redis(runtime: &Arc<Runtime>, order: &Order, report: &mut Report) -> Result<(), String> {
    let kinds = [("fsync_always", RedisOptions::default().durable()), ("in_memory", RedisOptions::default())];
    for (name, options) in kinds {
        let server = RedisServer::start(options);
        let url = server.url().parse().map_err(|fault| format!("{}: {fault}", server.url()))?;
        let store = runtime.block_on(RedisStore::open(&RedisSettings::new(url)));
        let store = Written::take(runtime, Arc::new(store.map_err(|fault| fault.to_string())?))?;
        let (rounds, clients) = if order.quick { (1, CLIENTS / 20) } else { (ROUNDS, CLIENTS) };
        store.round(clients / 4)?;
        let writes = (0..rounds).map(|_| store.round(clients)).collect::<Result<Vec<f64>, _>>()?;
        let note = format!("clients inserted with {IN_FLIGHT} in flight, Redis on the same machine");
        let id = format!("{REDIS}.{name}");
        report.add(Figure {
            id,
            value: median(writes),
            unit: "/s",
            limit: None,
            allowed: 1.0,
            floor: None,
            note,
        });
    }
    Ok(())
}
