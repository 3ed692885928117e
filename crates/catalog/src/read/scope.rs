//! `[product.NAME.resource.NAME.action.NAME]`

use super::fields::{Fields, wrong_kind, wrong_value};
use super::{Report, aliases, exceptions};
use crate::error::Fault;
use crate::lint::SCOPE_RULES;
use crate::scope_entry::{Approval, Risk, ScopeEntry};
use chancery_token::{Scope, UnixTime};
use std::ops::Range;
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// R05: administrative tokens live shorter than routine ones, which have 15 minutes by default.
pub(crate) const ADMIN_LIFETIME: Duration = Duration::from_mins(5);

const KNOWN: &[&str] =
    &["sentence", "owner", "risk", "docs", "max_lifetime", "aliases", "sunset", "approval", "lint"];

/// Reads one action of `resource`; `None` when it lacks something. All its faults are reported.
pub(super) fn read(
    resource: &str,
    name: &str,
    at: &Range<usize>,
    table: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Option<ScopeEntry> {
    let text = format!("{resource}:{name}");
    let scope = match text.parse::<Scope>() {
        Ok(scope) => Some(scope),
        Err(rule) => {
            report.fault(at, Fault::Name { name: text.clone(), what: "a scope", rule: rule.to_string() });
            None
        }
    };
    let mut fields = Fields::new(table, at.clone(), format!("the scope '{text}'"));
    let sentence = fields.required(
        "sentence",
        "sentence = \"Can view invoices of the projects this app manages.\"",
        report,
    );
    let owner = fields.required("owner", "owner = \"team-name\"", report);
    let risk = fields.required("risk", "risk = \"read\"", report).and_then(|(text, at)| {
        let risk = text.parse::<Risk>().ok();
        if risk.is_none() {
            report.fault(&at, wrong_value("risk", text, "\"read\", \"write\", \"destructive\" or \"admin\""));
        }
        risk
    });
    let docs = fields.parsed("docs", "a link that begins with https:// or http://", report, link);
    let mut max_lifetime = fields.lifetime("max_lifetime", report);
    if risk == Some(Risk::Admin) {
        if max_lifetime.is_some_and(|longest| longest > ADMIN_LIFETIME) {
            report.fault(at, Fault::AdminTooLong { scope: text.clone() });
        }
        max_lifetime.get_or_insert(ADMIN_LIFETIME);
    }
    let aliases = aliases::read(&text, table, report);
    let sunset = sunset(table, report);
    let approval = approval(&text, table, report);
    let exceptions = exceptions::read(table, SCOPE_RULES, report);
    fields.finish(KNOWN, report);
    Some(ScopeEntry {
        scope: scope?,
        sentence: sentence?.0.to_owned(),
        owner: owner?.0.to_owned(),
        risk: risk?,
        docs,
        max_lifetime,
        aliases,
        sunset,
        approval,
        exceptions,
        line: report.line(at),
    })
}

fn link(text: &str) -> Option<String> {
    let link = text.starts_with("https://") || text.starts_with("http://");
    (link && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')).then(|| text.to_owned())
}

/// A date, as a text or as TOML's own kind; a time of day would hide when the last token ends.
fn sunset(table: &DeTable<'_>, report: &mut Report<'_>) -> Option<UnixTime> {
    const WANTED: &str = "a date like \"2027-06-30\"";
    let value = table.get("sunset")?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => {
            report.fault(&value.span(), wrong_kind("sunset", value, WANTED));
            return None;
        }
    };
    let midnight = UnixTime::from_rfc3339(&format!("{text}T00:00:00Z"));
    if midnight.is_none() {
        report.fault(&value.span(), wrong_value("sunset", &text, WANTED));
    }
    midnight
}

fn approval(scope: &str, table: &DeTable<'_>, report: &mut Report<'_>) -> Option<Approval> {
    let value = table.get("approval")?;
    let Some(table) = value.get_ref().as_table() else {
        let wanted = "a table like { by = \"finance-leads\", lapses = \"8h\" }";
        report.fault(&value.span(), wrong_kind("approval", value, wanted));
        return None;
    };
    let mut fields = Fields::new(table, value.span(), format!("the approval of '{scope}'"));
    let by = fields.required("by", "by = \"finance-leads\"", report);
    let lapses = fields.lapse("lapses", report);
    fields.finish(&["by", "lapses"], report);
    Some(Approval { by: by?.0.to_owned(), lapses: lapses? })
}
