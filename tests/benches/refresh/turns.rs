//! Servers take turns; what counts is the middle one of the ratios, round by round.

use crate::crowd::{Asker, Crowd};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::server::{Round, Server};

/// Rounds that count, after a part of one that warms everybody up. No session may go on more often than eight times in
/// two minutes, which these are.
const ROUNDS: usize = 7;

/// Somebody who is asked, by whom, and what each round found.
pub(crate) struct Side<A> {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    pub(crate) crowd: Crowd<A>,
    rounds: Vec<Round>,
}

impl<A: Asker> Side<A> {
    pub(crate) fn new(name: &'static str, server: Server, crowd: Crowd<A>) -> Self {
        Self { name, server, crowd, rounds: Vec::new() }
    }

    pub(crate) fn end(self) -> Result<(), String> {
        drop(self.crowd);
        self.server.end()
    }

    /// The rates of this one over those of another, round by round.
    pub(crate) fn over(&self, other: &Self) -> Vec<f64> {
        let pairs = self.rounds.iter().zip(&other.rounds);
        pairs.map(|(ours, theirs)| ours.per_second / theirs.per_second).collect()
    }

    /// Adds what stands beside the figure `id`.
    pub(crate) fn join(&self, id: &str, report: &mut Report) -> Result<(), String> {
        let figure = |what: &str, unit, of: fn(&Round) -> f64| {
            Figure::new(format!("{id}.{}_{what}", self.name), unit, self.rounds.iter().map(of).collect())
        };
        report.add(figure("rate", "/s", |round| round.per_second));
        report.add(figure("processor", "µs", |round| round.micros));
        let resident = self.server.resident()?;
        report.add(Figure {
            note: format!("resident, {:.1} of it not of files", resident.own),
            ..Figure::new(format!("{id}.{}_memory", self.name), "MiB", vec![resident.all])
        });
        Ok(())
    }
}

/// Lets each be asked so often on every connection, in every round. Who begins changes from round to round.
pub(crate) fn take<A: Asker>(sides: &mut [Side<A>], each: usize, order: &Order) -> Result<(), String> {
    for side in &mut *sides {
        side.server.round(&mut side.crowd, each.div_ceil(4))?;
    }
    for round in 0..if order.quick { 1 } else { ROUNDS } {
        for turn in 0..sides.len() {
            let at = (round + turn) % sides.len();
            let side = &mut sides[at];
            let found = side.server.round(&mut side.crowd, each)?;
            side.rounds.push(found);
        }
    }
    Ok(())
}
