//! Ours beside the bare signature operation.

use crate::contest::{Contender, compete};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::time::median;

/// How much of the bare operation the whole may cost.
const ALLOWED: f64 = 1.06;

/// Lets `contenders` compete; the one called `ours` is held against the one called `raw`, and all others stand
/// beside.
pub(crate) fn hold(
    id: &str,
    mut contenders: Vec<Contender<'_>>,
    note: &str,
    order: &Order,
    report: &mut Report,
) {
    Report::begin(id);
    let (rounds, repetitions) = if order.quick { (3, 8) } else { (401, 32) };
    compete(&mut contenders, rounds, repetitions);
    let micros = |contender: &Contender<'_>| contender.rounds.iter().map(|nanos| nanos / 1000.0).collect();
    let of = |name: &str| contenders.iter().find(|contender| contender.id == name).map(micros).unwrap();
    report.add(Figure {
        limit: Some(median(of("raw"))),
        allowed: ALLOWED,
        note: format!("{note}; may be {ALLOWED} of it"),
        ..Figure::new(id, "µs", of("ours"))
    });
    for contender in contenders.iter().filter(|contender| contender.id != "ours") {
        report.add(Figure::new(format!("{id}.{}", contender.id), "µs", micros(contender)));
    }
}
