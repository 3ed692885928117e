//! From TOML to a draft. Every fault is told, with its line; the rest is read all the same.

mod terms;

use super::FileFault;
use super::places::{Places, escape};
use crate::time::parse_span;
use chancery_issuer::admin::{ClientDraft, GrantDraft};
use chancery_issuer::config::nearest;
use serde_json::{Map, Value, json};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The place of a fault that leaves nothing of the file.
pub(super) const EVERYTHING: &str = "/";

/// What stands at the top of a file, and where it stands in the draft.
const KNOWN: [(&str, &str); 17] = [
    ("authentication", "/authentication"),
    ("bounds", "/bounds"),
    ("delegate_to", "/may_delegate_to"),
    ("dpop", "/dpop"),
    ("expires", "/expires_at"),
    ("id", "/id"),
    ("keys", "/keys"),
    ("kind", "/kind"),
    ("lifetime", "/lifetime_secs"),
    ("name", "/name"),
    ("owner", "/owner"),
    ("purpose", "/purpose"),
    ("refresh", "/refresh"),
    ("scope", "/grants"),
    ("template", "/template"),
    ("tenants", "/tenants"),
    ("unbounded", "/unbounded"),
];
/// What a scope may say besides its reason.
const OF_SCOPE: [&str; 3] = ["audience", "reason", "unbounded"];

type Entry<'t, 'v> = (&'v Spanned<DeString<'t>>, &'v Spanned<DeValue<'t>>);

struct Reader<'t> {
    text: &'t str,
    places: Places,
    faults: Vec<FileFault>,
}

pub(super) fn client(text: &str) -> (ClientDraft, Places, Vec<FileFault>) {
    let mut reader = Reader { text, places: Places::default(), faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        reader.fault(EVERYTHING, &error.span().unwrap_or(0..0), format!("this is not TOML: {message}"));
    }
    let mut draft = ClientDraft::default();
    if reader.faults.is_empty() {
        for entry in in_order(document.get_ref()) {
            reader.add(&mut draft, entry);
        }
    }
    (draft, reader.places, reader.faults)
}

/// As they were written.
fn in_order<'t, 'v>(table: &'v DeTable<'t>) -> Vec<Entry<'t, 'v>> {
    let mut entries: Vec<Entry<'t, 'v>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

impl Reader<'_> {
    fn line(&self, at: &Range<usize>) -> usize {
        self.text.bytes().take(at.start).filter(|byte| *byte == b'\n').count() + 1
    }

    fn fault(&mut self, pointer: &str, at: &Range<usize>, message: String) {
        let line = self.line(at);
        self.faults.push(FileFault { pointer: pointer.to_owned(), line, reason: None, message });
    }

    fn place(&mut self, pointer: &str, at: &Range<usize>) {
        let line = self.line(at);
        self.places.add(pointer.to_owned(), line);
    }

    fn add(&mut self, draft: &mut ClientDraft, (key, value): Entry<'_, '_>) {
        let name: &str = key.get_ref();
        let Some((name, pointer)) = KNOWN.into_iter().find(|(known, _)| *known == name) else {
            let names = || KNOWN.iter().map(|(known, _)| *known);
            let meant = nearest(name, names());
            let pointer =
                KNOWN.iter().find(|(known, _)| Some(*known) == meant).map_or("", |(_, place)| place);
            let hint = meant.map_or_else(
                || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
                |meant| format!("did you mean '{meant}'?"),
            );
            return self.fault(pointer, &key.span(), format!("a client has no '{name}'; {hint}"));
        };
        self.place(pointer, &key.span());
        match name {
            "bounds" => draft.bounds = self.bounds(value),
            "expires" => draft.expires_at = self.end(value, pointer),
            "lifetime" => draft.lifetime_secs = self.span(value, name, pointer),
            "scope" => draft.grants = self.grants(value),
            "tenants" => draft.tenants = self.texts(value, name, pointer),
            "authentication" => draft.authentication = self.text(value, name, pointer),
            "delegate_to" => draft.may_delegate_to = self.texts(value, name, pointer),
            "dpop" => draft.dpop = self.text(value, name, pointer),
            "keys" => draft.keys = self.keys(value, pointer),
            "refresh" => draft.refresh = self.refresh(value, pointer),
            "id" => draft.id = self.text(value, name, pointer),
            "kind" => draft.kind = self.text(value, name, pointer),
            "name" => draft.name = self.text(value, name, pointer),
            "owner" => draft.owner = self.text(value, name, pointer),
            "purpose" => draft.purpose = self.text(value, name, pointer),
            "template" => draft.template = self.text(value, name, pointer),
            _ => draft.unbounded = self.text(value, name, pointer),
        }
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>, name: &str, pointer: &str) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.clone().into_owned());
        }
        self.fault(pointer, &value.span(), format!("'{name}' is a text; write it between quotes"));
        None
    }

    fn end(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => {
                let message = "'expires' is a span like \"90d\" or a date like \"2027-06-30\"";
                self.fault(pointer, &value.span(), message.to_owned());
                None
            }
        }
    }

    fn span(&mut self, value: &Spanned<DeValue<'_>>, name: &str, pointer: &str) -> Option<u64> {
        let span = match value.get_ref() {
            DeValue::String(text) => parse_span(text).ok(),
            _ => None,
        };
        if span.is_none() {
            let message = format!("'{name}' is a duration like \"15m\"");
            self.fault(pointer, &value.span(), message);
        }
        span.map(|span| span.as_secs())
    }

    /// A list of texts; one text stands for a list of one.
    fn texts(&mut self, value: &Spanned<DeValue<'_>>, name: &str, pointer: &str) -> Vec<String> {
        let DeValue::Array(entries) = value.get_ref() else {
            return self.text(value, name, pointer).into_iter().collect();
        };
        let mut texts = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let pointer = format!("{pointer}/{at}");
            self.place(&pointer, &entry.span());
            texts.extend(self.text(entry, name, &pointer));
        }
        texts
    }

    fn grants(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<GrantDraft> {
        let DeValue::Table(scopes) = value.get_ref() else {
            let message = "scopes stand under [scope]: \"invoices:read\" = \"why it is needed\"";
            self.fault("/grants", &value.span(), message.to_owned());
            return Vec::new();
        };
        let mut grants = Vec::new();
        for (key, value) in in_order(scopes) {
            if let Some((_, meant)) = KNOWN.iter().find(|(known, _)| *known == key.get_ref()) {
                self.misplaced(key, meant);
                continue;
            }
            let pointer = format!("/grants/{}", grants.len());
            self.place(&pointer, &key.span());
            let mut grant = GrantDraft { scope: key.get_ref().to_string(), ..GrantDraft::default() };
            match value.get_ref() {
                DeValue::String(reason) => grant.reason = Some(reason.clone().into_owned()),
                DeValue::Table(members) => self.grant(&mut grant, members, &pointer),
                _ => {
                    let message = format!("\"{}\" = \"why it is needed\"; between quotes", grant.scope);
                    self.fault(&pointer, &value.span(), message);
                }
            }
            grants.push(grant);
        }
        grants
    }

    fn grant(&mut self, grant: &mut GrantDraft, members: &DeTable<'_>, pointer: &str) {
        for (key, value) in in_order(members) {
            let name: &str = key.get_ref();
            let pointer = format!("{pointer}/{name}");
            self.place(&pointer, &key.span());
            match name {
                "audience" => grant.audience = self.text(value, name, &pointer),
                "reason" => grant.reason = self.text(value, name, &pointer),
                "unbounded" => grant.unbounded = self.text(value, name, &pointer),
                _ => {
                    let hint = nearest(name, OF_SCOPE.into_iter()).map_or_else(
                        || format!("it has {}", OF_SCOPE.join(", ")),
                        |meant| format!("did you mean '{meant}'?"),
                    );
                    self.fault(&pointer, &key.span(), format!("a scope has no '{name}'; {hint}"));
                }
            }
        }
    }

    fn bounds(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let DeValue::Table(axes) = value.get_ref() else {
            let message = "bounds stand under [bounds]: region = [\"eu\"]".to_owned();
            self.fault("/bounds", &value.span(), message);
            return None;
        };
        let mut bounds = Map::new();
        for (key, value) in in_order(axes) {
            let name: &str = key.get_ref();
            // Other words of the top may be axes: administrators are bounded by 'owner'.
            if name == "unbounded" {
                self.misplaced(key, "/unbounded");
                continue;
            }
            let pointer = format!("/bounds/{}", escape(name));
            self.place(&pointer, &key.span());
            let read = match value.get_ref() {
                DeValue::Table(of_scope) => {
                    let mut axes = Map::new();
                    for (key, value) in in_order(of_scope) {
                        let pointer = format!("{pointer}/{}", escape(key.get_ref()));
                        self.place(&pointer, &key.span());
                        axes.extend(
                            self.bound(value, &pointer).map(|bound| (key.get_ref().to_string(), bound)),
                        );
                    }
                    Some(axes.into())
                }
                _ => self.bound(value, &pointer),
            };
            bounds.extend(read.map(|bound| (name.to_owned(), bound)));
        }
        Some(bounds.into())
    }

    fn bound(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Option<Value> {
        let text = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(json!(text)),
            _ => None,
        };
        let read = match value.get_ref() {
            DeValue::Integer(number) => number.to_string().parse::<u64>().ok().map(Value::from),
            DeValue::Array(values) => {
                let values: Option<Vec<Value>> = values.iter().map(|value| text(value.get_ref())).collect();
                values.map(Value::from)
            }
            other => text(other),
        };
        if read.is_none() {
            let message = "a bound is a list of texts like [\"eu\", \"acme-*\"], or an amount like 200";
            self.fault(pointer, &value.span(), message.to_owned());
        }
        read
    }

    /// In TOML a key belongs to the section above it; what was meant for the client stands too low.
    fn misplaced(&mut self, key: &Spanned<DeString<'_>>, meant: &str) {
        let message =
            format!("'{}' stands in a section here; write it above the first [section]", key.get_ref());
        self.fault(meant, &key.span(), message);
    }
}
