//! Sessions that go on by refresh tokens: real processes, both stores.

mod at_once;
mod ended;
mod lost;

use crate::revocation::world::World;
use crate::support::{Refresher, counted};

/// A client that is registered on the first machine.
fn refresher(world: &World, id: &str) -> Refresher {
    let machine = &world.machines[0];
    Refresher::register(&machine.chancery, &machine.folder, id)
}

/// How many refresh tokens were this, at all issuers together.
fn seen(world: &World, outcome: &str) -> u64 {
    let series = format!("chancery_refreshes_total{{outcome=\"{outcome}\"}}");
    counted(&world.http, &world.servers, &series)
}
