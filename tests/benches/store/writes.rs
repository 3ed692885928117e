//! Durable writes, many at a time, beside one `fdatasync` after the other.

use crate::clients::{IN_FLIGHT, Written};
use crate::floor::Floor;
use crate::fresh::empty_folder;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::sum::Sum;
use chancery_issuer::store::SqliteStore;
use std::sync::Arc;
use tokio::runtime::Runtime;

pub(crate) const ID: &str = "store.embedded.vs_fdatasync";
const FLOOR: f64 = 5.0;
const ROUNDS: usize = 15;
/// Others use the disk too, and it is slow or fast for a while. So both take short turns, a twentieth of a second or
/// so, and a round sums up so many of them that the store has moved its log into its file within each: at 4096
/// pages, which 10,000 clients in no order fill more than once.
const TURNS: u32 = 16;
const CLIENTS: u32 = 640;
const PAGES: u32 = 125;

pub(crate) fn measure(runtime: &Arc<Runtime>, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let folder = empty_folder("bench/store")?;
    let mut floor = Floor::make(&folder)?;
    let store = SqliteStore::open(&folder.join("store.db")).map_err(|fault| fault.to_string())?;
    let store = Written::take(runtime, Arc::new(store))?;
    let (rounds, turns) = if order.quick { (1, 1) } else { (ROUNDS, TURNS) };
    round(&store, &mut floor, 1)?;
    let (mut writes, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (ours, theirs) = round(&store, &mut floor, turns)?;
        writes.push(ours.per_second());
        pages.push(theirs.per_second());
    }
    let ratios = writes.iter().zip(&pages).map(|(writes, pages)| writes / pages).collect();
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!("{IN_FLIGHT} in flight, each answered when it is durable; both in one folder"),
        ..Figure::new(ID, "x", ratios)
    });
    report.add(Figure::new(format!("{ID}.ours"), "/s", writes));
    report.add(Figure::new(format!("{ID}.append_4kib_fdatasync"), "/s", pages));
    Ok(())
}

/// Who begins changes from turn to turn.
fn round(store: &Written, floor: &mut Floor, turns: u32) -> Result<(Sum, Sum), String> {
    let (mut ours, mut theirs) = (Sum::default(), Sum::default());
    for turn in 0..turns {
        if turn % 2 == 0 {
            ours.add(CLIENTS, store.insert(CLIENTS)?);
            theirs.add(PAGES, floor.append(PAGES)?);
        } else {
            theirs.add(PAGES, floor.append(PAGES)?);
            ours.add(CLIENTS, store.insert(CLIENTS)?);
        }
    }
    Ok((ours, theirs))
}
