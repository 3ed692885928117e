//! Which bounds of a client go into a token, and where.
//!
//! A bound on an axis that a resource does not declare can never be met by its records. So a bound of the client
//! stays general only where every granted scope's resource declares the axis; else it goes to the scopes whose
//! resource does.

use super::GrantRefusal;
use crate::client::Reach;
use chancery_catalog::{Catalog, Product, ScopeEntry};
use chancery_token::Bounds;
use chancery_token::bounds::{Axis, Bound, Pattern};

/// The bounds for a token with these scopes, all of `product`.
pub(super) fn attach(
    reach: &Reach,
    scopes: &[&ScopeEntry],
    product: &Product,
    catalog: &Catalog,
) -> Result<Bounds, GrantRefusal> {
    let Reach::Bounded(held) = reach else { return Ok(Bounds::default()) };
    // An axis that the catalog has dropped binds nothing any more: its bound must not vanish in silence.
    let known = |axis: &Axis| catalog.products().iter().any(|product| declares(product, axis));
    if let Some((_, axis, _)) = held.iter().find(|(_, axis, _)| !known(axis)) {
        return Err(GrantRefusal::BoundUndeclared { axis: axis.to_string() });
    }
    let mut attached = Bounds::default();
    for (scope, axis, bound) in held.iter() {
        let Some(scope) = scope else { continue };
        if scopes.iter().any(|entry| entry.scope() == scope) {
            attached = attached.with(Some(scope.clone()), axis.clone(), bound.clone());
        }
    }
    for (scope, axis, bound) in held.iter() {
        if scope.is_some() {
            continue;
        }
        let declares = |entry: &&&ScopeEntry| {
            product.resource(entry.scope().resource()).is_some_and(|resource| resource.axis(axis).is_some())
        };
        let declaring: Vec<&&ScopeEntry> = scopes.iter().filter(declares).collect();
        if declaring.len() == scopes.len() {
            attached = attached.with(None, axis.clone(), bound.clone());
            continue;
        }
        for entry in declaring {
            let own = held.iter().find(|(scope, own, _)| *scope == Some(entry.scope()) && *own == axis);
            let bound = match own {
                None => bound.clone(),
                Some((_, _, own)) => both(own, bound).ok_or_else(|| contradiction(entry, axis))?,
            };
            attached = attached.with(Some(entry.scope().clone()), axis.clone(), bound);
        }
    }
    Ok(attached)
}

fn declares(product: &Product, axis: &Axis) -> bool {
    product.resources().iter().any(|resource| resource.axis(axis).is_some())
}

fn contradiction(entry: &ScopeEntry, axis: &Axis) -> GrantRefusal {
    GrantRefusal::BoundsContradict { scope: entry.scope().to_string(), axis: axis.to_string() }
}

/// The bound that admits what both admit; `None` when nothing is left.
fn both(a: &Bound, b: &Bound) -> Option<Bound> {
    match (a, b) {
        (Bound::AtMost(a), Bound::AtMost(b)) => Some(Bound::AtMost(*a.min(b))),
        (Bound::AnyOf(a), Bound::AnyOf(b)) => {
            let mut common: Vec<Pattern> = Vec::new();
            for pattern in a.iter().flat_map(|a| b.iter().filter_map(move |b| narrower(a, b))) {
                if !common.contains(pattern) {
                    common.push(pattern.clone());
                }
            }
            (!common.is_empty()).then_some(Bound::AnyOf(common))
        }
        (Bound::AnyOf(_), Bound::AtMost(_)) | (Bound::AtMost(_), Bound::AnyOf(_)) => None,
    }
}

/// The one of two patterns that lies within the other.
fn narrower<'p>(a: &'p Pattern, b: &'p Pattern) -> Option<&'p Pattern> {
    // As they are written: a prefix ends in `*`, which stands nowhere else.
    let (text_a, text_b) = (a.to_string(), b.to_string());
    let within = |inner: &str, outer: &str| match outer.strip_suffix('*') {
        Some(prefix) => inner.strip_suffix('*').unwrap_or(inner).starts_with(prefix),
        None => inner == outer,
    };
    if within(&text_a, &text_b) {
        Some(a)
    } else if within(&text_b, &text_a) {
        Some(b)
    } else {
        None
    }
}
