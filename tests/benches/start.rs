//! From the start of the process to its first token.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/folder.rs"]
mod folder;
#[path = "start/issuer.rs"]
mod issuer;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/time.rs"]
mod time;

use issuer::Issuer;
use order::Order;
use report::{Figure, Report};
use time::median;

const LIMIT_MILLIS: f64 = 100.0;
const ROUNDS: usize = 7;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if order.chooses("start.first_token_ms")
        && let Err(fault) = measure(&order, &mut report)
    {
        eprintln!("start: {fault}");
        std::process::exit(1);
    }
    report.leave("start");
}

/// One start that counts for nothing, which makes what a first start makes; then the rounds.
fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    let issuer = Issuer::with_a_client()?;
    issuer.first_token()?;
    let rounds = (0..if order.quick { 1 } else { ROUNDS }).map(|_| issuer.first_token());
    let millis =
        rounds.map(|took| took.map(|took| took.as_secs_f64() * 1e3)).collect::<Result<Vec<f64>, _>>()?;
    let (fastest, slowest) =
        (millis.iter().copied().fold(f64::INFINITY, f64::min), millis.iter().copied().fold(0.0, f64::max));
    let note = format!("embedded store, {} starts: {fastest:.0} to {slowest:.0}", millis.len());
    let id = "start.first_token_ms".to_owned();
    report.add(Figure {
        id,
        value: median(millis),
        unit: "ms",
        limit: Some(LIMIT_MILLIS),
        allowed: 1.0,
        floor: None,
        note,
    });
    Ok(())
}
