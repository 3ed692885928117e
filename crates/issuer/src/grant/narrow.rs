//! What is left of a grant when it is handed on: never more than there was.

use super::asked::Asked;
use super::attach;
use super::scopes::{Carried, Holder};
use super::{GrantRefusal, MAX_REQUESTED_SCOPES, RefusedScope, WhyRefused};
use chancery_catalog::Product;
use chancery_token::bounds::{Axis, Bound};
use chancery_token::{Bounds, Scope, ScopeSet};

/// The scopes that `requested` names, out of `outer`, as far as `holder` has them itself now. Nothing requested is all of
/// `outer` that it has.
pub(super) fn scopes<'c>(
    requested: Option<&str>,
    outer: &ScopeSet,
    holder: Holder<'_>,
    product: &'c Product,
) -> Result<Vec<Carried<'c>>, GrantRefusal> {
    let named = Asked::by(requested);
    let asked = named.unwrap_or(Asked::all(outer));
    let count = asked.count();
    if named.is_some() && count > MAX_REQUESTED_SCOPES {
        return Err(GrantRefusal::TooManyScopes { asked: count });
    }
    let (mut had, mut refused) = (Vec::with_capacity(count), Vec::new());
    for (at, text) in asked.each() {
        match one(text, outer, holder, product) {
            Ok(carried) => had.push(carried),
            Err(why) => refused.push(RefusedScope::new(text, at, why)),
        }
    }
    // Who names none takes what there is.
    if had.is_empty() || (named.is_some() && !refused.is_empty()) {
        return Err(GrantRefusal::ScopesRefused { refused });
    }
    Ok(had)
}

fn one<'c>(
    text: &str,
    outer: &ScopeSet,
    holder: Holder<'_>,
    product: &'c Product,
) -> Result<Carried<'c>, WhyRefused> {
    let Some(found) = product.find(text) else {
        let is_scope = text.parse::<Scope>().is_ok();
        return Err(if is_scope { WhyRefused::Unknown } else { WhyRefused::Malformed });
    };
    let carried = Carried::asked_as(found);
    if !carried.names().any(|name| outer.contains(name)) && !is_held_by_an_older_name(&carried, outer) {
        return Err(WhyRefused::BeyondParent);
    }
    holder.may_have(product, carried.entry)?;
    Ok(carried)
}

/// Whether it was renamed since `outer` was granted.
fn is_held_by_an_older_name(carried: &Carried<'_>, outer: &ScopeSet) -> bool {
    outer.iter().any(|held| held.parse().is_ok_and(|held| carried.entry.is_called(&held)))
}

/// The names of `scopes`, which [`scopes`] chose from `outer`: what each is called now, so that services may turn to a new name
/// while sessions last (docs/decisions/0008-renamed-scopes.md), and an older one where it is in `outer`.
pub(super) fn names(scopes: &[Carried<'_>], outer: &ScopeSet) -> Result<ScopeSet, GrantRefusal> {
    ScopeSet::from_scopes(scopes.iter().flat_map(|carried| carried_names(carried, outer)))
        .map_err(|_| GrantRefusal::ScopeRequired)
}

fn carried_names<'s>(carried: &'s Carried<'_>, among: &'s ScopeSet) -> impl Iterator<Item = &'s Scope> {
    carried.names().filter(|name| *name == carried.entry.scope() || among.contains(name))
}

/// What both admit, for a token with these scopes, under these names.
pub(super) fn bounds(
    outer: &Bounds,
    own: &Bounds,
    scopes: &[Carried<'_>],
    names: &ScopeSet,
) -> Result<Bounds, GrantRefusal> {
    let mut narrowed = Bounds::default();
    for (scope, axis, bound) in outer.iter() {
        let Some(scope) = scope else {
            narrowed = both(narrowed, None, axis, bound, names)?;
            continue;
        };
        // What binds a scope by an older name binds it by each.
        for carried in scopes.iter().filter(|carried| carried.entry.is_called(scope)) {
            for name in carried_names(carried, names) {
                narrowed = both(narrowed, Some(name), axis, bound, names)?;
            }
        }
    }
    for (scope, axis, bound) in own.iter().filter(|(scope, ..)| scope.is_none_or(|it| names.contains(it))) {
        narrowed = both(narrowed, scope, axis, bound, names)?;
    }
    Ok(narrowed)
}

fn both(
    narrowed: Bounds,
    scope: Option<&Scope>,
    axis: &Axis,
    bound: &Bound,
    names: &ScopeSet,
) -> Result<Bounds, GrantRefusal> {
    let there = narrowed.iter().find(|(of, on, _)| *of == scope && *on == axis);
    let bound = match there {
        None => bound.clone(),
        Some((_, _, there)) => attach::both(there, bound).ok_or_else(|| GrantRefusal::BoundsContradict {
            scope: scope.map_or_else(|| names.to_string(), ToString::to_string),
            axis: axis.to_string(),
        })?,
    };
    Ok(narrowed.with(scope.cloned(), axis.clone(), bound))
}
