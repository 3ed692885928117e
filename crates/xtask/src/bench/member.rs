//! Members of JSON objects, each read as what it must be.

use serde_json::{Map, Value};

pub(super) type Members = Map<String, Value>;

pub(super) fn object(value: &Value) -> Result<&Members, String> {
    value.as_object().ok_or_else(|| "not an object".to_owned())
}

/// A text that is not empty, if there is one.
pub(super) fn text(members: &Members, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` must be a text that is not empty")),
    }
}

pub(super) fn number(members: &Members, name: &str) -> Result<Option<f64>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| format!("`{name}` must be a number")),
    }
}

pub(super) fn needed_text(members: &Members, name: &str) -> Result<String, String> {
    text(members, name)?.ok_or_else(|| format!("no `{name}`"))
}

pub(super) fn needed_number(members: &Members, name: &str) -> Result<f64, String> {
    number(members, name)?.ok_or_else(|| format!("no `{name}`"))
}

pub(super) fn list<'m>(members: &'m Members, name: &str) -> Result<&'m [Value], String> {
    let list = members.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| format!("`{name}` must be a list"))
}

/// Six figures: more than any bench can mean, and few enough that a data file can be read by people.
pub(super) fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// Three figures are as much as a bench on a shared machine can mean.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_to_six_figures_and_shown_to_three() {
        assert_eq!(rounded(39.947_437_5).to_string(), "39.9474");
        assert_eq!(rounded(27_334.12).to_string(), "27334.1");
        assert_eq!([short(0.912), short(39.94), short(27_334.1)], ["0.91", "39.9", "27334"]);
    }
}
