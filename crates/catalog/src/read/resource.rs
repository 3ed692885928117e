//! `[product.NAME.resource.NAME]` and its actions.

use super::Report;
use super::fields::{Fields, wrong_kind, wrong_value};
use crate::error::Fault;
use crate::product::{AxisKind, Resource, Risk, ScopeEntry};
use chancery_token::Scope;
use chancery_token::bounds::Axis;
use std::ops::Range;
use std::time::Duration;
use toml::de::DeTable;

/// R05: administrative tokens live shorter than routine ones, which have 15 minutes by default.
const ADMIN_LIFETIME: Duration = Duration::from_mins(5);

pub(super) fn read(name: &str, at: &Range<usize>, table: &DeTable<'_>, report: &mut Report<'_>) -> Resource {
    let mut fields = Fields::new(table, at.clone(), format!("the resource '{name}'"));
    let axes = axes(&fields, report);
    let mut scopes = Vec::new();
    let mut places = Vec::new();
    for (action_name, at, table) in fields.tables("action", report) {
        if let Some(entry) = action(name, action_name, &at, table, report) {
            scopes.push(entry);
            places.push(at);
        }
    }
    if table.get("action").is_none_or(|actions| actions.get_ref().as_table().is_some_and(DeTable::is_empty)) {
        report.fault(at, Fault::Empty { what: "the resource", name: name.to_owned(), lacks: "action" });
    }
    if scopes.iter().any(|entry| entry.risk != Risk::Admin) {
        for (entry, at) in scopes.iter().zip(&places).filter(|(entry, _)| entry.risk == Risk::Admin) {
            let scope = entry.scope.to_string();
            report.fault(at, Fault::AdminNotApart { scope, resource: name.to_owned() });
        }
    }
    fields.finish(&["axes", "action"], report);
    Resource { name: name.to_owned(), axes, scopes }
}

fn axes(fields: &Fields<'_, '_>, report: &mut Report<'_>) -> Vec<(Axis, AxisKind)> {
    const WANTED: &str = "a table like { project = \"text\", refund_max = \"number\" }";
    let Some(value) = fields.table().get("axes") else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        report.fault(&value.span(), wrong_kind("axes", value, WANTED));
        return Vec::new();
    };
    let mut axes = Vec::new();
    for (name, value) in table {
        let axis = name.get_ref().parse::<Axis>();
        if let Err(rule) = &axis {
            let fault =
                Fault::Name { name: name.get_ref().to_string(), what: "an axis", rule: rule.to_string() };
            report.fault(&name.span(), fault);
        }
        let kind = match value.get_ref().as_str() {
            Some("text") => Some(AxisKind::Text),
            Some("number") => Some(AxisKind::Number),
            Some(other) => {
                report.fault(&value.span(), wrong_value(name.get_ref(), other, "\"text\" or \"number\""));
                None
            }
            None => {
                report.fault(&value.span(), wrong_kind(name.get_ref(), value, "\"text\" or \"number\""));
                None
            }
        };
        if let (Ok(axis), Some(kind)) = (axis, kind) {
            axes.push((axis, kind));
        }
    }
    axes
}

fn action(
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
    let docs = fields.parsed("docs", "a link that begins with https:// or http://", report, |text| {
        let link = text.starts_with("https://") || text.starts_with("http://");
        (link && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\'))
            .then(|| text.to_owned())
    });
    let mut max_lifetime = fields.lifetime("max_lifetime", report);
    if risk == Some(Risk::Admin) {
        if max_lifetime.is_some_and(|longest| longest > ADMIN_LIFETIME) {
            report.fault(at, Fault::AdminTooLong { scope: text });
        }
        max_lifetime.get_or_insert(ADMIN_LIFETIME);
    }
    fields.finish(&["sentence", "owner", "risk", "docs", "max_lifetime"], report);
    let (sentence, owner) = (sentence?.0.to_owned(), owner?.0.to_owned());
    Some(ScopeEntry { scope: scope?, sentence, owner, risk: risk?, docs, max_lifetime })
}
