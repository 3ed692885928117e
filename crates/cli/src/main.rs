//! The `chancery` command.

mod admin;
mod agent;
mod arguments;
mod catalog;
mod client;
mod completions;
mod confirm;
mod demo;
mod drill;
mod environment;
mod exit;
mod failure;
mod fetch;
mod first_admin;
mod form;
mod gate;
mod handover;
mod init;
mod key;
mod local;
mod logging;
mod no_token;
mod office;
mod revocation;
mod revoke;
mod runtime;
mod secret_file;
mod serve;
mod terminal;
mod time;
mod token;

use arguments::{Chancery, Verb};
use clap::Parser as _;
use exit::Exit;
use failure::Failure;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::Terminal;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let mut terminal = Terminal::of_process();
    let exit = match Chancery::try_parse_from(&words) {
        Ok(chancery) => match run(chancery.verb, &mut terminal) {
            Ok(exit) => exit,
            Err(failure) => tell(&failure, &words, &mut terminal),
        },
        Err(told) => misused(&told, &words, &mut terminal),
    };
    match terminal.finish() {
        Ok(()) => exit.into(),
        Err(_) => Exit::Unusable.into(),
    }
}

fn run(verb: Verb, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match verb {
        Verb::Catalog(verb) => verb.run(terminal),
        Verb::Admin(verb) => verb.run(terminal),
        Verb::Agent(verb) => verb.run(terminal),
        Verb::Client(verb) => verb.run(terminal),
        Verb::Completions(verb) => {
            verb.run(terminal);
            Ok(Exit::Ok)
        }
        Verb::Demo(verb) => verb.run(terminal),
        Verb::Drill(verb) => verb.run(terminal),
        Verb::Gate(verb) => verb.run(terminal),
        Verb::Init(verb) => verb.run(terminal),
        Verb::Key(verb) => verb.run(terminal),
        Verb::Revocation(verb) => verb.run(terminal),
        Verb::Revoke(verb) => verb.run(terminal),
        Verb::Serve(verb) => verb.run(terminal),
        Verb::Token(verb) => verb.run(terminal),
    }
}

/// Help and version are results; anything else is a mistake in the command line.
fn misused(told: &clap::Error, words: &[OsString], terminal: &mut Terminal) -> Exit {
    if !told.use_stderr() {
        terminal.say(told);
        return Exit::Ok;
    }
    if wants_json(words) {
        return tell(&Failure::unusable("usage", told), words, terminal);
    }
    terminal.note(told);
    Exit::Unusable
}

fn tell(failure: &Failure, words: &[OsString], terminal: &mut Terminal) -> Exit {
    if wants_json(words) {
        let mut object = failure.json();
        // Whoever asked for a verdict reads one member, whatever happened.
        if words.iter().any(|word| word == "verify" || word == "verify-signature") {
            object["verdict"] = "unusable".into();
        }
        terminal.json(&object);
    } else {
        terminal.note(failure.text());
    }
    failure.exit()
}

fn wants_json(words: &[OsString]) -> bool {
    words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}
