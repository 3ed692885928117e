//! `[product.NAME.resource.NAME]`

use super::fields::{Fields, wrong_kind, wrong_value};
use super::{Report, scope};
use crate::error::Fault;
use crate::product::{AxisKind, Resource};
use crate::scope_entry::Risk;
use chancery_token::bounds::Axis;
use std::ops::Range;
use toml::de::DeTable;

pub(super) fn read(name: &str, at: &Range<usize>, table: &DeTable<'_>, report: &mut Report<'_>) -> Resource {
    let mut fields = Fields::new(table, at.clone(), format!("the resource '{name}'"));
    let axes = axes(&fields, report);
    let mut scopes = Vec::new();
    let mut places = Vec::new();
    for (action_name, at, table) in fields.tables("action", report) {
        if let Some(entry) = scope::read(name, action_name, &at, table, report) {
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
    Resource { name: name.to_owned(), axes, scopes, line: report.line(at) }
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
