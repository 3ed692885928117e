//! What a token costs over HTTP.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]

#[path = "measure/affinity.rs"]
mod affinity;
#[path = "http/ceiling.rs"]
mod ceiling;
#[path = "measure/curve.rs"]
mod curve;
#[path = "measure/exchange.rs"]
mod exchange;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/fresh.rs"]
mod fresh;
#[path = "http/in_flight.rs"]
mod in_flight;
#[path = "http/issuer.rs"]
mod issuer;
#[path = "measure/load.rs"]
mod load;
#[path = "http/many_clients.rs"]
mod many_clients;
#[path = "http/memory.rs"]
mod memory;
#[path = "measure/npm.rs"]
mod npm;
#[path = "http/oidc_provider.rs"]
mod oidc_provider;
#[path = "measure/order.rs"]
mod order;
#[path = "measure/process.rs"]
mod process;
#[path = "http/redis.rs"]
mod redis;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/request.rs"]
mod request;
#[path = "measure/run.rs"]
mod run;
#[path = "http/serving.rs"]
mod serving;
#[path = "measure/spent.rs"]
mod spent;
#[path = "measure/time.rs"]
mod time;
#[path = "http/turns.rs"]
mod turns;
#[path = "measure/used.rs"]
mod used;
#[path = "http/vs_ceiling.rs"]
mod vs_ceiling;
#[path = "http/vs_oidc_provider.rs"]
mod vs_oidc_provider;

use order::Order;
use report::Report;
use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, file] = words.as_slice()
        && word == ceiling::WORD
    {
        return end(ceiling::serve(Path::new(file)));
    }
    let order = Order::from_command_line();
    let mut report = Report::default();
    end(measure(&order, &mut report));
    report.leave("http");
}

fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    vs_ceiling::measure(order, report)?;
    if order.chooses(many_clients::ID) {
        many_clients::measure(order, report)?;
    }
    if order.chooses(many_clients::CURVE) {
        many_clients::grow(order, report)?;
    }
    if order.chooses(memory::ID) {
        memory::measure(order, report)?;
    }
    if order.chooses(vs_oidc_provider::ID) {
        vs_oidc_provider::measure(order, report)?;
    }
    if order.chooses(in_flight::RATE) || order.chooses(in_flight::WAIT) {
        in_flight::measure(order, report)?;
    }
    Ok(())
}

fn end(ended: Result<(), String>) {
    if let Err(fault) = ended {
        eprintln!("http: {fault}");
        std::process::exit(1);
    }
}
