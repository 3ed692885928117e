//! What the gate costs the proxy that asks it.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/affinity.rs"]
mod affinity;
#[path = "gate/auth.rs"]
mod auth;
#[path = "gate/bare.rs"]
mod bare;
#[path = "measure/exchange.rs"]
mod exchange;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "gate/front.rs"]
mod front;
#[path = "gate/half_load.rs"]
mod half_load;
#[path = "measure/load.rs"]
mod load;
#[path = "gate/memory.rs"]
mod memory;
#[path = "gate/nginx.rs"]
mod nginx;
#[path = "measure/order.rs"]
mod order;
#[path = "gate/pace.rs"]
mod pace;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/request.rs"]
mod request;
#[path = "gate/revoked.rs"]
mod revoked;
#[path = "measure/run.rs"]
mod run;
#[path = "measure/set_up.rs"]
mod set_up;
#[path = "gate/site.rs"]
mod site;
#[path = "measure/spent.rs"]
mod spent;
#[path = "measure/time.rs"]
mod time;
#[path = "measure/used.rs"]
mod used;
#[path = "gate/vs_empty_auth.rs"]
mod vs_empty_auth;

use affinity::Aside;
use front::Contest;
use order::Order;
use report::Report;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, address] = words.as_slice()
        && word == bare::WORD
    {
        return end(bare::serve_alone(address));
    }
    let order = Order::from_command_line();
    let mut report = Report::default();
    end(measure(&order, &mut report));
    report.leave("gate");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if order.chooses(vs_empty_auth::ID) || order.chooses(half_load::ID) {
        // Whoever asks, and the service behind: all that is started from here on, and is not told otherwise.
        let aside = Aside::step()?;
        let mut contest = Contest::open(report)?;
        // Half of a load is half of something.
        let slower = vs_empty_auth::measure(&mut contest, order, report)?;
        if order.chooses(half_load::ID) {
            half_load::measure(&mut contest, slower / 2.0, order, report)?;
        }
        contest.end()?;
        drop(aside);
    }
    if order.chooses(memory::ID) {
        memory::measure(order, report)?;
    }
    Ok(())
}

fn end(ended: Result<(), String>) {
    if let Err(fault) = ended {
        eprintln!("gate: {fault}");
        std::process::exit(1);
    }
}
