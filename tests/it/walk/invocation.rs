//! Whether a command line of ours would be understood, without running it: the programs themselves judge it.

use super::page::{files, root};
use crate::s1_documint::programs;
use crate::support::{Chancery, Folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// How much of the command line there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Somebody may type it as it is.
    Whole,
    /// It names a verb or an option in passing.
    InPassing,
}

/// Why nobody may type these words; nothing for words that are not for a program of ours.
pub(super) fn fault(words: &[String], told: Told) -> Option<String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["chancery", rest @ ..] | ["cargo", "run", "--release", "--", rest @ ..] => {
            of_program(Program::Chancery, rest, told)
        }
        ["documint", rest @ ..] => of_program(Program::Example("documint"), rest, told),
        ["papers", rest @ ..] => of_program(Program::Example("papers"), rest, told),
        ["summarizer", rest @ ..] => of_program(Program::Example("summarizer"), rest, told),
        ["cargo", "xtask", rest @ ..] => of_xtask(rest),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Program {
    Chancery,
    Example(&'static str),
}

impl Program {
    fn ask(self, words: &[&str]) -> Result<String, String> {
        let folder = Folder::new();
        let mut command = match self {
            Self::Chancery => Chancery::in_folder(&folder).command(words),
            Self::Example(name) => Command::new(programs().join(name)),
        };
        if matches!(self, Self::Example(_)) {
            command.args(words).current_dir(folder.path()).env_clear();
        }
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

/// `--help` at the end stops the program once every word before it was read: an unknown verb or option, a value that
/// is missing or not of its kind are refused as ever.
fn of_program(program: Program, words: &[&str], told: Told) -> Option<String> {
    if words.first() == Some(&"help") {
        return program.ask(words).err();
    }
    let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let words = &words[..end];
    // An option that is named in passing may stand without its value.
    let named = words.last().filter(|word| told == Told::InPassing && word.starts_with("--"));
    let read = &words[..words.len() - named.iter().len()];
    let page = match program.ask(&[read, &["--help"]].concat()) {
        Ok(page) => page,
        Err(why) => return Some(why),
    };
    // Where a token may begin with a hyphen, the program takes an unknown option for one.
    let is_option = |word: &&&str| page.split([' ', ',', '\n', '[']).any(|listed| listed == **word);
    let mut options = words.iter().filter(|word| word.starts_with("--"));
    if let Some(stranger) = options.find(|word| !is_option(word)) {
        return Some(format!("there is no {stranger}"));
    }
    let asks_for_help = words.iter().any(|word| ["-h", "--help"].contains(word));
    if told == Told::InPassing || asks_for_help { None } else { missing(&page, words) }
}

/// What the line `Usage` of a help page demands and the words lack.
fn missing(page: &str, words: &[&str]) -> Option<String> {
    let usage: Vec<&str> = page.lines().skip_while(|line| !line.starts_with("Usage: ")).collect();
    let usage: Vec<&str> = usage.into_iter().take_while(|line| !line.is_empty()).collect();
    let usage = usage.join(" ");
    let takes_value = |option: &str| page.contains(&format!("{option} <"));
    let mut given = 0;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.starts_with("--") && takes_value(word) {
            rest.next();
        } else if !word.starts_with("--") {
            given += 1;
        }
    }
    let mut wanted = 0;
    // What follows `--` is the business of whoever is started.
    let demands = usage.split_whitespace().skip(2).take_while(|word| *word != "--");
    let mut demands = demands.filter(|word| !word.starts_with('['));
    while let Some(word) = demands.next() {
        if word.starts_with("<--") {
            // One of several options: <--secret-file <FILE>|--key-file <FILE>>
            let mut several = word.to_owned();
            while !several.ends_with(">>") {
                several.extend([" ", demands.next().unwrap()]);
            }
            let mut options = several.split(['<', '>', '|', ' ']).filter(|part| part.starts_with("--"));
            if !options.any(|option| words.contains(&option)) {
                return Some(format!("{several} is missing"));
            }
        } else if word.starts_with("--") {
            if !words.contains(&word) {
                return Some(format!("{word} is missing"));
            }
            demands.next();
        } else {
            wanted += 1;
        }
    }
    (given < wanted).then(|| format!("{given} words are given where {usage:?} wants {wanted}"))
}

/// The page of a verb names its options, and the stages of `ci`.
fn of_xtask(words: &[&str]) -> Option<String> {
    // Words in capitals stand for others.
    let ours = words.iter().copied().filter(|word| *word != word.to_uppercase() && *word != "help");
    let words: Vec<&str> = ours.collect();
    let verb = words.first().copied().filter(|verb| !verb.starts_with("--"));
    let page = match xtask_page(verb) {
        Ok(page) => page,
        Err(why) => return Some(why),
    };
    let is_named = |word: &str| {
        page.split(|c: char| c.is_whitespace() || "[]`.,".contains(c)).any(|named| named == word)
    };
    let is_known = |word: &str| match verb {
        _ if word == "--help" => true,
        _ if word.starts_with("--") => is_named(word),
        Some("ci") => is_named(word),
        Some("interop") => is_client(&root().join("tests/interop"), word),
        Some("bench") => is_program("tests/benches", word.split('.').next().unwrap()) || is_measured(word),
        Some("fuzz") => word.parse::<u32>().is_ok() || is_program("tests/fuzz/fuzz_targets", word),
        _ => true,
    };
    let ours = words.iter().take_while(|word| **word != "--");
    let stranger = ours.skip(1).find(|word| !is_known(word));
    stranger.map(|word| format!("`cargo xtask {}` does not know {word}", verb.unwrap_or("VERB")))
}

/// Whether some program measures this, which is called otherwise.
fn is_measured(id: &str) -> bool {
    let named = format!("const ID: &str = \"{id}\";");
    files("rs").iter().any(|path| fs::read_to_string(path).unwrap().contains(&named))
}

fn is_program(folder: &str, name: &str) -> bool {
    root().join(folder).join(format!("{name}.rs")).exists()
}

/// A client is a file or a folder somewhere below.
fn is_client(folder: &Path, name: &str) -> bool {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.any(|path| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        stem.eq_ignore_ascii_case(name) || (path.is_dir() && is_client(&path, name))
    })
}

/// What `cargo xtask VERB --help` prints.
pub(super) fn xtask_page(verb: Option<&str>) -> Result<String, String> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--package", "chancery-xtask"])
            .current_dir(root())
            .status()
            .unwrap();
        assert!(built.success(), "the project's own commands could not be built");
        programs().join("chancery-xtask")
    });
    let output = Command::new(program).args(verb).arg("--help").current_dir(root()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn judged(line: &str, told: Told) -> Option<String> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    fault(&words, told)
}

#[test]
fn what_can_be_typed_is_no_fault() {
    for line in [
        "chancery token inspect -",
        "chancery client list --state active",
        "chancery agent exec -- papers --nonsense",
        "chancery agent login --issuer http://127.0.0.1:1 --client-id a --key-file a.pem",
        "chancery help token",
        "cargo run --release -- demo",
        "documint --issuer http://127.0.0.1:1 --leeway 0",
        "cargo xtask ci fmt rules",
        "cargo xtask fuzz --seconds 60",
        "cargo xtask bench codec.jwt",
        "cargo xtask bench family.redis_bytes",
        "cargo xtask test -- --nocapture",
        "cargo xtask VERB --help",
        "curl --nonsense",
    ] {
        assert_eq!(judged(line, Told::Whole), None, "{line}");
    }
    for line in ["chancery token verify --now", "chancery token verify --judge", "chancery client"] {
        assert_eq!(judged(line, Told::InPassing), None, "{line}");
    }
}

#[test]
fn what_nobody_understands_is_a_fault() {
    for line in [
        "chancery clients",
        "chancery client lst",
        "chancery client list --status active",
        "chancery client list --state",
        "chancery token verify --keys k --issuer i --audience a --leeway soon -",
        "chancery token verify --keys k --issuer i -",
        "chancery token verify --keys k --issuer i --audience a",
        "chancery token inspect - -",
        "chancery agent login --issuer http://127.0.0.1:1 --client-id a",
        "documint --routs",
        "papers --nonce",
        "cargo xtask tset",
        "cargo xtask ci nonsense",
        "cargo xtask fuzz --minutes 2",
        "cargo xtask bench --slow",
        "cargo xtask bench cdec.jwt",
        "cargo xtask bench family.bytes",
        "cargo xtask interop nobody",
    ] {
        assert!(judged(line, Told::Whole).is_some(), "{line}");
    }
    for line in
        ["chancery token verify --later", "chancery token verify --ke --judge", "chancery help tokens"]
    {
        assert!(judged(line, Told::InPassing).is_some(), "{line}");
    }
}
