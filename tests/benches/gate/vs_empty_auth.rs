//! How many requests pass where a gate is asked about each, beside a server that lets everything in.

use crate::front::{Contest, Done};
use crate::load::CONNECTIONS;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::time::median;

pub(crate) const ID: &str = "gate.vs_empty_auth";
const FLOOR: f64 = 0.7;
const ROUNDS: usize = 11;
/// Short turns, so that a machine with other things to do is slow or fast for both; a round sums up so many.
const TURNS: usize = 6;
const EACH: usize = 2000;

/// Reports the ratio of the rates, and returns the rate of the slower side.
pub(crate) fn measure(contest: &mut Contest, order: &Order, report: &mut Report) -> Result<f64, String> {
    Report::begin(ID);
    let (rounds, turns, each) = if order.quick { (1, 2, EACH / 10) } else { (ROUNDS, TURNS, EACH) };
    for side in &mut contest.sides {
        side.turn(each, &mut Done::default())?;
    }
    let mut found: [Vec<Done>; 2] = Default::default();
    for _ in 0..rounds {
        let mut done: [Done; 2] = Default::default();
        for turn in 0..turns {
            for at in [turn % 2, (turn + 1) % 2] {
                contest.sides[at].turn(each, &mut done[at])?;
            }
        }
        for (all, done) in found.iter_mut().zip(done) {
            all.push(done);
        }
    }
    let rates = found.each_ref().map(|all| all.iter().map(Done::per_second).collect::<Vec<f64>>());
    let [gate, empty] = rates.clone();
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!(
            "requests a second with the gate ÷ with an empty server; {CONNECTIONS} connections; nginx and who it asks on one \
             processor, clients and the service behind on another"
        ),
        ..Figure::new(ID, "x", gate.iter().zip(&empty).map(|(gate, empty)| gate / empty).collect())
    });
    let slower = median(gate).min(median(empty));
    for ((name, all), rates) in ["gate", "empty"].into_iter().zip(&found).zip(rates) {
        let figure = |what: &str, unit, of: fn(&Done) -> f64| {
            Figure::new(format!("{ID}.{name}_{what}"), unit, all.iter().map(of).collect())
        };
        report.add(Figure::new(format!("{ID}.{name}_rate"), "/s", rates));
        report.add(figure("processor", "µs", |done| done.micros(done.auth)));
        report.add(figure("nginx_processor", "µs", |done| done.micros(done.nginx)));
        report.add(figure("p99_at_full_load", "ms", |done| done.millis(99)));
    }
    Ok(slower)
}
