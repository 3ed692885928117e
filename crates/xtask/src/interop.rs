//! `cargo xtask interop`: libraries that nobody here wrote, against a running issuer.

mod client;
mod issuer;
mod verdict;

use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;
use crate::table::{self, Lean};
use crate::{binary, layout, needs};
use client::Client;

/// A client asks for a handful of tokens; minutes mean that it hangs.
const CLIENT: Duration = Duration::from_mins(2);

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let clients = choose(words, &layout::root().join("tests/interop"))?;
    needs::ensure(&[needs::C, needs::PYTHON, needs::VENV, needs::NODE, needs::NPM])?;
    let chancery = binary::build()?;
    let work = layout::target("interop");
    layout::make(&work)?;
    for runtime in client::runtimes(&clients) {
        runtime.prepare(&work)?;
    }
    let running = issuer::start(&chancery, &work.join("issuer"))?;
    let mut rows = Vec::new();
    let mut broken = Vec::new();
    for client in &clients {
        let verdicts = client.ask(&work, &running.description, CLIENT)?;
        broken.extend(verdicts.iter().filter(|v| !v.accepted).map(|v| format!("{}: {}", v.library, v.case)));
        rows.extend(verdicts.iter().map(|verdict| verdict.row(client.runtime.registry())));
    }
    drop(running);
    let columns = [
        ("library", Lean::Left),
        ("version", Lean::Left),
        ("through", Lean::Left),
        ("case", Lean::Left),
        ("outcome", Lean::Left),
        ("note", Lean::Left),
    ];
    println!("\n{}", table::render(&columns, &rows));
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::broken(format!("foreign clients disagree with us:\n  {}", broken.join("\n  "))))
}

fn choose(words: &[String], folder: &Path) -> Result<Vec<Client>, Failure> {
    let all = client::all(folder)?;
    let known: Vec<String> = all.iter().map(|client| client.name.clone()).collect();
    if let Some(stranger) = words.iter().find(|word| !known.contains(word)) {
        return Err(Failure::usage(format!("no client `{stranger}`; there are: {}", known.join(", "))));
    }
    if all.is_empty() {
        return Err(Failure::broken("tests/interop holds no client"));
    }
    Ok(all.into_iter().filter(|client| words.is_empty() || words.contains(&client.name)).collect())
}
