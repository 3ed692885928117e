//! How a client proves itself and refreshes.

use super::{Reader, in_order};
use crate::client::key_file;
use chancery_issuer::admin::RefreshDraft;
use chancery_issuer::config::nearest;
use serde_json::Value;
use std::path::Path;
use toml::Spanned;
use toml::de::DeValue;

/// What stands under `[refresh]`, and where it stands in the draft.
const TERMS: [(&str, &str); 4] = [
    ("absolute", "/refresh/absolute_secs"),
    ("idle", "/refresh/idle_secs"),
    ("most_families", "/refresh/most_families"),
    ("on_replay", "/refresh/on_replay"),
];

impl Reader<'_> {
    /// The public keys in the files that are named, as seen from where the command runs.
    pub(super) fn keys(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Vec<Value> {
        let mut keys = Vec::new();
        for file in self.texts(value, "keys", pointer) {
            match key_file::read(Path::new(&file)) {
                Ok(jwk) => keys.push(jwk),
                Err(failure) => self.fault(pointer, &value.span(), failure.message().to_owned()),
            }
        }
        keys
    }

    pub(super) fn refresh(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Option<RefreshDraft> {
        let mut draft = RefreshDraft::default();
        let terms = match value.get_ref() {
            DeValue::Boolean(true) => return Some(draft),
            DeValue::Boolean(false) => return None,
            DeValue::Table(terms) => terms,
            _ => {
                let message =
                    "terms of refreshing stand under [refresh]: idle = \"14d\"; or write refresh = true";
                self.fault(pointer, &value.span(), message.to_owned());
                return None;
            }
        };
        for (key, value) in in_order(terms) {
            let name: &str = key.get_ref();
            let Some((name, pointer)) = TERMS.into_iter().find(|(known, _)| *known == name) else {
                let names = || TERMS.iter().map(|(known, _)| *known);
                let hint = nearest(name, names()).map_or_else(
                    || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
                    |meant| format!("did you mean '{meant}'?"),
                );
                self.fault(pointer, &key.span(), format!("refreshing has no '{name}'; {hint}"));
                continue;
            };
            self.place(pointer, &key.span());
            match name {
                "absolute" => draft.absolute_secs = self.span(value, name, pointer),
                "idle" => draft.idle_secs = self.span(value, name, pointer),
                "most_families" => draft.most_families = self.number(value, name, pointer),
                _ => draft.on_replay = self.text(value, name, pointer),
            }
        }
        Some(draft)
    }

    fn number(&mut self, value: &Spanned<DeValue<'_>>, name: &str, pointer: &str) -> Option<u64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.to_string().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(pointer, &value.span(), format!("'{name}' is a number, without quotes"));
        }
        number
    }
}
