//! `[template.NAME]`

use super::fields::{Fields, wrong_kind, wrong_value};
use super::product::check_name;
use super::{Report, exceptions};
use crate::error::Fault;
use crate::lint::TEMPLATE_RULES;
use crate::nearest::nearest;
use crate::product::Product;
use crate::scope_entry::{Risk, ScopeEntry};
use crate::template::{Template, TemplateGrant};
use std::ops::Range;
use toml::de::DeTable;

/// Reads one template over the products of the same file. All its faults are reported.
pub(super) fn read(
    name: &str,
    at: &Range<usize>,
    table: &DeTable<'_>,
    document: &DeTable<'_>,
    products: &[Product],
    report: &mut Report<'_>,
) -> Option<Template> {
    check_name(name, "a template", at, report);
    let mut fields = Fields::new(table, at.clone(), format!("the template '{name}'"));
    let sentence =
        fields.required("sentence", "sentence = \"Looks invoices up for customers who call.\"", report);
    let lifetime = fields.lifetime("lifetime", report);
    let grants = grants(name, at, table, document, products, report);
    let exceptions = exceptions::read(table, TEMPLATE_RULES, report);
    fields.finish(&["sentence", "lifetime", "scope", "lint"], report);
    Some(Template {
        name: name.to_owned(),
        sentence: sentence?.0.to_owned(),
        lifetime,
        grants,
        exceptions,
        line: report.line(at),
    })
}

fn grants(
    name: &str,
    at: &Range<usize>,
    table: &DeTable<'_>,
    document: &DeTable<'_>,
    products: &[Product],
    report: &mut Report<'_>,
) -> Vec<TemplateGrant> {
    const WANTED: &str =
        "a table [template.NAME.scope] of lines \"resource:action\" = \"why the job needs it\"";
    let scopes = match table.get("scope") {
        Some(value) if value.get_ref().as_table().is_none() => {
            report.fault(&value.span(), wrong_kind("scope", value, WANTED));
            return Vec::new();
        }
        scopes => scopes.and_then(|value| value.get_ref().as_table()),
    };
    let mut lines: Vec<_> = scopes.into_iter().flatten().collect();
    lines.sort_by_key(|(key, _)| key.span().start);
    if lines.is_empty() {
        report.fault(at, Fault::Empty { what: "the template", name: name.to_owned(), lacks: "scope" });
    }
    let mut grants: Vec<TemplateGrant> = Vec::new();
    let mut risks = Vec::new();
    for (key, value) in lines {
        let text = key.get_ref();
        let reason = match value.get_ref().as_str() {
            Some(reason) if reason.trim().is_empty() => {
                report.fault(&value.span(), wrong_value(text, reason, "why the job needs the scope"));
                None
            }
            None => {
                report.fault(&value.span(), wrong_kind(text, value, "why the job needs it, in quotes"));
                None
            }
            reason => reason,
        };
        let (product, entry) = match find(text, name, products) {
            Ok(found) => found,
            // What is wrong with the scope is told where it stands.
            Err(Fault::UnknownScope { .. }) if report.has_faults() && is_written(text, document) => continue,
            Err(fault) => {
                report.fault(&key.span(), fault);
                continue;
            }
        };
        let (audience, scope) = (product.audience.clone(), entry.scope.clone());
        if grants.iter().any(|grant| grant.audience == audience && grant.scope == scope) {
            let fault = Fault::ScopeTwice { scope: scope.to_string(), of: name.to_owned() };
            report.fault(&key.span(), fault);
            continue;
        }
        risks.push(entry.risk);
        grants.push(TemplateGrant { audience, scope, reason: reason.unwrap_or_default().to_owned() });
    }
    if risks.contains(&Risk::Admin) && risks.iter().any(|risk| *risk != Risk::Admin) {
        report.fault(at, Fault::TemplateMixesAdmin { template: name.to_owned() });
    }
    grants
}

/// Whether the file holds the scope, be it with faults, in any product.
fn is_written(text: &str, document: &DeTable<'_>) -> bool {
    fn table<'d>(of: &'d DeTable<'_>, key: &str) -> Option<&'d DeTable<'d>> {
        of.get(key)?.get_ref().as_table()
    }
    let (product, scope) = text.split_once('/').map_or((None, text), |(name, scope)| (Some(name), scope));
    let Some((resource, action)) = scope.split_once(':') else { return false };
    let products = table(document, "product").into_iter().flat_map(DeTable::iter);
    let meant = products.filter(|(name, _)| product.is_none_or(|product| name.get_ref() == product));
    let mut resources = meant.filter_map(|(_, product)| {
        table(table(table(product.get_ref().as_table()?, "resource")?, resource)?, "action")
    });
    resources.any(|actions| actions.contains_key(action))
}

/// The scope that `invoices:read`, an alias of it, or `documint/invoices:read` means.
fn find<'p>(
    text: &str,
    template: &str,
    products: &'p [Product],
) -> Result<(&'p Product, &'p ScopeEntry), Fault> {
    let named = text.split_once('/').filter(|(name, _)| products.iter().any(|product| product.name == *name));
    let (product, scope) = named.map_or((None, text), |(name, scope)| (Some(name), scope));
    let meant = || products.iter().filter(|known| product.is_none_or(|name| known.name == name));
    let found: Vec<_> = meant().filter_map(|product| Some((product, product.find(scope)?.entry))).collect();
    match found.as_slice() {
        [found] => Ok(*found),
        [] => {
            let known = meant().flat_map(Product::scopes).map(|entry| entry.scope.as_str());
            let nearest = nearest(scope, known).map(str::to_owned);
            Err(Fault::UnknownScope { scope: text.to_owned(), of: template.to_owned(), nearest })
        }
        several => {
            let write: Vec<String> = several
                .iter()
                .map(|(product, entry)| format!("\"{}/{}\"", product.name, entry.scope))
                .collect();
            Err(Fault::AmbiguousScope { scope: text.to_owned(), write: write.join(" or ") })
        }
    }
}
