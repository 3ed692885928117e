//! What the bench programs measured, judged against the limits.

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::table::{self, Lean};

/// One measured value.
struct Measured {
    id: String,
    value: f64,
    unit: String,
    limit: Limit,
    note: String,
}

/// What a value is held against.
#[derive(Clone, Copy)]
enum Limit {
    /// Nothing: it was measured for comparison.
    None,
    /// It may be this at most; the greatest ratio to it that is still good may be another than one.
    AtMost { limit: f64, allowed: f64 },
    /// It must be this at least.
    AtLeast(f64),
}

impl Measured {
    fn limit(&self) -> Option<f64> {
        match self.limit {
            Limit::None => None,
            Limit::AtMost { limit, .. } | Limit::AtLeast(limit) => Some(limit),
        }
    }

    fn ratio(&self) -> Option<f64> {
        self.limit().map(|limit| self.value / limit)
    }

    fn is_met(&self) -> Option<bool> {
        let ratio = self.ratio()?;
        match self.limit {
            Limit::None => None,
            Limit::AtMost { allowed, .. } => Some(ratio <= allowed),
            Limit::AtLeast(_) => Some(ratio >= 1.0),
        }
    }
}

/// All values of one run, in the order of measuring.
#[derive(Default)]
pub(crate) struct Results(Vec<Measured>);

impl Results {
    /// Adds what one program left: a JSON list of objects, or one object per line.
    pub(crate) fn add(&mut self, program: &str, text: &str) -> Result<(), Failure> {
        let values = objects(text).map_err(|e| Failure::broken(format!("results of `{program}`: {e}")))?;
        if values.is_empty() {
            return Err(Failure::broken(format!("`{program}` measured nothing")));
        }
        for value in values {
            let measured = measured(&value)
                .map_err(|e| Failure::broken(format!("results of `{program}`: {e} in {value}")))?;
            if self.0.iter().any(|earlier| earlier.id == measured.id) {
                return Err(Failure::broken(format!("`{}` was measured twice", measured.id)));
            }
            self.0.push(measured);
        }
        Ok(())
    }

    /// The list that `results.json` holds: whatever has a limit, with exactly these five members.
    pub(crate) fn json(&self) -> Result<String, Failure> {
        let list: Vec<Value> = self
            .0
            .iter()
            .filter_map(|m| {
                let (limit, ratio) = (m.limit()?, m.ratio()?);
                Some(json!({"id": m.id, "value": m.value, "unit": m.unit, "limit": limit, "ratio": ratio}))
            })
            .collect();
        let text = serde_json::to_string_pretty(&list).map_err(|e| Failure::broken(e.to_string()))?;
        Ok(text + "\n")
    }

    /// The same for people, contenders and notes included.
    pub(crate) fn table(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|m| {
                let limit = match m.limit {
                    Limit::None => String::new(),
                    Limit::AtMost { limit, .. } => short(limit),
                    Limit::AtLeast(limit) => format!(">= {}", short(limit)),
                };
                let ratio = m.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
                let verdict = m.is_met().map_or("", |met| if met { "met" } else { "MISSED" });
                vec![
                    m.id.clone(),
                    short(m.value),
                    m.unit.clone(),
                    limit,
                    ratio,
                    verdict.to_owned(),
                    m.note.clone(),
                ]
            })
            .collect();
        let columns = [
            ("id", Lean::Left),
            ("value", Lean::Right),
            ("unit", Lean::Left),
            ("limit", Lean::Right),
            ("ratio", Lean::Right),
            ("", Lean::Left),
            ("note", Lean::Left),
        ];
        table::render(&columns, &rows)
    }

    /// One line: how many limits were met.
    pub(crate) fn verdict(&self) -> String {
        let verdicts: Vec<bool> = self.0.iter().filter_map(Measured::is_met).collect();
        let met = verdicts.iter().filter(|met| **met).count();
        format!("{met} of {} limits met", verdicts.len())
    }
}

fn objects(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text);
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect()
}

fn measured(value: &Value) -> Result<Measured, String> {
    let members = value.as_object().ok_or("not an object")?;
    let measured = Measured {
        id: text(members, "id")?.ok_or("no `id`")?,
        value: number(members, "value")?.ok_or("no `value`")?,
        unit: text(members, "unit")?.ok_or("no `unit`")?,
        limit: limit(members)?,
        note: text(members, "note")?.unwrap_or_default(),
    };
    if measured.limit().is_some_and(|limit| limit <= 0.0) {
        return Err("a limit must be above zero".to_owned());
    }
    // The ratio is ours to compute; one that says something else was computed from other numbers.
    if let (Some(said), Some(is)) = (number(members, "ratio")?, measured.ratio())
        && (said - is).abs() > 0.01 * is.abs().max(1.0)
    {
        return Err(format!("`ratio` says {said}, but value ÷ limit is {is}"));
    }
    Ok(measured)
}

/// `limit`, with or without `allowed`, is what a value may be at most; `floor` is what it must reach.
fn limit(members: &Map<String, Value>) -> Result<Limit, String> {
    let allowed = number(members, "allowed")?.unwrap_or(1.0);
    match (number(members, "limit")?, number(members, "floor")?) {
        (None, None) => Ok(Limit::None),
        (Some(limit), None) => Ok(Limit::AtMost { limit, allowed }),
        (None, Some(floor)) => Ok(Limit::AtLeast(floor)),
        (Some(_), Some(_)) => Err("a value has a `limit` or a `floor`, not both".to_owned()),
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` must be a text that is not empty")),
    }
}

fn number(members: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| format!("`{name}` must be a number")),
    }
}

/// Three figures are as much as a bench on a shared machine can mean.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN: &str = r#"{"id": "codec.jwt.sign", "value": 15.0, "unit": "µs", "limit": 16.0, "ratio": 0.9375, "note": "quick"}"#;
    const RIVAL: &str = r#"{"id": "codec.raw.aws_lc_rs.sign", "value": 7.7, "unit": "µs"}"#;

    fn results(text: &str) -> Results {
        let mut results = Results::default();
        results.add("codec", text).unwrap();
        results
    }

    fn refused(text: &str) -> String {
        Results::default().add("codec", text).unwrap_err().to_string()
    }

    #[test]
    fn a_list_and_one_object_per_line_say_the_same() {
        let list = results(&format!("[{SIGN}, {RIVAL}]"));
        let lines = results(&format!("{SIGN}\n\n{RIVAL}\n"));
        assert_eq!(list.json().unwrap(), lines.json().unwrap());
        assert_eq!(list.table(), lines.table());
    }

    #[test]
    fn the_file_holds_exactly_five_members_and_no_contender() {
        let list: Value =
            serde_json::from_str(&results(&format!("[{SIGN}, {RIVAL}]")).json().unwrap()).unwrap();
        let expected =
            json!([{"id": "codec.jwt.sign", "value": 15.0, "unit": "µs", "limit": 16.0, "ratio": 0.9375}]);
        assert_eq!(list, expected);
    }

    #[test]
    fn a_missed_limit_is_shown_and_is_no_failure() {
        let late = results(r#"{"id": "start.first_token_ms", "value": 150, "unit": "ms", "limit": 100}"#);
        assert!(late.table().contains("MISSED"), "{}", late.table());
        assert_eq!(late.verdict(), "0 of 1 limits met");
        assert!(late.json().unwrap().contains("1.5"));
    }

    #[test]
    fn a_program_may_allow_more_than_the_limit_and_no_more_than_that() {
        let with = |value: f64| {
            results(&format!(
                r#"{{"id": "a", "value": {value}, "unit": "µs", "limit": 100, "allowed": 1.06}}"#
            ))
        };
        assert_eq!(with(106.0).verdict(), "1 of 1 limits met");
        assert_eq!(with(107.0).verdict(), "0 of 1 limits met");
        assert!(!with(106.0).json().unwrap().contains("allowed"));
    }

    #[test]
    fn a_floor_is_to_be_reached() {
        let with = |value: f64| {
            results(&format!(
                r#"{{"id": "a", "value": {value}, "unit": "x", "floor": 0.8, "ratio": {}}}"#,
                value / 0.8
            ))
        };
        assert_eq!(with(0.8).verdict(), "1 of 1 limits met");
        assert_eq!(with(0.79).verdict(), "0 of 1 limits met");
        assert!(with(0.9).table().contains(">= 0.80"), "{}", with(0.9).table());
        let list: Value = serde_json::from_str(&with(1.6).json().unwrap()).unwrap();
        assert_eq!(list, json!([{"id": "a", "value": 1.6, "unit": "x", "limit": 0.8, "ratio": 2.0}]));
        let both = r#"[{"id": "a", "value": 1, "unit": "x", "floor": 1, "limit": 2}]"#;
        assert!(refused(both).contains("not both"));
    }

    #[test]
    fn what_is_not_a_measurement_is_a_broken_run() {
        assert!(refused("[]").contains("measured nothing"));
        assert!(refused("not json").contains("results of `codec`"));
        assert!(refused(r#"[{"value": 1, "unit": "ms"}]"#).contains("no `id`"));
        assert!(refused(r#"[{"id": "a", "unit": "ms"}]"#).contains("no `value`"));
        assert!(refused(r#"[{"id": "a", "value": "1", "unit": "ms"}]"#).contains("`value` must be a number"));
        assert!(refused(r#"[{"id": "a", "value": 1, "unit": "ms", "limit": 0}]"#).contains("above zero"));
        assert!(
            refused(r#"[{"id": "a", "value": 1, "unit": "ms", "limit": 2, "ratio": 2}]"#).contains("`ratio`")
        );
        assert!(refused(&format!("[{SIGN}, {SIGN}]")).contains("measured twice"));
    }
}
