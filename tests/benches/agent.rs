//! What it costs to ask the agent of the machine.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/affinity.rs"]
mod affinity;
#[path = "agent/asker.rs"]
mod asker;
#[path = "agent/at_once.rs"]
mod at_once;
#[path = "agent/bare.rs"]
mod bare;
#[path = "measure/exchange.rs"]
mod exchange;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "agent/line.rs"]
mod line;
#[path = "agent/memory.rs"]
mod memory;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/run.rs"]
mod run;
#[path = "agent/site.rs"]
mod site;
#[path = "agent/socket.rs"]
mod socket;
#[path = "measure/spent.rs"]
mod spent;
#[path = "measure/time.rs"]
mod time;

use order::Order;
use report::Report;
use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [word, socket] if word == asker::WORD => return end(asker::ask_when_told(Path::new(socket))),
        [word, socket, answers] if word == bare::WORD => {
            return end(bare::serve(Path::new(socket), Path::new(answers)));
        }
        _ => {}
    }
    let order = Order::from_command_line();
    let mut report = Report::default();
    end(measure(&order, &mut report));
    report.leave("agent");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if order.chooses(socket::ID) {
        socket::measure(order, report)?;
    }
    if order.chooses(at_once::ID) {
        at_once::measure(order, report)?;
    }
    if order.chooses(memory::ID) {
        memory::measure(order, report)?;
    }
    Ok(())
}

fn end(ended: Result<(), String>) {
    if let Err(fault) = ended {
        eprintln!("agent: {fault}");
        std::process::exit(1);
    }
}
