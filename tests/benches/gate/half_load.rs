//! How much later an answer comes where a gate is asked, while nobody is at the limit.

use crate::front::Contest;
use crate::order::Order;
use crate::pace::{Schedule, percentile};
use crate::report::{Figure, Report};
use std::time::Duration;

pub(crate) const ID: &str = "gate.p99_added_ms";
const LIMIT_MILLIS: f64 = 1.0;
/// Short ones, and many: what else the machine does falls on some, and the median is of the others.
const ROUNDS: u64 = 61;
/// In each of them each side gets requests for so many seconds.
const SECONDS: f64 = 0.4;

/// Both sides get the same requests at the same times.
pub(crate) fn measure(
    contest: &mut Contest,
    per_second: f64,
    order: &Order,
    report: &mut Report,
) -> Result<(), String> {
    Report::begin(ID);
    let (rounds, seconds) = if order.quick { (1, SECONDS / 4.0) } else { (ROUNDS, SECONDS) };
    // As many seconds as there are requests: durations are what rounds without a cast.
    let total = Duration::from_secs_f64(per_second * seconds).as_secs();
    let total = usize::try_from(total).map_err(|_| "too many requests for one turn")?;
    let mut found: [Vec<[f64; 2]>; 2] = Default::default();
    for round in 0..rounds {
        let schedule = Schedule::new(total, per_second, round);
        let first = usize::from(round % 2 == 1);
        for at in [first, 1 - first] {
            let mut waits = contest.sides[at].paced(&schedule)?;
            waits.sort_unstable();
            found[at].push([50, 99].map(|percent| percentile(&waits, percent).as_secs_f64() * 1e3));
        }
    }
    let [gate, empty] = &found;
    let added = |at: usize| gate.iter().zip(empty).map(|(gate, empty)| gate[at] - empty[at]).collect();
    report.add(Figure {
        limit: Some(LIMIT_MILLIS),
        note: format!(
            "the 99th percentile with the gate − with an empty server, at {per_second:.0} requests a second: half of what the \
             slower side reached; open loop, both with the same random arrivals, counted from when each was due"
        ),
        ..Figure::new(ID, "ms", added(1))
    });
    report.add(Figure::new(format!("{ID}.p50_added"), "ms", added(0)));
    for (name, all) in [("gate", gate), ("empty", empty)] {
        for (at, what) in ["p50", "p99"].into_iter().enumerate() {
            let rounds = all.iter().map(|found| found[at]).collect();
            report.add(Figure::new(format!("{ID}.{name}_{what}"), "ms", rounds));
        }
    }
    Ok(())
}
