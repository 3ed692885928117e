//! What it costs to go on with a session over HTTP, and what is kept of one.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/affinity.rs"]
mod affinity;
#[path = "refresh/bare.rs"]
mod bare;
#[path = "refresh/beside.rs"]
mod beside;
#[path = "refresh/crowd.rs"]
mod crowd;
#[path = "refresh/embedded.rs"]
mod embedded;
#[path = "measure/exchange.rs"]
mod exchange;
#[path = "measure/floor.rs"]
mod floor;
#[path = "measure/folder.rs"]
mod folder;
#[path = "refresh/form.rs"]
mod form;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "refresh/garbage.rs"]
mod garbage;
#[path = "refresh/issuer.rs"]
mod issuer;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "refresh/record.rs"]
mod record;
#[path = "measure/report.rs"]
mod report;
#[path = "refresh/rotation.rs"]
mod rotation;
#[path = "measure/run.rs"]
mod run;
#[path = "refresh/server.rs"]
mod server;
#[path = "refresh/sessions.rs"]
mod sessions;
#[path = "measure/spent.rs"]
mod spent;
#[path = "measure/sum.rs"]
mod sum;
#[path = "measure/time.rs"]
mod time;
#[path = "refresh/turns.rs"]
mod turns;
#[path = "refresh/vs_ceiling.rs"]
mod vs_ceiling;

use order::Order;
use report::Report;
use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, file] = words.as_slice()
        && word == bare::WORD
    {
        return end(bare::serve(Path::new(file)));
    }
    let order = Order::from_command_line();
    let mut report = Report::default();
    end(measure(&order, &mut report));
    report.leave("refresh");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    vs_ceiling::measure(order, report)?;
    if order.chooses(embedded::ID) {
        embedded::measure(order, report)?;
    }
    if order.chooses(garbage::ID) {
        garbage::measure(order, report)?;
    }
    if order.chooses(record::ID) {
        record::measure(order, report)?;
    }
    Ok(())
}

fn end(ended: Result<(), String>) {
    if let Err(fault) = ended {
        eprintln!("refresh: {fault}");
        std::process::exit(1);
    }
}
