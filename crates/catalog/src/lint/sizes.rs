//! How many scopes people can understand.

use super::{Complaint, Rule};
use crate::catalog::Catalog;
use crate::product::Product;
use crate::scope_entry::Risk;
use crate::template::Template;
use chancery_token::Scope;

/// R10: five to ten a product. Fewer are no fault: a product may be small.
const MOST_IN_A_PRODUCT: usize = 10;
/// R16: a template is the smallest set for one job, so it stays well below a product.
const MOST_IN_A_TEMPLATE: usize = 6;
/// A product with fewer scopes cannot be taken in parts.
const PARTED: usize = 3;

pub(super) fn product(product: &Product) -> Option<Complaint> {
    let count = product.scopes().count();
    (count > MOST_IN_A_PRODUCT).then(|| {
        let said = format!(
            "'{}' has {count} scopes; with more than {MOST_IN_A_PRODUCT}, people grant all of them unread",
            product.name()
        );
        let better = "scopes merged where one job always needs both, or two products with an audience each";
        Complaint::new(Rule::TooMany, said).better(better)
    })
}

pub(super) fn template(template: &Template, catalog: &Catalog) -> Option<Complaint> {
    let (name, held) = (template.name(), template.grants());
    if held.len() > MOST_IN_A_TEMPLATE {
        let said = format!(
            "the template '{name}' has {} scopes; more than {MOST_IN_A_TEMPLATE} are hardly one job (R17)",
            held.len()
        );
        return Some(Complaint::new(Rule::TooMany, said).better("two templates, one for each job"));
    }
    let whole = catalog.products().iter().find(|product| {
        let mut data = product.scopes().filter(|entry| entry.risk() != Risk::Admin).peekable();
        let holds = |scope: &Scope| {
            held.iter().any(|grant| grant.audience == product.audience() && grant.scope == *scope)
        };
        product.scopes().count() >= PARTED && data.peek().is_some() && data.all(|entry| holds(entry.scope()))
    })?;
    let said = format!(
        "the template '{name}' holds everything of '{}': that is a key to all, under a nicer name",
        whole.name()
    );
    Some(Complaint::new(Rule::TooMany, said).better("the scopes that the first request of the job needs"))
}
