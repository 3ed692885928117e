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
        let issuer = Issuer::set_up("vs_ceiling", Kept::Embedded)?;
        let mut ours = issuer.serve(CLIENTS, Placement::Apart)?;
        contest("embedded", &issuer, &mut ours, order, report)?;
        ours.end()?;
    }
    if order.chooses(&format!("{ID}.redis")) {
        let redis = Redis::start();
        let issuer = Issuer::set_up("vs_ceiling_redis", Kept::Redis(&redis.url()))?;
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
    let mut ceiling = ceiling::start(&ours.ask()?, issuer.secret(), issuer.folder(), Placement::Apart)?;
    let (issued, least) = (ours.ask()?, ceiling.ask()?);
    if issued.0.len() != least.0.len() || issued.1.len() != least.1.len() {
        return Err(format!("the answers differ in size:\n{}\n{}", issued.0, least.0));
    }
    let rounds = turns::take(&mut [ours, &mut ceiling], REQUESTS, order)?;
    let (ratio, lowest, highest) = rounds.ratio(1, 0, |round| round.micros);
    let micros = |server| rounds.median(server, |round| round.micros);
    let per_second = |server| rounds.median(server, |round| round.per_second);
    let note = format!(
        "{lowest:.2} to {highest:.2}; ours {:.1} µs of processor a request, {:.0} requests/s; ceiling {:.1} µs, {:.0}/s; \
         32 connections, server and client on a processor each",
        micros(0),
        per_second(0),
        micros(1),
        per_second(1)
    );
    let id = format!("{ID}.{store}");
    report.add(Figure { id, value: ratio, unit: "x", limit: None, allowed: 1.0, floor: Some(FLOOR), note });
    ceiling.end()
}
