//! Servers take turns; what counts is the middle one of the ratios, round by round.

use crate::load::CONNECTIONS;
use crate::order::Order;
use crate::serving::{Round, Serving};

/// Rounds that count, after one that warms everybody up.
const ROUNDS: usize = 7;

/// What all rounds found, one list for each server.
pub(crate) struct Rounds(Vec<Vec<Round>>);

/// Lets everybody answer `total` requests a round. Who begins changes from round to round.
pub(crate) fn take(servers: &mut [&mut Serving], total: usize, order: &Order) -> Result<Rounds, String> {
    let (rounds, total) = if order.quick { (1, total / 50) } else { (ROUNDS, total) };
    let mut found = vec![Vec::new(); servers.len()];
    for server in &mut *servers {
        server.round(total / 4, CONNECTIONS)?;
    }
    for round in 0..rounds {
        for turn in 0..servers.len() {
            let at = (round + turn) % servers.len();
            found[at].push(servers[at].round(total, CONNECTIONS)?);
        }
    }
    Ok(Rounds(found))
}

impl Rounds {
    /// What `of` finds in the rounds of one server.
    pub(crate) fn of(&self, server: usize, of: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.0[server].iter().map(of).collect()
    }

    /// The ratios of two servers, round by round.
    pub(crate) fn ratios(&self, above: usize, below: usize, of: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.0[above].iter().zip(&self.0[below]).map(|(above, below)| of(above) / of(below)).collect()
    }
}
