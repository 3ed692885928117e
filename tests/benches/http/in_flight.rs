//! What more requests at a time do to the rate and to the wait.

use crate::affinity::Placement;
use crate::curve::{Curve, Series};
use crate::issuer::{Issuer, Kept};
use crate::oidc_provider;
use crate::order::Order;
use crate::report::Report;
use crate::serving::{Round, Serving};

pub(crate) const RATE: &str = "http.token.in_flight_rate";
pub(crate) const WAIT: &str = "http.token.in_flight_wait";
const IN_FLIGHT: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
const ROUNDS: usize = 5;

/// Someone who is asked, and how often: a second or so a point, at the speed that it has.
struct Asked {
    name: &'static str,
    serving: Serving,
    /// With one in flight; with more, as many times more, up to `most`.
    requests: usize,
    most: usize,
    /// One list a point.
    rounds: Vec<Vec<Round>>,
}

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(RATE);
    let issuer = Issuer::set_up("in_flight", Kept::Embedded, 1)?;
    let ours = Asked::new("chancery", issuer.serve(1, Placement::Free)?, 8000, 40_000);
    let other = oidc_provider::start(report)?.map(|other| Asked::new("oidc-provider", other, 2000, 6000));
    let mut asked: Vec<Asked> = [Some(ours), other].into_iter().flatten().collect();
    let (rounds, part) = if order.quick { (1, 100) } else { (ROUNDS, 1) };
    for one in &mut asked {
        one.serving.round(one.most / part, 32)?;
    }
    for _ in 0..rounds {
        for (at, in_flight) in IN_FLIGHT.into_iter().enumerate() {
            for one in &mut asked {
                let requests = one.most.min(one.requests * in_flight) / part;
                one.rounds[at].push(one.serving.round(requests, in_flight)?);
            }
        }
    }
    let x = "requests in flight";
    let rates = asked.iter().map(|one| one.series("", |round| round.per_second)).collect();
    Curve { id: RATE, x, unit: "tokens/s", series: rates }.join(report);
    let half = asked.iter().map(|one| one.series(", half within", |round| round.p50));
    let most = asked.iter().map(|one| one.series(", 99 % within", |round| round.p99));
    Curve { id: WAIT, x, unit: "µs", series: half.chain(most).collect() }.join(report);
    asked.into_iter().try_for_each(|one| one.serving.end())
}

impl Asked {
    fn new(name: &'static str, serving: Serving, requests: usize, most: usize) -> Self {
        Self { name, serving, requests, most, rounds: vec![Vec::new(); IN_FLIGHT.len()] }
    }

    fn series(&self, what: &str, of: impl Fn(&Round) -> f64) -> Series {
        let x = IN_FLIGHT.into_iter().map(|x| u32::try_from(x).map_or(f64::NAN, f64::from));
        let y = self.rounds.iter().map(|rounds| rounds.iter().map(&of).collect());
        Series { name: format!("{}{what}", self.name), points: x.zip(y).collect() }
    }
}
