//! What a program pays for a token that its session has at hand.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "client/cached.rs"]
mod cached;
#[path = "measure/contest.rs"]
mod contest;
#[path = "measure/exchange.rs"]
mod exchange;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
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

use order::Order;
use report::Report;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if order.chooses(cached::ID)
        && let Err(fault) = cached::measure(&order, &mut report)
    {
        eprintln!("client: {fault}");
        std::process::exit(1);
    }
    report.leave("client");
}
