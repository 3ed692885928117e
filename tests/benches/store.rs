//! What a durable write costs.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "store/clients.rs"]
mod clients;
#[path = "measure/floor.rs"]
mod floor;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "measure/order.rs"]
mod order;
#[path = "store/redis.rs"]
mod redis;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/sum.rs"]
mod sum;
#[path = "measure/time.rs"]
mod time;
#[path = "store/writes.rs"]
mod writes;

use order::Order;
use report::Report;
use std::sync::Arc;
use tokio::runtime::Runtime;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    if let Err(fault) = measure(&order, &mut report) {
        eprintln!("store: {fault}");
        std::process::exit(1);
    }
    report.leave("store");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    let runtime = Runtime::new().map_err(|fault| format!("no runtime: {fault}"))?;
    let runtime = Arc::new(runtime);
    if order.chooses(writes::ID) {
        writes::measure(&runtime, order, report)?;
    }
    if order.chooses(redis::ID) {
        redis::measure(&runtime, order, report)?;
    }
    Ok(())
}
