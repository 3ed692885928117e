//! Which records a client may touch: its bounds as they are written, or why it has none.

use crate::admin::fault::{Faults, Slip};
use crate::client::{Grant, Reach, escape};
use chancery_catalog::{AxisKind, Catalog, Product};
use chancery_token::Bounds;
use serde_json::{Map, Value, json};

/// Reads what is said about it; `None` if nothing is, or nothing that can be read.
pub(in crate::admin) fn reach(
    bounds: Option<&Value>,
    unbounded: Option<String>,
    grants: &[Grant],
    catalog: &Catalog,
    faults: &mut Faults,
) -> Option<Reach> {
    match (bounds, unbounded) {
        (Some(_), Some(_)) => {
            faults.add("/unbounded", &Slip::ReachTwice);
            None
        }
        (None, Some(reason)) => Some(Reach::Unbounded { reason }),
        (Some(Value::Object(members)), None) => {
            let axes = Axes { grants, catalog };
            axes.read(members, faults).map(Reach::Bounded)
        }
        (Some(_), None) => {
            faults.add("/bounds", &Slip::BoundsNoObject);
            None
        }
        (None, None) => None,
    }
}

/// What the granted products say about axes.
struct Axes<'a> {
    grants: &'a [Grant],
    catalog: &'a Catalog,
}

impl Axes<'_> {
    fn read(&self, members: &Map<String, Value>, faults: &mut Faults) -> Option<Bounds> {
        let mut bounds = Some(Bounds::default());
        for (name, value) in members {
            let place = format!("/bounds/{}", escape(name));
            if !name.contains(':') {
                bounds = with(bounds, self.bound(None, name, value, &place, faults));
                continue;
            }
            let Value::Object(axes) = value else {
                faults.add(place, &Slip::BoundsNoObject);
                bounds = None;
                continue;
            };
            if axes.is_empty() {
                faults.add(place.as_str(), &Slip::BoundsNoObject);
                bounds = None;
            }
            for (axis, value) in axes {
                let place = format!("{place}/{}", escape(axis));
                bounds = with(bounds, self.bound(Some(name), axis, value, &place, faults));
            }
        }
        bounds
    }

    /// One bound, alone in bounds of its own.
    fn bound(
        &self,
        scope: Option<&str>,
        axis: &str,
        value: &Value,
        place: &str,
        faults: &mut Faults,
    ) -> Option<Bounds> {
        let value = if self.is_number(axis) {
            let Some(amount) = amount(value) else {
                faults.add(place, &Slip::BoundNoAmount { axis: axis.to_owned() });
                return None;
            };
            json!(amount)
        } else {
            match value {
                Value::String(text) => json!([text]),
                other => other.clone(),
            }
        };
        let alone = match scope {
            Some(scope) => json!({ scope: { axis: value } }),
            None => json!({ axis: value }),
        };
        match serde_json::from_value::<Bounds>(alone) {
            Ok(bounds) => Some(bounds),
            Err(why) => {
                faults.add(place, &Slip::Bound { axis: axis.to_owned(), why: why.to_string() });
                None
            }
        }
    }

    fn is_number(&self, axis: &str) -> bool {
        let Ok(axis) = axis.parse() else { return false };
        let products = self.grants.iter().filter_map(|grant| self.catalog.product(&grant.audience));
        let mut kinds = products.flat_map(Product::resources).filter_map(|resource| resource.axis(&axis));
        kinds.any(|kind| kind == AxisKind::Number)
    }
}

/// An amount, also where it comes as text: from a command line everything does.
fn amount(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        Value::Array(values) => match values.as_slice() {
            [only @ (Value::Number(_) | Value::String(_))] => amount(only),
            _ => None,
        },
        _ => None,
    }
}

fn with(bounds: Option<Bounds>, more: Option<Bounds>) -> Option<Bounds> {
    let mut bounds = bounds?;
    for (scope, axis, bound) in more?.iter() {
        bounds = bounds.with(scope.cloned(), axis.clone(), bound.clone());
    }
    Some(bounds)
}
