//! What makes scopes rot, found before anybody holds them (R12).
//!
//! Each rule says what is wrong, why that hurts, and a better name. A rule can be passed over where it is wrong:
//! `lint = { broad = "why this one is right" }` beside the scope, product or template.

mod names;
mod overlaps;
mod risks;
mod rule;
mod sentences;
mod sizes;
mod words;

pub(crate) use rule::{PRODUCT_RULES, SCOPE_RULES, TEMPLATE_RULES};
pub use rule::{RULES, RuleText};

use crate::catalog::Catalog;
use crate::product::Product;
use crate::scope_entry::ScopeEntry;
use rule::Rule;

/// One thing that will rot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The name of the rule, as `lint = { … }` spells it.
    pub rule: &'static str,
    /// The file, as the caller of [`Catalog::parse`] named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The product, unless it is about a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The scope, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What is wrong, and why that hurts.
    pub message: String,
    /// What to write instead, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
}

/// A rule that something is not held to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) rule: &'static str,
    pub(crate) why: String,
    pub(crate) line: usize,
}

/// What a rule found, before it is known where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Complaint {
    rule: Rule,
    message: String,
    better: Option<String>,
}

impl Complaint {
    fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), better: None }
    }

    fn better(self, better: impl Into<String>) -> Self {
        Self { better: Some(better.into()), ..self }
    }
}

/// A scope with the product around it.
#[derive(Clone, Copy)]
struct Subject<'c> {
    product: &'c Product,
    entry: &'c ScopeEntry,
}

impl<'c> Subject<'c> {
    fn resource(self) -> &'c str {
        self.entry.scope().resource()
    }

    fn action(self) -> &'c str {
        self.entry.scope().action()
    }

    /// Another action on the same resource.
    fn with_action(self, action: &str) -> String {
        format!("{}:{action}", self.resource())
    }
}

/// Everything the rules say about the catalog, in the order of its file. The administration is not a matter of the
/// file and is left out.
pub fn lint(catalog: &Catalog) -> Vec<Finding> {
    let mut report = Report { file: catalog.file(), findings: Vec::new() };
    for product in catalog.products().iter().filter(|product| !product.is_administration()) {
        for entry in product.scopes() {
            let subject = Subject { product, entry };
            let complaints = names::check(subject)
                .chain(sentences::check(subject))
                .chain(risks::check(subject))
                .chain(overlaps::check(subject))
                .collect();
            let place = Place { product: Some(product.name()), scope: Some(entry), line: entry.line };
            report.add(&place, complaints, &entry.exceptions);
        }
        let place = Place { product: Some(product.name()), scope: None, line: product.line };
        report.add(&place, sizes::product(product).into_iter().collect(), &product.exceptions);
    }
    for template in catalog.templates() {
        let place = Place { product: None, scope: None, line: template.line };
        report.add(&place, sizes::template(template, catalog).into_iter().collect(), &template.exceptions);
    }
    report.findings.sort_by_key(|finding| finding.line);
    report.findings
}

struct Place<'c> {
    product: Option<&'c str>,
    scope: Option<&'c ScopeEntry>,
    line: usize,
}

struct Report<'c> {
    file: &'c str,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn add(&mut self, place: &Place<'_>, complaints: Vec<Complaint>, exceptions: &[Exception]) {
        let excused = |rule: Rule| exceptions.iter().any(|exception| exception.rule == rule.name());
        for exception in exceptions {
            if !complaints.iter().any(|complaint| complaint.rule.name() == exception.rule) {
                let message = format!(
                    "'{}' is passed over (\"{}\"), and has nothing to say here; remove the exception, so that the rule holds again",
                    exception.rule, exception.why
                );
                self.push(place, exception.line, Complaint::new(Rule::NeedlessException, message));
            }
        }
        for complaint in complaints.into_iter().filter(|complaint| !excused(complaint.rule)) {
            self.push(place, place.line, complaint);
        }
    }

    fn push(&mut self, place: &Place<'_>, line: usize, complaint: Complaint) {
        self.findings.push(Finding {
            rule: complaint.rule.name(),
            file: self.file.to_owned(),
            line,
            product: place.product.map(str::to_owned),
            scope: place.scope.map(|entry| entry.scope().to_string()),
            message: complaint.message,
            better: complaint.better,
        });
    }
}

#[cfg(test)]
mod tests;
