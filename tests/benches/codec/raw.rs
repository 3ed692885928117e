//! Ours beside the bare signature operation.

use crate::contest::{Contender, compete};
use crate::order::Order;
use crate::report::{Figure, Report};

/// How much of the bare operation the whole may cost.
const ALLOWED: f64 = 1.06;

/// Lets `contenders` compete; the one called `ours` is held against the one called `raw`, the others stand beside.
pub(crate) fn hold(
    id: &str,
    mut contenders: Vec<Contender<'_>>,
    note: &str,
    order: &Order,
    report: &mut Report,
) {
    let (rounds, repetitions) = if order.quick { (3, 8) } else { (401, 32) };
    compete(&mut contenders, rounds, repetitions);
    let (mut ours, mut raw) = (f64::NAN, f64::NAN);
    for contender in &contenders {
        let micros = contender.median() / 1000.0;
        match contender.id {
            "ours" => ours = micros,
            "raw" => raw = micros,
            other => {
                let (id, note) = (format!("{id}.{other}"), String::new());
                report.add(Figure {
                    id,
                    value: micros,
                    unit: "µs",
                    limit: None,
                    allowed: 1.0,
                    floor: None,
                    note,
                });
            }
        }
    }
    let note = format!("{note}; may be {ALLOWED} of it");
    report.add(Figure {
        id: id.to_owned(),
        value: ours,
        unit: "µs",
        limit: Some(raw),
        allowed: ALLOWED,
        floor: None,
        note,
    });
}
