//! Bounds from the command line. Which axes hold numbers the catalog says, where the client is registered.

use serde_json::{Map, Value};

/// Reads every `AXIS=VALUES` and `SCOPE/AXIS=VALUES` into the form of the `bounds` claim.
pub(super) fn read(written: &[String], faults: &mut Vec<String>) -> Value {
    let mut bounds = Map::new();
    for text in written {
        if let Err(fault) = add(text, &mut bounds) {
            faults.push(format!("--bound {text}: {fault}"));
        }
    }
    Value::Object(bounds)
}

fn add(text: &str, bounds: &mut Map<String, Value>) -> Result<(), String> {
    let (name, values) = text.split_once('=').ok_or("write AXIS=VALUES")?;
    let (members, axis) = match name.rsplit_once('/') {
        None => (bounds, name),
        Some((scope, axis)) => match bounds.entry(scope).or_insert_with(|| Map::new().into()) {
            Value::Object(of_scope) => (of_scope, axis),
            _ => return Err(format!("'{scope}' is no scope; write SCOPE/AXIS=VALUES")),
        },
    };
    let values: Vec<&str> = values.split(',').map(str::trim).collect();
    // The second would take the place of the first in silence.
    if members.insert(axis.to_owned(), values.into()).is_some() {
        return Err(format!("'{axis}' is bounded already; write all its values in one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(written: &[&str]) -> (Value, Vec<String>) {
        let written: Vec<String> = written.iter().map(ToString::to_string).collect();
        let mut faults = Vec::new();
        (super::read(&written, &mut faults), faults)
    }

    #[test]
    fn r20_an_axis_that_is_bounded_twice_is_refused_instead_of_the_last_one_winning() {
        let (_, faults) = read(&["project=a", "project=b"]);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("'project' is bounded already"), "{faults:?}");
        let (_, faults) = read(&["invoices:read/project=a", "invoices:read/project=b"]);
        assert_eq!(faults.len(), 1, "{faults:?}");
    }

    #[test]
    fn r20_a_bound_of_one_scope_stands_beside_those_of_all() {
        let (bounds, faults) = read(&["project=a, b", "invoices:read/project=a", "refund_max=200"]);
        assert_eq!(faults, Vec::<String>::new());
        let expected = json!({
            "project": ["a", "b"], "invoices:read": { "project": ["a"] }, "refund_max": ["200"]
        });
        assert_eq!(bounds, expected);
        assert_eq!(read(&["project"]).1, ["--bound project: write AXIS=VALUES"]);
    }
}
