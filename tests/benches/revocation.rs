//! What revocation costs a verifier, the wire and the issuer, and how soon it reaches everybody.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "revocation/append.rs"]
mod append;
#[path = "revocation/check.rs"]
mod check;
#[path = "measure/contest.rs"]
mod contest;
#[path = "revocation/crowd.rs"]
mod crowd;
#[path = "measure/curve.rs"]
mod curve;
#[path = "revocation/entries.rs"]
mod entries;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "revocation/growth.rs"]
mod growth;
#[path = "revocation/issuer.rs"]
mod issuer;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "revocation/reach.rs"]
mod reach;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/run.rs"]
mod run;
#[path = "measure/set_up.rs"]
mod set_up;
#[path = "measure/sum.rs"]
mod sum;
#[path = "measure/time.rs"]
mod time;
#[path = "revocation/tokens.rs"]
mod tokens;
#[path = "revocation/wan.rs"]
mod wan;
#[path = "revocation/wire.rs"]
mod wire;
#[path = "revocation/xadd.rs"]
mod xadd;

use chancery_verifier::clock::{Clock as _, SystemClock};
use order::Order;
use report::Report;
use tokio::runtime::Runtime;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if let Err(fault) = measure(&order, &mut report) {
        eprintln!("revocation: {fault}");
        std::process::exit(1);
    }
    report.leave("revocation");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    let now = SystemClock::new().now();
    if order.chooses(check::CHECK) || order.chooses(check::BYTES) {
        check::measure(now, order, report)?;
    }
    if order.chooses(wire::ID) {
        wire::measure(now, order, report)?;
    }
    if [growth::CHECK, growth::MEMORY, growth::SNAPSHOT].iter().any(|id| order.chooses(id)) {
        growth::measure(now, order, report)?;
    }
    let runtime = Runtime::new().map_err(|fault| format!("no runtime: {fault}"))?;
    if order.chooses(reach::LOOPBACK) {
        reach::on_loopback(&runtime, order, report)?;
    }
    if order.chooses(reach::WAN) {
        reach::far_away(&runtime, order, report)?;
    }
    if order.chooses(append::ID) {
        append::measure(&runtime, order, report)?;
    }
    Ok(())
}
