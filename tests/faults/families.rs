//! What breaks under sessions that go on by refresh tokens. Whoever was acknowledged a token goes on; whoever stole one
//! does not get far.

mod killed;
mod replayed;
mod storm;
mod thief;

use crate::issuer::Machine;
use crate::support::{Http, MovedClock, Pair, Refresher, until};

/// A client that is registered on a machine.
fn refresher(machine: &Machine, id: &str) -> Refresher {
    Refresher::register(&machine.chancery, &machine.folder, id)
}

/// What an issuer says to a token, once it has looked at its store since time passed. Meanwhile it says 503, or has let go of
/// a connection that was idle for so long.
#[track_caller]
fn says(agent: &Refresher, http: &Http, url: &str, token: &str) -> Result<Pair, String> {
    let is_away = |told: &Result<Pair, String>| told.as_ref().is_err_and(|why| why.starts_with("503 "));
    until("a word about the token", || agent.try_shows(http, url, token).filter(|told| !is_away(told)))
}

impl Machine {
    /// With a clock that can be moved.
    pub(crate) fn by(mut self, clock: &MovedClock) -> Self {
        self.chancery = clock.moves(&self.chancery);
        self
    }
}
