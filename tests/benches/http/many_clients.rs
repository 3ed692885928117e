//! Whether many clients make the issuer slow.

use crate::affinity::Placement;
use crate::issuer::{CLIENTS, Issuer, Kept};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::turns;

const ID: &str = "http.token.many_clients";
const FLOOR: f64 = 0.95;
const REQUESTS: usize = 100_000;
/// Clients in the larger store.
const STORED: usize = 100_000;
/// Those of them that ask, in turn: half of what an issuer keeps in memory by default, for a cache in shards may
/// drop one before all of it is full.
const ASKING: usize = 5000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if !order.chooses(ID) {
        return Ok(());
    }
    let (stored, asking) = if order.quick { (STORED / 100, ASKING / 100) } else { (STORED, ASKING) };
    let (few, mut many) =
        (Issuer::set_up("few_clients", Kept::Embedded)?, Issuer::set_up("many_clients", Kept::Embedded)?);
    many.multiply(stored)?;
    let mut few = few.serve(CLIENTS, Placement::Apart)?;
    let mut many = many.serve(asking, Placement::Apart)?;
    let rounds = turns::take(&mut [&mut few, &mut many], REQUESTS, order)?;
    let (ratio, lowest, highest) = rounds.ratio(0, 1, |round| round.micros);
    let micros = |server| rounds.median(server, |round| round.micros);
    let per_second = |server| rounds.median(server, |round| round.per_second);
    let note = format!(
        "{lowest:.2} to {highest:.2}; {stored} clients in the store, {asking} of them ask in turn, all cached: {:.1} µs of \
         processor a request, {:.0} requests/s; {CLIENTS} clients: {:.1} µs, {:.0}/s",
        micros(1),
        per_second(1),
        micros(0),
        per_second(0)
    );
    let id = ID.to_owned();
    report.add(Figure { id, value: ratio, unit: "x", limit: None, allowed: 1.0, floor: Some(FLOOR), note });
    few.end()?;
    many.end()
}
