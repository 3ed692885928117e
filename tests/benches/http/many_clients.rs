//! Whether many clients make the issuer slow.

use crate::affinity::Placement;
use crate::curve::{Curve, Series};
use crate::issuer::{CLIENTS, Issuer, Kept};
use crate::load::CONNECTIONS;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::serving::Serving;
use crate::turns;

pub(crate) const ID: &str = "http.token.many_clients";
const FLOOR: f64 = 0.95;
const REQUESTS: usize = 60_000;
/// Clients in the larger store.
const STORED: usize = 100_000;
/// Those of them that ask, in turn: half of what an issuer keeps in memory by default, for a cache in shards may
/// drop one before all of it is full.
const ASKING: usize = 5000;

pub(crate) const CURVE: &str = "http.token.clients_in_store";
const SIZES: [usize; 6] = [1, 10, 100, 1000, 10_000, STORED];
/// A second or so each.
const REQUESTS_OF_CURVE: usize = 30_000;
const ROUNDS_OF_CURVE: usize = 5;

/// Ten clients beside a hundred thousand.
pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let [mut few, mut many] = [start(CLIENTS)?, start(if order.quick { STORED / 100 } else { STORED })?];
    let rounds = turns::take(&mut [&mut few, &mut many], REQUESTS, order)?;
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!(
            "processor time with {CLIENTS} clients in the store ÷ with {STORED}, a request; {ASKING} of them ask in \
             turn, all cached"
        ),
        ..Figure::new(ID, "x", rounds.ratios(0, 1, |round| round.micros))
    });
    for (server, name) in [(0, "few"), (1, "many")] {
        let figure = |what, unit, values| Figure::new(format!("{ID}.{name}_{what}"), unit, values);
        report.add(figure("processor", "µs", rounds.of(server, |round| round.micros)));
        report.add(figure("rate", "/s", rounds.of(server, |round| round.per_second)));
    }
    few.end()?;
    many.end()
}

/// From one client to as many, each number with an issuer of its own; they take turns.
pub(crate) fn grow(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(CURVE);
    let sizes = if order.quick { &SIZES[..2] } else { &SIZES[..] };
    let mut servers = sizes.iter().map(|size| start(*size)).collect::<Result<Vec<Serving>, String>>()?;
    let (rounds, requests) =
        if order.quick { (1, REQUESTS_OF_CURVE / 50) } else { (ROUNDS_OF_CURVE, REQUESTS_OF_CURVE) };
    let mut rates = vec![Vec::new(); servers.len()];
    for server in &mut servers {
        server.round(requests / 4, CONNECTIONS)?;
    }
    for round in 0..rounds {
        for turn in 0..servers.len() {
            let at = (round + turn) % servers.len();
            rates[at].push(servers[at].round(requests, CONNECTIONS)?.per_second);
        }
    }
    let sizes = sizes.iter().map(|size| u32::try_from(*size).map_or(f64::NAN, f64::from));
    let series = vec![Series { name: "chancery".to_owned(), points: sizes.zip(rates).collect() }];
    Curve { id: CURVE, x: "clients in the store", unit: "tokens/s", series }.join(report);
    servers.into_iter().try_for_each(Serving::end)
}

/// An issuer with so many clients in its store, of whom up to [`ASKING`] will ask.
fn start(clients: usize) -> Result<Serving, String> {
    let mut issuer = Issuer::set_up(&format!("{clients}_clients"), Kept::Embedded, clients.min(CLIENTS))?;
    issuer.multiply(clients)?;
    issuer.serve(clients.min(ASKING), Placement::Apart)
}
