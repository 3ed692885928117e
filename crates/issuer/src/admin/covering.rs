//! Whether the rights of one administrator cover those of another. Pure.

use crate::client::{Client, Grant, Reach};
use chancery_catalog::{Catalog, Product};
use chancery_token::bounds::{Axis, Bound, Pattern};
use chancery_token::{Bounds, Scope, ScopePattern};

/// Whether `admin` may make, or hand out secrets of, the administrator `other`: each grant of it lies within one of
/// its own, under bounds as narrow as its own, and not for longer. Says what is not covered.
pub(super) fn covers(admin: &Client, other: &Client, catalog: &Catalog) -> Result<(), String> {
    if other.expires_at > admin.expires_at {
        let (end, own) = (other.expires_at, admin.expires_at);
        return Err(format!("it lasts until {end}, the administrator until {own}"));
    }
    for grant in &other.grants {
        let covers = |own: &Grant| own.audience == grant.audience && pattern_covers(&own.scope, &grant.scope);
        if !admin.grants.iter().any(covers) {
            let (scope, audience) = (&grant.scope, &grant.audience);
            return Err(format!("it holds '{scope}' for {audience}, which the administrator does not hold"));
        }
        reach_covers(&admin.reach, &other.reach, grant, catalog)?;
    }
    Ok(())
}

/// Whether `outer` covers whatever `inner` covers, today and with every scope that there will be.
pub(super) fn pattern_covers(outer: &ScopePattern, inner: &ScopePattern) -> bool {
    let (outer, inner) = (outer.to_string(), inner.to_string());
    outer.split(':').zip(inner.split(':')).all(|(outer, inner)| outer == "*" || outer == inner)
}

/// Whether every record that `inner` reaches with the grant is reached by `outer` with it too.
fn reach_covers(outer: &Reach, inner: &Reach, grant: &Grant, catalog: &Catalog) -> Result<(), String> {
    let Reach::Bounded(outer) = outer else { return Ok(()) };
    let Reach::Bounded(inner) = inner else {
        return Err("it is unbounded, the administrator is not".to_owned());
    };
    let wider =
        |axis: &Axis| format!("with '{}' it reaches further on '{axis}' than the administrator", grant.scope);
    let entries = catalog.product(&grant.audience).into_iter().flat_map(Product::scopes);
    for entry in entries.filter(|entry| entry.covered_by(&grant.scope)) {
        with_scope(outer, inner, |of| entry.is_called(of)).map_err(wider)?;
    }
    if grant.scope.exact().is_none() {
        with_any_scope(outer, inner, &grant.scope).map_err(wider)?;
    }
    Ok(())
}

/// Whether every bound of `outer` that holds with a scope is met by one of `inner` that does. Answers the first
/// axis on which it is not. `is_called` knows the scope by every name: a bound under an older one binds it as well.
fn with_scope<'o>(
    outer: &'o Bounds,
    inner: &Bounds,
    is_called: impl Fn(&Scope) -> bool,
) -> Result<(), &'o Axis> {
    let holds = |of: Option<&Scope>| of.is_none_or(&is_called);
    let met = |axis: &Axis, bound: &Bound| {
        inner.iter().any(|(of, own_axis, own)| holds(of) && own_axis == axis && bound_covers(bound, own))
    };
    let mut demanded = outer.iter().filter(|(of, _, _)| holds(*of));
    demanded.find(|(_, axis, bound)| !met(axis, bound)).map_or(Ok(()), |(_, axis, _)| Err(axis))
}

/// As [`with_scope`], for the scopes that a pattern will cover one day.
fn with_any_scope<'o>(outer: &'o Bounds, inner: &Bounds, scopes: &ScopePattern) -> Result<(), &'o Axis> {
    let met = |demanded: Option<&Scope>, axis: &Axis, bound: &Bound| {
        inner.iter().any(|(of, own_axis, own)| {
            (of.is_none() || of == demanded) && own_axis == axis && bound_covers(bound, own)
        })
    };
    let mut demanded = outer.iter().filter(|(of, _, _)| of.is_none_or(|of| scopes.covers(of)));
    demanded.find(|(of, axis, bound)| !met(*of, axis, bound)).map_or(Ok(()), |(_, axis, _)| Err(axis))
}

/// Whether `outer` admits everything that `inner` admits.
pub(super) fn bound_covers(outer: &Bound, inner: &Bound) -> bool {
    match (outer, inner) {
        (Bound::AtMost(outer), Bound::AtMost(inner)) => inner <= outer,
        (Bound::AnyOf(outer), Bound::AnyOf(inner)) => {
            inner.iter().all(|inner| outer.iter().any(|outer| text_covers(outer, inner)))
        }
        (Bound::AnyOf(_), Bound::AtMost(_)) | (Bound::AtMost(_), Bound::AnyOf(_)) => false,
    }
}

/// As they are written: a prefix ends in `*`, which stands nowhere else.
fn text_covers(outer: &Pattern, inner: &Pattern) -> bool {
    let (outer, inner) = (outer.to_string(), inner.to_string());
    match outer.strip_suffix('*') {
        Some(prefix) => inner.strip_suffix('*').unwrap_or(&inner).starts_with(prefix),
        None => inner == outer,
    }
}

#[cfg(test)]
mod tests;
