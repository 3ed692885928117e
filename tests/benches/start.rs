//! From the start of the process to its first token.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "start/issuer.rs"]
mod issuer;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/run.rs"]
mod run;
#[path = "measure/set_up.rs"]
mod set_up;
#[path = "measure/time.rs"]
mod time;

use issuer::Issuer;
use order::Order;
use report::{Figure, Report};

const ID: &str = "start.first_token_ms";
const LIMIT_MILLIS: f64 = 100.0;
const ROUNDS: usize = 15;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if order.chooses(ID)
        && let Err(fault) = measure(&order, &mut report)
    {
        eprintln!("start: {fault}");
        std::process::exit(1);
    }
    report.leave("start");
}

/// One start that counts for nothing, which makes what a first start makes; then the rounds.
fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let issuer = Issuer::with_a_client()?;
    issuer.first_token()?;
    let starts = (0..if order.quick { 1 } else { ROUNDS }).map(|_| issuer.first_token());
    let millis =
        starts.map(|took| took.map(|took| took.as_secs_f64() * 1e3)).collect::<Result<Vec<f64>, _>>()?;
    report.add(Figure {
        limit: Some(LIMIT_MILLIS),
        note: "embedded store, from the start of the process to its first token".to_owned(),
        ..Figure::new(ID, "ms", millis)
    });
    Ok(())
}
