//! `cargo xtask bench`: the bench programs of `tests/benches`, and one list of what they measured.

mod curve;
mod data;
mod figure;
mod groups;
mod machine;
mod member;
mod order;
mod page;
mod plot;
mod programs;
mod publish;
mod results;

pub(crate) use order::Order;

use crate::failure::Failure;
use crate::stopwatch::Stopwatch;
use crate::{binary, layout, needs};
use data::Data;
use machine::{Machine, ProcessorTime};
use order::Extent;
use programs::Program;
use results::Results;

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    measure(&Order::read(words)?)
}

/// Does what is asked for.
pub(crate) fn measure(order: &Order) -> Result<(), Failure> {
    match order {
        Order::Page => publish::page_again(),
        Order::Measure { extent, publish: false } => programs_of(extent).map(drop),
        Order::Measure { extent, publish: true } => publish::publish(&programs_of(extent)?),
    }
}

/// Runs the chosen programs, writes `target/bench/results.json` and `target/bench/data.json`, and returns the text
/// of the latter. A missed limit is a result, not a failure.
fn programs_of(extent: &Extent) -> Result<String, Failure> {
    let mut machine = Machine::read();
    let chosen: Vec<Program> =
        programs::all()?.into_iter().filter(|one| extent.chooses(one.name())).collect();
    if chosen.is_empty() {
        return Err(Failure::usage("no bench program of that name in tests/benches"));
    }
    for program in &chosen {
        needs::ensure(program.needs())?;
    }
    // Built here, so that no bench measures a binary of yesterday, or one with what only tests may have.
    let chancery = binary::build()?;
    let built = programs::build(&chosen)?;
    layout::make_empty(&layout::target("bench/parts"))?;
    let mut results = Results::default();
    programs::add_libraries(&mut results)?;
    let expected = publish::published().and_then(|text| Data::read(&text)).map(|data| data.minutes);
    let expected = expected.unwrap_or_default();
    let (mut minutes, before) = (Vec::new(), ProcessorTime::read());
    for (number, program) in (1..).zip(&chosen) {
        let name = program.name();
        let usual = expected.iter().find(|(known, _)| known == name && !extent.is_quick());
        let usual = usual.map(|(_, minutes)| format!(", about {} minutes", minutes.ceil().max(1.0)));
        println!("\n[{number} of {}] {name}{}", chosen.len(), usual.unwrap_or_default());
        let watch = Stopwatch::start();
        results.add(name, &program.run(extent, &built, &chancery)?)?;
        minutes.push((name.to_owned(), watch.elapsed().as_secs_f64() / 60.0));
    }
    machine.stolen = before.zip(ProcessorTime::read()).and_then(|(then, now)| then.stolen_until(now));
    let list = write("bench/results.json", &results.json()?)?;
    println!("\n{}", results.table());
    println!("{}", results.verdict());
    println!("took {}", data::told(&minutes));
    let data = Data { extent: extent.word().to_owned(), machine, minutes, results }.text()?;
    println!("written to {list} and {}", write("bench/data.json", &data)?);
    Ok(data)
}

/// Writes a file under `target/`, and returns how its path is shown.
fn write(below: &str, text: &str) -> Result<String, Failure> {
    let path = layout::target(below);
    std::fs::write(&path, text).map_err(|e| Failure::io(&layout::shown(&path), &e))?;
    Ok(layout::shown(&path))
}
