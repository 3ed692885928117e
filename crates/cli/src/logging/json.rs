//! A line as a JSON object: when, how bad, the message, what belongs to it, and where it comes from.

use super::escape::{self, Escaped};
use std::fmt::{self, Write as _};
use std::time::SystemTime;
use tracing::Event;
use tracing::field::{Field, Visit};

pub(super) fn write(event: &Event<'_>, now: SystemTime, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"timestamp\":\"");
    escape::time(now, line);
    line.extend_from_slice(b"\",\"level\":\"");
    line.extend_from_slice(event.metadata().level().as_str().as_bytes());
    line.push(b'"');
    event.record(&mut Members(line));
    line.extend_from_slice(b",\"target\":\"");
    line.extend_from_slice(event.metadata().target().as_bytes());
    line.extend_from_slice(b"\"}");
}

struct Members<'l>(&'l mut Vec<u8>);

impl Members<'_> {
    fn name(&mut self, field: &Field) {
        self.0.extend_from_slice(b",\"");
        // Names stand in the source.
        self.0.extend_from_slice(escape::name(field).as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn number(&mut self, field: &Field, number: &impl serde::Serialize) {
        self.name(field);
        // A vector takes whatever is written, and numbers can be; one that JSON does not have becomes null.
        let _ = serde_json::to_writer(&mut *self.0, number);
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        self.name(field);
        self.0.push(b'"');
        escape::json(text, self.0);
        self.0.push(b'"');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.name(field);
        self.0.push(b'"');
        // A value that cannot be formatted leaves what it wrote.
        let _ = write!(Escaped { line: self.0, by: escape::json }, "{value:?}");
        self.0.push(b'"');
    }

    fn record_f64(&mut self, field: &Field, number: f64) {
        self.number(field, &number);
    }

    fn record_i64(&mut self, field: &Field, number: i64) {
        self.number(field, &number);
    }

    fn record_u64(&mut self, field: &Field, number: u64) {
        self.number(field, &number);
    }

    fn record_bool(&mut self, field: &Field, yes: bool) {
        self.number(field, &yes);
    }
}

#[cfg(test)]
mod tests {
    use crate::logging::tests::lines;

    #[test]
    fn a_line_is_one_flat_object() {
        let text = lines(super::write, || {
            tracing::warn!(target: "chancery::test", { client.id = "bot\"\n", status = 200_u16, took = 0.5, none = None::<&str>,
                good = true, below = -1, shown = %"a\\b", wide = u128::MAX }, "what \"{}\"", "happened");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            "timestamp": "2026-11-22T00:00:00.000000Z", "level": "WARN", "target": "chancery::test",
            "message": "what \"happened\"", "client.id": "bot\"\n", "status": 200, "took": 0.5, "good": true, "below": -1,
            "shown": "a\\b", "wide": u128::MAX.to_string(),
        });
        assert_eq!(line, expected);
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_number_that_json_does_not_have_is_null() {
        let text = lines(super::write, || tracing::info!(took = f64::NAN, "odd"));
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(line["took"].is_null(), "{text}");
    }
}
