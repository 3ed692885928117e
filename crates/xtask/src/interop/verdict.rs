//! What a foreign library said in one case.

use serde_json::Value;

/// One line of a client's output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) library: String,
    pub(super) version: String,
    pub(super) case: String,
    /// Whether what happened is what had to happen; a forged token that was refused counts.
    pub(super) accepted: bool,
    pub(super) note: String,
}

impl Verdict {
    /// Reads a line that is a JSON object; other lines are talk.
    pub(super) fn read(line: &str) -> Option<Result<Self, String>> {
        let value: Value = serde_json::from_str(line).ok().filter(Value::is_object)?;
        Some(Self::from_value(&value))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let needed = |name: &str| text(name).ok_or_else(|| format!("no `{name}`"));
        let accepted = match needed("outcome")?.as_str() {
            "ok" => true,
            "failed" => false,
            other => return Err(format!("`outcome` is `ok` or `failed`, not `{other}`")),
        };
        // A stack trace would tear the table.
        let note = text("note").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self {
            library: needed("library")?,
            version: needed("version")?,
            case: needed("case")?,
            accepted,
            note,
        })
    }

    /// For a list of failures.
    pub(super) fn failure(&self) -> String {
        let note = if self.note.is_empty() { String::new() } else { format!(": {}", self.note) };
        format!("{} {}: {}{note}", self.library, self.version, self.case)
    }

    /// The cells of the table: library, version, through, case, outcome, note.
    pub(super) fn row(&self, registry: &str) -> Vec<String> {
        let outcome = if self.accepted { "ok" } else { "FAILED" };
        [&self.library, &self.version, registry, &self.case, outcome, &self.note].map(str::to_owned).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"library": "PyJWT", "version": "2.15.1", "case": "verifies a live token", "outcome": "ok"}"#;

    #[test]
    fn a_json_line_is_a_verdict_and_other_lines_are_talk() {
        let verdict = Verdict::read(LINE).unwrap().unwrap();
        assert_eq!(verdict.row("pip"), ["PyJWT", "2.15.1", "pip", "verifies a live token", "ok", ""]);
        assert_eq!(Verdict::read("fetching keys"), None);
        assert_eq!(Verdict::read("42"), None);
    }

    #[test]
    fn a_verdict_without_a_known_outcome_is_refused() {
        assert!(Verdict::read(&LINE.replace("\"ok\"", "\"maybe\"")).unwrap().is_err());
        assert_eq!(Verdict::read("{}"), Some(Err("no `outcome`".to_owned())));
    }

    #[test]
    fn a_note_is_one_line() {
        let line = LINE.replace('}', ", \"note\": \"one\\n  two\"}");
        assert_eq!(Verdict::read(&line).unwrap().unwrap().note, "one two");
    }

    #[test]
    fn a_failed_case_stands_out() {
        let verdict = Verdict::read(&LINE.replace("\"ok\"", "\"failed\"")).unwrap().unwrap();
        assert!(!verdict.accepted);
        assert!(verdict.row("pip").contains(&"FAILED".to_owned()));
    }
}
