//! Scopes with their reasons, and bounds, from the command line.

use chancery_catalog::{AxisKind, Catalog, Product};
use chancery_issuer::client::Grant;
use chancery_token::bounds::{Axis, Bound};
use chancery_token::{Bounds, Everything, Scope, ScopePattern};

/// Reads every `SCOPE=REASON`, and finds the audience of each in the catalog.
pub(super) fn read(
    written: &[String],
    common_reason: Option<&str>,
    audience: Option<&str>,
    catalog: &Catalog,
    faults: &mut Vec<String>,
) -> Vec<Grant> {
    let mut grants = Vec::new();
    for text in written {
        let (scope, reason) = match (text.split_once('='), common_reason) {
            (Some((scope, reason)), _) => (scope, reason),
            (None, Some(reason)) => (text.as_str(), reason),
            (None, None) => {
                faults.push(format!("--scope {text} has no reason: write --scope '{text}=why it is needed'"));
                continue;
            }
        };
        let scope = match ScopePattern::parse(scope.trim(), Everything::Refuse) {
            Ok(scope) => scope,
            Err(why) => {
                faults.push(format!("--scope {scope}: {why}"));
                continue;
            }
        };
        match audience.map_or_else(|| audience_of(&scope, catalog), |named| Ok(named.to_owned())) {
            Ok(audience) => {
                grants.push(Grant { audience, scope, reason: reason.trim().to_owned(), unbounded: None })
            }
            Err(fault) => faults.push(fault),
        }
    }
    grants
}

/// The one product that knows the scope.
fn audience_of(scope: &ScopePattern, catalog: &Catalog) -> Result<String, String> {
    let knows = |product: &&Product| product.scopes().any(|entry| scope.covers(entry.scope()));
    let products: Vec<&Product> = catalog.products().iter().filter(knows).collect();
    match products.as_slice() {
        [product] => Ok(product.audience().to_owned()),
        [] => {
            let known: Vec<&str> = catalog.scopes().map(|(_, entry)| entry.scope().as_str()).collect();
            Err(format!(
                "--scope {scope}: {} knows no such scope; it has {}",
                catalog.file(),
                known.join(" ")
            ))
        }
        several => {
            let audiences: Vec<&str> = several.iter().map(|product| product.audience()).collect();
            Err(format!(
                "--scope {scope}: several products know it; add --audience, one of {}",
                audiences.join(" ")
            ))
        }
    }
}

/// Reads every `AXIS=VALUES` and `SCOPE/AXIS=VALUES`. The catalog says which axes hold numbers.
pub(super) fn bounds(
    written: &[String],
    grants: &[Grant],
    catalog: &Catalog,
    faults: &mut Vec<String>,
) -> Option<Bounds> {
    let mut bounds = Bounds::default();
    let before = faults.len();
    for text in written {
        match bound(text, grants, catalog) {
            // The second would take the place of the first in silence.
            Ok((scope, axis, _)) if bounds.iter().any(|(s, a, _)| s == scope.as_ref() && *a == axis) => {
                faults.push(format!(
                    "--bound {text}: '{axis}' is bounded already; write all its values in one"
                ));
            }
            Ok((scope, axis, bound)) => bounds = bounds.with(scope, axis, bound),
            Err(fault) => faults.push(format!("--bound {text}: {fault}")),
        }
    }
    (faults.len() == before).then_some(bounds)
}

fn bound(text: &str, grants: &[Grant], catalog: &Catalog) -> Result<(Option<Scope>, Axis, Bound), String> {
    let (name, values) = text.split_once('=').ok_or("write AXIS=VALUES")?;
    let (scope, axis) = match name.rsplit_once('/') {
        Some((scope, axis)) => (Some(scope.parse::<Scope>().map_err(|why| why.to_string())?), axis),
        None => (None, name),
    };
    let axis: Axis = axis.parse().map_err(|why: chancery_token::bounds::InvalidBound| why.to_string())?;
    let bound = if is_number(&axis, grants, catalog) {
        Bound::AtMost(values.parse().map_err(|_| "the axis holds amounts; write the largest one allowed")?)
    } else {
        let patterns = values.split(',').map(|value| value.trim().parse());
        Bound::AnyOf(
            patterns
                .collect::<Result<_, _>>()
                .map_err(|why: chancery_token::bounds::InvalidBound| why.to_string())?,
        )
    };
    Ok((scope, axis, bound))
}

fn is_number(axis: &Axis, grants: &[Grant], catalog: &Catalog) -> bool {
    let products = grants.iter().filter_map(|grant| catalog.product(&grant.audience));
    let mut kinds = products.flat_map(Product::resources).filter_map(|resource| resource.axis(axis));
    kinds.any(|kind| kind == AxisKind::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r20_an_axis_that_is_bounded_twice_is_refused_instead_of_the_last_one_winning() {
        let catalog = Catalog::parse(chancery_examples::documint::CATALOG, "catalog.toml").unwrap();
        let read = |written: &[&str]| {
            let written: Vec<String> = written.iter().map(ToString::to_string).collect();
            let mut faults = Vec::new();
            (bounds(&written, &[], &catalog, &mut faults), faults)
        };
        let (twice, faults) = read(&["project=a", "project=b"]);
        assert!(twice.is_none() && faults.len() == 1, "{faults:?}");
        assert!(faults[0].contains("'project' is bounded already"), "{faults:?}");
        let (once, faults) = read(&["project=a,b", "invoices:read/project=a"]);
        assert_eq!((once.map(|bounds| bounds.iter().count()), faults), (Some(2), Vec::new()));
    }
}
