//! Every help page, as somebody reads it who has nothing else.

use super::invocation::{Told, fault};
use super::page::spans;
use super::words::commands;
use crate::support::{Chancery, Folder};

/// The width of a terminal that nobody made wider.
const NARROW: &str = "80";
/// No page is wider, however wide the terminal is.
const WIDE: &str = "100";

/// A verb, and what `--help` says about it.
struct Help {
    verb: String,
    page: String,
}

impl Help {
    /// The page of this verb and of every verb below it.
    fn of(verb: &[&str], width: &str) -> Vec<Self> {
        let folder = Folder::new();
        let mut command = Chancery::in_folder(&folder).command(&[verb, &["--help"]].concat());
        let page = String::from_utf8(command.env("COLUMNS", width).output().unwrap().stdout).unwrap();
        let listed = page.lines().skip_while(|line| *line != "Commands:").skip(1);
        let listed = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
        let below = listed.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help");
        let below: Vec<Self> = below.flat_map(|name| Self::of(&[verb, &[name]].concat(), width)).collect();
        let mut pages = vec![Self { verb: verb.join(" "), page: page.clone() }];
        pages.extend(below);
        pages
    }

    /// What stands below the options.
    fn close(&self) -> String {
        let below = self.page.lines().skip_while(|line| *line != "Options:").skip(1);
        let close = below.skip_while(|line| line.is_empty() || line.starts_with(' '));
        close.collect::<Vec<_>>().join("\n")
    }

    /// The commands under `Examples`, without what is said beside them.
    fn examples(&self) -> String {
        let close = self.close();
        let shown = close.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
        let lines = shown.take_while(|line| !line.is_empty()).map(|line| {
            let line = line.trim_start();
            line.split_once("   ").map_or(line, |(command, _)| command)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn every_example_of_every_help_page_can_be_typed() {
    let mut faults = Vec::new();
    let mut tried = 0;
    for help in Help::of(&[], WIDE) {
        for words in commands(&help.examples()) {
            let told = if words.iter().any(|word| word == "…") { Told::InPassing } else { Told::Whole };
            let words: Vec<String> = words.into_iter().filter(|word| word != "…").collect();
            tried += 1;
            faults.extend(fault(&words, told).map(|why| format!("{} --help: {words:?}: {why}", help.verb)));
        }
        for (_, span) in spans(&help.close()) {
            let mut named = commands(span);
            faults.extend(named.drain(..).filter_map(|words| {
                fault(&words, Told::InPassing).map(|why| format!("{} --help: {words:?}: {why}", help.verb))
            }));
        }
    }
    assert!(tried > 30, "{tried}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_verb_shows_an_example_or_the_verbs_below_it() {
    for help in Help::of(&[], WIDE) {
        let shows = help.page.contains("\nCommands:\n") || help.close().contains("Example");
        assert!(shows || help.verb == "demo", "{} --help", help.verb);
    }
}

#[test]
fn what_a_help_page_says_below_its_options_fits_a_narrow_terminal_as_it_is() {
    let (narrow, wide) = (Help::of(&[], NARROW), Help::of(&[], WIDE));
    let broken = narrow.iter().zip(&wide).filter(|(narrow, wide)| narrow.close() != wide.close());
    let lines = broken.flat_map(|(_, wide)| {
        let close = wide.close();
        let long: Vec<String> =
            close.lines().filter(|line| line.chars().count() > 80).map(str::to_owned).collect();
        long.into_iter().map(|line| format!("{} --help: {line}", wide.verb))
    });
    let lines: Vec<String> = lines.collect();
    assert!(lines.is_empty(), "a command that is wrapped cannot be pasted:\n{}", lines.join("\n"));
}
