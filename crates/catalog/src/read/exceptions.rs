//! `lint = { RULE = "why" }`

use super::Report;
use super::fields::{Fields, wrong_kind};
use crate::lint::Exception;
use toml::de::DeTable;

/// The rules that `table` is not held to. `rules` are those that could speak about it.
pub(super) fn read(
    table: &DeTable<'_>,
    rules: &'static [&'static str],
    report: &mut Report<'_>,
) -> Vec<Exception> {
    let Some(value) = table.get("lint") else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        let wanted = "a table like { broad = \"why this one is right\" }";
        report.fault(&value.span(), wrong_kind("lint", value, wanted));
        return Vec::new();
    };
    let mut fields = Fields::new(table, value.span(), "'lint'");
    let mut exceptions = Vec::new();
    for rule in rules {
        if let Some((why, at)) = fields.optional(rule, report) {
            exceptions.push(Exception { rule, why: why.to_owned(), line: report.line(&at) });
        }
    }
    fields.finish(rules, report);
    exceptions
}
