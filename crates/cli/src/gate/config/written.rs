//! The file as it was written: values by name, each with its line, not yet understood.

use chancery_issuer::config::{BadConfig, ConfigFault, Origin, nearest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// What stands above the first section.
pub(super) const TOP: &str = "";
/// Every setting there is.
const KNOWN: [(&str, &[&str]); 3] = [
    (
        TOP,
        &[
            "audience",
            "environment",
            "format",
            "issuer",
            "leeway",
            "listen",
            "max_lifetime",
            "routes",
            "state",
        ],
    ),
    ("log", &["format", "level"]),
    ("revocation", &["client_id", "ignore_because", "max_staleness", "name", "policy", "secret_file"]),
];

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Integer(String),
    Other(&'static str),
}

/// Values that are not read yet, and the faults so far.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    values: BTreeMap<(&'static str, &'static str), (Value, usize)>,
    sections: BTreeMap<&'static str, usize>,
    faults: Vec<(usize, String)>,
}

impl Written {
    pub(super) fn of_file(path: &Path) -> Result<Self, BadConfig> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::of_text(path, &text),
            Err(error) => Err(unreadable(path, 1, format!("the configuration cannot be read: {error}"))),
        }
    }

    pub(super) fn of_text(path: &Path, text: &str) -> Result<Self, BadConfig> {
        let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        let document = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            unreadable(path, line(offset), format!("this is not TOML: {message}"))
        })?;
        let mut written = Self {
            path: path.to_owned(),
            values: BTreeMap::new(),
            sections: BTreeMap::new(),
            faults: Vec::new(),
        };
        for (key, value) in document.get_ref() {
            let (name, at) = (key.get_ref(), line(key.span().start));
            match value.get_ref() {
                DeValue::Table(table) if !is_at_the_top(name) => {
                    let Some((section, _)) = known_section(name) else {
                        written.unknown_section(at, name);
                        continue;
                    };
                    written.sections.insert(section, at);
                    for (key, value) in table {
                        written.add(
                            section,
                            key.get_ref(),
                            read_value(value.get_ref()),
                            line(key.span().start),
                        );
                    }
                }
                other => written.add(TOP, name, read_value(other), at),
            }
        }
        Ok(written)
    }

    /// Takes a value out, with its line.
    pub(super) fn take(&mut self, section: &'static str, key: &'static str) -> Option<(Value, usize)> {
        self.values.remove(&(section, key))
    }

    /// The line of a value that is there.
    pub(super) fn line_of(&self, section: &'static str, key: &'static str) -> Option<usize> {
        self.values.get(&(section, key)).map(|(_, line)| *line)
    }

    /// The line that something belongs after which is not there.
    pub(super) fn begin_of(&self, section: &'static str) -> usize {
        self.sections.get(section).copied().unwrap_or(1)
    }

    pub(super) fn refuse(&mut self, line: usize, message: String) {
        self.faults.push((line, message));
    }

    /// What is made of it, if nothing is wrong with it; else every fault, in the order of the file.
    pub(super) fn judged<T>(mut self, made: Option<T>) -> Result<T, BadConfig> {
        match made {
            Some(made) if self.faults.is_empty() => Ok(made),
            Some(_) | None => {
                self.faults.sort_by_key(|(line, _)| *line);
                let faults = self.faults.into_iter();
                Err(BadConfig {
                    faults: faults.map(|(line, message)| fault(&self.path, line, message)).collect(),
                })
            }
        }
    }

    fn add(&mut self, section: &'static str, key: &str, value: Value, line: usize) {
        let keys = known_section(section).map_or(&[][..], |(_, keys)| keys);
        match keys.iter().find(|known| **known == key) {
            Some(known) => {
                self.values.insert((section, known), (value, line));
            }
            None if known_section(key).is_some_and(|(name, _)| name != TOP && section == TOP) => {
                self.refuse(line, format!("{key} is a section; write [{key}] and its lines below it"));
            }
            None => self.refuse(line, format!("{}; {}", unknown(section, key), hint(section, keys, key))),
        }
    }

    fn unknown_section(&mut self, line: usize, name: &str) {
        let sections = KNOWN.iter().map(|(name, _)| *name).filter(|name| *name != TOP);
        let hint = nearest(name, sections).map_or("there are [log] and [revocation]".to_owned(), |meant| {
            format!("did you mean [{meant}]?")
        });
        self.refuse(line, format!("there is no section [{name}]; {hint}"));
    }
}

fn unreadable(path: &Path, line: usize, message: String) -> BadConfig {
    BadConfig { faults: vec![fault(path, line, message)] }
}

fn fault(path: &Path, line: usize, message: String) -> ConfigFault {
    ConfigFault { origin: Origin::File { path: path.to_owned(), line }, message }
}

/// How a setting is called in a fault.
pub(super) fn named(section: &str, key: &str) -> String {
    if section == TOP { key.to_owned() } else { format!("[{section}] {key}") }
}

fn unknown(section: &str, key: &str) -> String {
    if section == TOP { format!("there is no '{key}'") } else { format!("[{section}] has no '{key}'") }
}

/// What was probably meant. The value is not repeated: it may be the secret itself.
fn hint(section: &str, keys: &[&'static str], key: &str) -> String {
    let file = format!("{key}_file");
    if KNOWN.iter().any(|(_, keys)| keys.contains(&&*file)) {
        return format!("secrets are read from files alone; write {file} and the path");
    }
    if let Some((elsewhere, _)) = KNOWN.iter().find(|(name, keys)| *name != section && keys.contains(&key)) {
        return if *elsewhere == TOP {
            "it belongs above the first [section]".to_owned()
        } else {
            format!("it belongs under [{elsewhere}]")
        };
    }
    nearest(key, keys.iter().copied())
        .map_or_else(|| format!("there are {}", keys.join(", ")), |meant| format!("did you mean '{meant}'?"))
}

fn is_at_the_top(name: &str) -> bool {
    known_section(TOP).is_some_and(|(_, keys)| keys.contains(&name))
}

fn known_section(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    KNOWN.into_iter().find(|(known, _)| *known == name)
}

fn read_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Integer(number.to_string()),
        DeValue::Float(_) => Value::Other("a number with a point"),
        DeValue::Boolean(_) => Value::Other("true or false"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(_) => Value::Other("a list"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}
