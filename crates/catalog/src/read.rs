//! From TOML to a catalog.

mod aliases;
mod exceptions;
mod fields;
mod product;
mod resource;
mod resource_servers;
mod scope;
mod template;

pub(crate) use scope::ADMIN_LIFETIME;

use crate::catalog::Catalog;
use crate::error::{CatalogError, Fault};
use fields::Fields;
use std::ops::Range;
use toml::de::DeTable;

/// Collects the faults of one text.
struct Report<'t> {
    file: &'t str,
    text: &'t str,
    faults: Vec<CatalogError>,
}

impl Report<'_> {
    fn fault(&mut self, at: &Range<usize>, fault: Fault) {
        let line = self.line(at);
        self.faults.push(CatalogError { file: self.file.to_owned(), line, fault });
    }

    fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }
}

pub(crate) fn catalog(text: &str, file: &str) -> Result<Catalog, Vec<CatalogError>> {
    let mut report = Report { file, text, faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        report.fault(&error.span().unwrap_or(0..0), Fault::Syntax(error.message().replace('\n', " ")));
    }
    // What a text says that is not TOML is a guess; faults found in a guess would mislead.
    if !report.faults.is_empty() {
        return Err(report.faults);
    }
    let mut fields = Fields::new(document.get_ref(), document.span(), "the catalog");
    let mut products: Vec<crate::Product> = Vec::new();
    for (name, at, table) in fields.tables("product", &mut report) {
        if let Some(product) = product::read(name, &at, table, &mut report) {
            if let Some(other) = products.iter().find(|other| other.audience == product.audience) {
                let shared =
                    Fault::SharedAudience { audience: product.audience.clone(), other: other.name.clone() };
                report.fault(&product::audience_span(table, &at), shared);
            }
            products.push(product);
        }
    }
    let mut templates = Vec::new();
    for (name, at, table) in fields.tables("template", &mut report) {
        templates.extend(template::read(name, &at, table, document.get_ref(), &products, &mut report));
    }
    fields.finish(&["product", "template"], &mut report);
    if products.is_empty() && report.faults.is_empty() {
        report.fault(&(0..0), Fault::NoProduct);
    }
    if !report.faults.is_empty() {
        report.faults.sort_by_key(|error| error.line);
        return Err(report.faults);
    }
    Ok(Catalog { products, templates, file: file.to_owned() })
}

#[cfg(test)]
mod tests;
