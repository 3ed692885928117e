//! What the bench programs found in one run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::curve::Curve;
use super::figure::Figure;
use super::member::{needed_text, object};
use crate::failure::Failure;
use crate::table::{self, Lean};

/// Everything of one run, in the order of measuring.
#[derive(Default)]
pub(super) struct Results {
    pub(super) figures: Vec<Figure>,
    pub(super) curves: Vec<Curve>,
    /// The versions of what took part.
    pub(super) used: BTreeMap<String, String>,
}

impl Results {
    /// Adds what one program left: a JSON list of objects, or one object per line.
    pub(super) fn add(&mut self, program: &str, text: &str) -> Result<(), Failure> {
        let entries = objects(text).map_err(|e| Failure::broken(format!("results of `{program}`: {e}")))?;
        if entries.is_empty() {
            return Err(Failure::broken(format!("`{program}` measured nothing")));
        }
        for entry in entries {
            self.take(&entry)
                .map_err(|e| Failure::broken(format!("results of `{program}`: {e} in {entry}")))?;
        }
        Ok(())
    }

    /// A curve has a `curve`, the version of something a `used`, a figure an `id`.
    pub(super) fn take(&mut self, entry: &Value) -> Result<(), String> {
        let members = object(entry)?;
        if members.contains_key("used") {
            self.used.insert(needed_text(members, "used")?, needed_text(members, "version")?);
            return Ok(());
        }
        let id = if members.contains_key("curve") {
            self.curves.push(Curve::read(entry)?);
            needed_text(members, "curve")?
        } else {
            self.figures.push(Figure::read(entry)?);
            needed_text(members, "id")?
        };
        let ids = self.figures.iter().map(|f| &f.id).chain(self.curves.iter().map(|c| &c.id));
        if ids.filter(|other| **other == id).count() > 1 {
            return Err(format!("`{id}` was measured twice"));
        }
        Ok(())
    }

    /// The list that `results.json` holds: whatever has a limit, with exactly these five members.
    pub(super) fn json(&self) -> Result<String, Failure> {
        let list: Vec<Value> = self
            .figures
            .iter()
            .filter_map(|f| {
                let (limit, ratio) = (f.limit()?, f.ratio()?);
                Some(json!({"id": f.id, "value": f.value, "unit": f.unit, "limit": limit, "ratio": ratio}))
            })
            .collect();
        let text = serde_json::to_string_pretty(&list).map_err(|e| Failure::broken(e.to_string()))?;
        Ok(text + "\n")
    }

    /// The same for people, contenders, notes and curves included.
    pub(super) fn table(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .figures
            .iter()
            .map(|f| [f.id.clone()].into_iter().chain(f.cells()).chain([f.note.clone()]).collect())
            .collect();
        let columns = [
            ("id", Lean::Left),
            ("value", Lean::Right),
            ("unit", Lean::Left),
            ("limit", Lean::Right),
            ("ratio", Lean::Right),
            ("", Lean::Left),
            ("rounds", Lean::Right),
            ("note", Lean::Left),
        ];
        let curves = self.curves.iter().map(|curve| format!("\n{}\n{}", curve.id, curve.table()));
        table::render(&columns, &rows) + &curves.collect::<String>()
    }

    /// How many limits were met, and of how many.
    pub(super) fn met(&self) -> (usize, usize) {
        let verdicts: Vec<bool> = self.figures.iter().filter_map(Figure::is_met).collect();
        (verdicts.iter().filter(|met| **met).count(), verdicts.len())
    }

    /// The same in one line.
    pub(super) fn verdict(&self) -> String {
        let (met, all) = self.met();
        format!("{met} of {all} limits met")
    }
}

fn objects(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text);
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN: &str = r#"{"id": "codec.jwt.sign", "value": 15.0, "unit": "µs", "limit": 16.0, "ratio": 0.9375, "note": "quick"}"#;
    const RIVAL: &str = r#"{"id": "codec.raw.aws_lc_rs.sign", "value": 7.7, "unit": "µs"}"#;
    const CURVE: &str =
        r#"{"curve": "a", "x": "n", "unit": "ns", "series": [{"name": "ours", "points": [[1, 2, 1, 3]]}]}"#;

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
    fn the_file_holds_exactly_five_members_and_neither_contender_nor_curve() {
        let used = r#"{"used": "jose", "version": "6.2.17"}"#;
        let results = results(&format!("[{SIGN}, {RIVAL}, {CURVE}, {used}]"));
        let list: Value = serde_json::from_str(&results.json().unwrap()).unwrap();
        let expected =
            json!([{"id": "codec.jwt.sign", "value": 15.0, "unit": "µs", "limit": 16.0, "ratio": 0.9375}]);
        assert_eq!(list, expected);
        assert_eq!((results.curves.len(), results.used["jose"].as_str()), (1, "6.2.17"));
        assert!(results.table().contains("\na\n"), "{}", results.table());
    }

    #[test]
    fn a_missed_limit_is_shown_and_is_no_failure() {
        let late = results(r#"{"id": "start.first_token_ms", "value": 150, "unit": "ms", "limit": 100}"#);
        assert!(late.table().contains("MISSED"), "{}", late.table());
        assert_eq!(late.verdict(), "0 of 1 limits met");
        assert!(late.json().unwrap().contains("1.5"));
    }

    #[test]
    fn a_floor_stands_in_the_file_as_the_limit() {
        let text = r#"{"id": "a", "value": 1.6, "unit": "x", "floor": 0.8, "ratio": 2.0}"#;
        let list: Value = serde_json::from_str(&results(text).json().unwrap()).unwrap();
        assert_eq!(list, json!([{"id": "a", "value": 1.6, "unit": "x", "limit": 0.8, "ratio": 2.0}]));
        let allowed = r#"{"id": "a", "value": 106, "unit": "µs", "limit": 100, "allowed": 1.06}"#;
        assert!(!results(allowed).json().unwrap().contains("allowed"));
    }

    #[test]
    fn what_is_not_a_measurement_is_a_broken_run() {
        assert!(refused("[]").contains("measured nothing"));
        assert!(refused("not json").contains("results of `codec`"));
        assert!(refused(r#"[{"value": 1, "unit": "ms"}]"#).contains("no `id`"));
        assert!(refused(&format!("[{SIGN}, {SIGN}]")).contains("measured twice"));
        assert!(refused(&format!("[{CURVE}, {CURVE}]")).contains("measured twice"));
    }
}
