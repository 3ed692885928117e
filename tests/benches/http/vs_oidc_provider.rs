//! The same request to a peer.

use crate::affinity::Placement;
use crate::issuer::{Issuer, Kept};
use crate::oidc_provider;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::turns;

pub(crate) const ID: &str = "http.token.vs_oidc_provider";
const FLOOR: f64 = 6.0;
const REQUESTS: usize = 30_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let Some(mut other) = oidc_provider::start(report)? else { return Ok(()) };
    let issuer = Issuer::set_up("vs_oidc_provider", Kept::Embedded, 1)?;
    let mut ours = issuer.serve(1, Placement::Free)?;
    let rounds = turns::take(&mut [&mut ours, &mut other], REQUESTS, order)?;
    report.add(Figure {
        floor: Some(FLOOR),
        note: "our tokens/s ÷ its; 32 connections, one process each, all share the machine".to_owned(),
        ..Figure::new(ID, "x", rounds.ratios(0, 1, |round| round.per_second))
    });
    for (server, name, serving) in [(0, "ours", &ours), (1, "oidc_provider", &other)] {
        let figure = |what, unit, values| Figure::new(format!("{ID}.{name}_{what}"), unit, values);
        report.add(figure("rate", "/s", rounds.of(server, |round| round.per_second)));
        report.add(figure("memory", "MiB", vec![serving.resident()?.all]));
    }
    ours.end()?;
    other.end()
}
