//! What a durable write costs.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "store/clients.rs"]
mod clients;
#[path = "store/floor.rs"]
mod floor;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/time.rs"]
mod time;
#[path = "store/writes.rs"]
mod writes;

use order::Order;
use report::Report;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if let Err(fault) = writes::measure(&order, &mut report) {
        eprintln!("store: {fault}");
        std::process::exit(1);
    }
    report.leave("store");
}
