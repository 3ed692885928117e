//! Settings as they were written: by name, with their origin, not yet understood.

use super::VARIABLE_PREFIX;
use super::fault::{ConfigFault, Origin};
use super::nearest::nearest;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Every setting there is.
const KNOWN: [(&str, &[&str]); 9] = [
    ("admin", &["secret_file"]),
    ("issuer", &["catalog", "environment", "url"]),
    ("keys", &["algorithm_name", "jwks_max_age", "master_key_file", "publish_lead"]),
    ("limits", &["body_bytes", "cached_clients", "concurrent_requests", "drain_timeout", "request_timeout"]),
    ("listen", &["address"]),
    ("log", &["format", "level"]),
    ("revocation", &["attested_because", "durability", "journal_file", "max_blind", "on_unprovable_loss"]),
    (
        "store",
        &["ca_file", "command_timeout", "connect_timeout", "password_file", "path", "redis", "username"],
    ),
    ("tokens", &["default_lifetime", "max_lifetime"]),
];

/// A value as it was written. Environment variables hold texts alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Text(String),
    Integer(String),
    Other(&'static str),
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: Written,
    pub(super) origin: Origin,
}

/// Settings by section and key. A later one takes the place of an earlier one.
#[derive(Debug, Default)]
pub(super) struct Settings {
    made: BTreeMap<(&'static str, &'static str), Setting>,
    pub(super) faults: Vec<ConfigFault>,
}

impl Settings {
    /// Takes a setting out.
    pub(super) fn take(&mut self, section: &'static str, key: &'static str) -> Option<Setting> {
        self.made.remove(&(section, key))
    }

    /// Where a setting was made, if it was.
    pub(super) fn origin(&self, section: &'static str, key: &'static str) -> Option<Origin> {
        self.made.get(&(section, key)).map(|setting| setting.origin.clone())
    }

    pub(super) fn add_file(&mut self, path: &Path) {
        let at = |line| Origin::File { path: path.into(), line };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.refuse(at(1), format!("the configuration cannot be read: {error}")),
        };
        let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        let document = match DeTable::parse(&text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let message = error.message().lines().collect::<Vec<_>>().join(", ");
                return self.refuse(at(line(offset)), format!("this is not TOML: {message}"));
            }
        };
        for (section, value) in document.get_ref() {
            let section_line = line(section.span().start);
            let DeValue::Table(table) = value.get_ref() else {
                let name = section.get_ref();
                self.refuse(
                    at(section_line),
                    format!("'{name}' stands outside a section; write it under one of {}", sections()),
                );
                continue;
            };
            if table.is_empty() && known_section(section.get_ref()).is_none() {
                self.unknown_section(at(section_line), section.get_ref());
            }
            for (key, value) in table {
                let written = match value.get_ref() {
                    DeValue::String(text) => Written::Text(text.clone().into_owned()),
                    DeValue::Integer(number) => Written::Integer(number.to_string()),
                    DeValue::Float(_) => Written::Other("a number with a point"),
                    DeValue::Boolean(_) => Written::Other("true or false"),
                    DeValue::Datetime(_) => Written::Other("a date"),
                    DeValue::Array(_) => Written::Other("a list"),
                    DeValue::Table(_) => Written::Other("a table"),
                };
                self.add(section.get_ref(), key.get_ref(), written, at(line(key.span().start)));
            }
        }
    }

    pub(super) fn add_variables(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix(VARIABLE_PREFIX) else { continue };
            let lower = rest.to_ascii_lowercase();
            let origin = Origin::Variable { name };
            match lower.split_once("__") {
                Some((section, key)) => self.add(section, key, Written::Text(value), origin),
                None => self.refuse(
                    origin,
                    format!("write {VARIABLE_PREFIX}SECTION__KEY; sections are {}", sections()),
                ),
            }
        }
    }

    pub(super) fn refuse(&mut self, origin: Origin, message: String) {
        self.faults.push(ConfigFault { origin, message });
    }

    fn add(&mut self, section: &str, key: &str, value: Written, origin: Origin) {
        let Some((section, keys)) = known_section(section) else {
            return self.unknown_section(origin, section);
        };
        let Some(key) = keys.iter().find(|known| **known == key) else {
            let file = format!("{key}_file");
            let message = if keys.contains(&&*file) {
                // The value is not repeated: it may be the secret itself.
                format!(
                    "[{section}] has no '{key}': secrets are read from files alone; write {file} and the path"
                )
            } else {
                let meant = nearest(key, keys.iter().copied());
                let hint = meant.map_or_else(
                    || format!("it has {}", keys.join(", ")),
                    |meant| format!("did you mean '{meant}'?"),
                );
                format!("[{section}] has no '{key}'; {hint}")
            };
            return self.refuse(origin, message);
        };
        self.made.insert((section, key), Setting { value, origin });
    }

    fn unknown_section(&mut self, origin: Origin, section: &str) {
        let meant = nearest(section, KNOWN.iter().map(|(name, _)| *name));
        let hint = meant.map_or_else(
            || format!("sections are {}", sections()),
            |meant| format!("did you mean [{meant}]?"),
        );
        self.refuse(origin, format!("there is no section [{section}]; {hint}"));
    }
}

fn known_section(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    KNOWN.into_iter().find(|(known, _)| *known == name)
}

fn sections() -> String {
    KNOWN.map(|(name, _)| name).join(", ")
}
