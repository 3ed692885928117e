//! What everything that an issuer does beside the signature costs.

use crate::affinity::Placement;
use crate::ceiling;
use crate::issuer::{CLIENTS, Issuer, Kept};
use crate::order::Order;
use crate::redis::Redis;
use crate::report::{Figure, Report};
use crate::serving::Serving;
use crate::turns;

const ID: &str = "http.token.vs_ceiling";
const FLOOR: f64 = 0.85;
/// About two and a half seconds.
const REQUESTS: usize = 100_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if order.chooses(&format!("{ID}.embedded")) {
        let issuer = Issuer::set_up("vs_ceiling", Kept::Embedded, CLIENTS)?;
        let mut ours = issuer.serve(CLIENTS, Placement::Apart)?;
        contest("embedded", &issuer, &mut ours, order, report)?;
        ours.end()?;
    }
    if order.chooses(&format!("{ID}.redis")) {
        let redis = Redis::start();
        let issuer = Issuer::set_up("vs_ceiling_redis", Kept::Redis(&redis.url()), CLIENTS)?;
        let mut ours = issuer.serve(CLIENTS, Placement::Apart)?;
        let before = redis.contents()?;
        contest("redis", &issuer, &mut ours, order, report)?;
        redis.contents()?.no_more_than(before)?;
        ours.end()?;
    }
    Ok(())
}

fn contest(
    store: &str,
    issuer: &Issuer,
    ours: &mut Serving,
    order: &Order,
    report: &mut Report,
) -> Result<(), String> {
    let id = format!("{ID}.{store}");
    Report::begin(&id);
    let mut ceiling = ceiling::start(&ours.ask()?, issuer.secret(), issuer.folder(), Placement::Apart)?;
    let (issued, least) = (ours.ask()?, ceiling.ask()?);
    if issued.0.len() != least.0.len() || issued.1.len() != least.1.len() {
        return Err(format!("the answers differ in size:\n{}\n{}", issued.0, least.0));
    }
    let rounds = turns::take(&mut [ours, &mut ceiling], REQUESTS, order)?;
    report.add(Figure {
        floor: Some(FLOOR),
        note: "processor time of the bare ceiling ÷ ours, a request; 32 connections, server and client on a \
               processor each"
            .to_owned(),
        ..Figure::new(&id, "x", rounds.ratios(1, 0, |round| round.micros))
    });
    for (server, name) in [(0, "ours"), (1, "ceiling")] {
        let figure = |what, unit, values| Figure::new(format!("{id}.{name}_{what}"), unit, values);
        report.add(figure("processor", "µs", rounds.of(server, |round| round.micros)));
        report.add(figure("rate", "/s", rounds.of(server, |round| round.per_second)));
    }
    ceiling.end()
}
