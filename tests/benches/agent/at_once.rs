//! Everybody wants a token at the moment when there is none.

use crate::affinity::Placement;
use crate::asker::{self, Asker};
use crate::line::{self, Line, TOKEN};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::site::Site;
use std::collections::BTreeSet;

pub(crate) const ID: &str = "agent.at_once";
const LIMIT: f64 = 1.0;
/// Processes, each with a connection of its own.
const PROCESSES: usize = 64;
const ROUNDS: usize = 5;

/// How often the issuer is asked when the token is forgotten, as after a 401, and all ask at once. Each round has an agent
/// of its own: one that was told to forget is slow to believe the next who says so.
pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let mut rounds = Vec::new();
    for _ in 0..if order.quick { 1 } else { ROUNDS } {
        rounds.push(f64::from(refreshes()?));
    }
    if rounds.contains(&0.0) {
        return Err("the token was not forgotten: nobody had to refresh".to_owned());
    }
    // The worst round counts, not the middle one.
    let most = rounds.iter().copied().fold(0.0, f64::max);
    report.add(Figure {
        limit: Some(LIMIT),
        note: format!(
            "refreshes that the issuer saw when {PROCESSES} processes asked the agent at once for a token that it did not \
             have; the most of {} rounds",
            rounds.len()
        ),
        ..Figure::new(ID, "refreshes", vec![most])
    });
    Ok(())
}

fn refreshes() -> Result<u32, String> {
    let site = Site::open("at_once", Placement::Free)?;
    let askers: Result<Vec<Asker>, String> = (0..PROCESSES).map(|_| Asker::start(&site.socket)).collect();
    let mut askers = askers?;
    let mut line = Line::to(&site.socket)?;
    let old = asker::token(&line.ask(TOKEN)?.1)?;
    line.tell(&line::post("/forget", &serde_json::json!({ "access_token": old }).to_string()))?;
    let before = site.refreshes()?;
    askers.iter_mut().for_each(Asker::tell);
    let tokens = askers.into_iter().map(Asker::token).collect::<Result<BTreeSet<String>, String>>()?;
    if tokens.len() != 1 || tokens.contains(&old) {
        let kept =
            if tokens.contains(&old) { "the old one among them" } else { "the old one not among them" };
        return Err(format!("{PROCESSES} processes were given {} tokens, {kept}", tokens.len()));
    }
    let refreshes = u32::try_from(site.refreshes()? - before).map_err(|fault| fault.to_string())?;
    site.end()?;
    Ok(refreshes)
}
