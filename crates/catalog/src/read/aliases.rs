//! `aliases = ["bills:read", "invoices.read"]`

use super::Report;
use super::fields::wrong_kind;
use crate::error::Fault;
use crate::product::Resource;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Longest alias, in bytes. Foreign scopes are often links, which are longer than scopes of ours.
const MAX_ALIAS_BYTES: usize = 128;

const RULE: &str =
    "use letters, digits and . _ : / -, at most 128 bytes, and not the beginning of a credential";

/// The aliases of one scope that follow the grammar.
pub(super) fn read(scope: &str, table: &DeTable<'_>, report: &mut Report<'_>) -> Vec<String> {
    const WANTED: &str = "a list of texts like [\"bills:read\", \"invoices.read\"]";
    let Some(value) = table.get("aliases") else { return Vec::new() };
    let Some(list) = value.get_ref().as_array() else {
        report.fault(&value.span(), wrong_kind("aliases", value, WANTED));
        return Vec::new();
    };
    let mut aliases = Vec::new();
    for value in list {
        match value.get_ref().as_str() {
            None => report.fault(&value.span(), wrong_kind("aliases", value, WANTED)),
            Some(alias) if !is_legal(alias) => {
                let name = alias.to_owned();
                let fault = Fault::Name { name, what: "an alias", rule: RULE.to_owned() };
                report.fault(&value.span(), fault);
            }
            Some(alias) if alias == scope || aliases.iter().any(|known| known == alias) => {
                let fault = Fault::AliasTaken { alias: alias.to_owned(), other: scope.to_owned() };
                report.fault(&value.span(), fault);
            }
            Some(alias) => aliases.push(alias.to_owned()),
        }
    }
    aliases
}

/// An alias means one scope of its product, whatever order they stand in.
pub(super) fn check(resources: &[Resource], product: &DeTable<'_>, report: &mut Report<'_>) {
    let entries = || resources.iter().flat_map(Resource::scopes);
    for (at, entry) in entries().enumerate() {
        for alias in entry.aliases() {
            let named = entries().find(|other| other.scope().as_str() == alias);
            let other = named.or_else(|| entries().take(at).find(|other| other.aliases().contains(alias)));
            if let Some(other) = other.filter(|other| other.scope() != entry.scope()) {
                let fault = Fault::AliasTaken { alias: alias.clone(), other: other.scope().to_string() };
                let scope = entry.scope();
                report.fault(&place(product, scope.resource(), scope.action(), alias), fault);
            }
        }
    }
}

fn place(product: &DeTable<'_>, resource: &str, action: &str, alias: &str) -> Range<usize> {
    let list = ["resource", resource, "action", action]
        .iter()
        .try_fold(product, |table, key| table.get(*key)?.get_ref().as_table())
        .and_then(|table| table.get("aliases"));
    let Some(list) = list else { return 0..0 };
    let DeValue::Array(values) = list.get_ref() else { return list.span() };
    let value = values.iter().find(|value| value.get_ref().as_str() == Some(alias));
    value.map_or_else(|| list.span(), toml::Spanned::span)
}

/// Aliases stand in requests, answers, logs and pages as they are. One that could be mistaken for a credential
/// would be hidden there.
fn is_legal(alias: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'-');
    let credential = ["chs_", "chr_", "chm_", "eyJ", "v4."].iter().any(|mark| alias.contains(mark));
    (1..=MAX_ALIAS_BYTES).contains(&alias.len()) && alias.bytes().all(legal) && !credential
}
