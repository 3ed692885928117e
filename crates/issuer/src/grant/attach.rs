//! Which bounds of a client go into a token, and where.
//!
//! A bound on an axis that a resource does not declare can never be met by its records. So a bound of the client
//! stays general only where every granted scope's resource declares the axis; else it goes to the scopes whose
//! resource does.

use super::GrantRefusal;
use super::scopes::Carried;
use crate::client::Reach;
use chancery_catalog::{Catalog, Product};
use chancery_token::Bounds;
use chancery_token::bounds::{Axis, Bound, Pattern};

/// The bounds for a token with these scopes, all of `product`.
pub(super) fn attach(
    reach: &Reach,
    scopes: &[Carried<'_>],
    product: &Product,
    catalog: &Catalog,
) -> Result<Bounds, GrantRefusal> {
    let Reach::Bounded(held) = reach else { return Ok(Bounds::default()) };
    check_declared(held, catalog)?;
    let mut attached = Bounds::default();
    for (scope, axis, bound) in held.iter() {
        let Some(scope) = scope else { continue };
        // A bound that was written under an older name of the scope still binds it.
        for carried in scopes.iter().filter(|carried| carried.entry.is_called(scope)) {
            attached = narrowed(attached, carried, axis, bound)?;
        }
    }
    for (scope, axis, bound) in held.iter() {
        if scope.is_some() {
            continue;
        }
        let declares = |carried: &&Carried<'_>| {
            let resource = product.resource(carried.entry.scope().resource());
            resource.is_some_and(|resource| resource.axis(axis).is_some())
        };
        if scopes.iter().all(|carried| declares(&carried)) {
            attached = attached.with(None, axis.clone(), bound.clone());
            continue;
        }
        for carried in scopes.iter().filter(declares) {
            attached = narrowed(attached, carried, axis, bound)?;
        }
    }
    Ok(attached)
}

/// What the catalog has dropped binds nothing any more: its bound must not vanish in silence.
fn check_declared(held: &Bounds, catalog: &Catalog) -> Result<(), GrantRefusal> {
    let dropped = held.iter().find(|(scope, axis, _)| {
        let scope_is_gone = scope.is_some_and(|scope| catalog.find(scope.as_str()).next().is_none());
        scope_is_gone || !catalog.products().iter().any(|product| declares(product, axis))
    });
    match dropped {
        None => Ok(()),
        Some((None, axis, _)) => Err(GrantRefusal::BoundUndeclared { axis: axis.to_string() }),
        Some((Some(scope), axis, _)) => {
            Err(GrantRefusal::BoundUndeclared { axis: format!("{scope}/{axis}") })
        }
    }
}

/// Binds the scope under every name that the token holds it by, within what binds it already.
fn narrowed(
    mut attached: Bounds,
    carried: &Carried<'_>,
    axis: &Axis,
    bound: &Bound,
) -> Result<Bounds, GrantRefusal> {
    for name in carried.names() {
        let own = attached.iter().find(|(scope, own, _)| *scope == Some(name) && *own == axis);
        let bound = match own {
            None => bound.clone(),
            Some((_, _, own)) => both(own, bound).ok_or_else(|| contradiction(carried, axis))?,
        };
        attached = attached.with(Some(name.clone()), axis.clone(), bound);
    }
    Ok(attached)
}

fn declares(product: &Product, axis: &Axis) -> bool {
    product.resources().iter().any(|resource| resource.axis(axis).is_some())
}

fn contradiction(carried: &Carried<'_>, axis: &Axis) -> GrantRefusal {
    GrantRefusal::BoundsContradict { scope: carried.entry.scope().to_string(), axis: axis.to_string() }
}

/// The bound that admits what both admit; `None` when nothing is left.
pub(super) fn both(a: &Bound, b: &Bound) -> Option<Bound> {
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
