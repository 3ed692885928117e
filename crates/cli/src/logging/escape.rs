//! What may not stand in a line as it is.

use chancery_token::UnixTime;
use std::fmt;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::Field;

/// Appends `text` as it stands between the quotes of a JSON string (RFC 8259 section 7).
pub(super) fn json(text: &str, line: &mut Vec<u8>) {
    // Looked at as a whole first: the processor compares many bytes at once, and hardly any text has one of these.
    let hard = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if !text.bytes().fold(false, |found, byte| found | hard(byte)) {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    for character in text.chars() {
        match character {
            '"' => line.extend_from_slice(b"\\\""),
            '\\' => line.extend_from_slice(b"\\\\"),
            '\n' => line.extend_from_slice(b"\\n"),
            '\r' => line.extend_from_slice(b"\\r"),
            '\t' => line.extend_from_slice(b"\\t"),
            control if control < ' ' => put(line, format_args!("\\u{:04x}", u32::from(control))),
            other => put(line, format_args!("{other}")),
        }
    }
}

/// Appends `text` without what would move the cursor of a terminal, end the line, or colour it.
pub(super) fn terminal(text: &str, line: &mut Vec<u8>) {
    // Every control character of Unicode begins with one of these bytes, and so do a few harmless letters.
    let suspect = |byte: u8| byte < 0x20 || byte == 0x7f || byte == 0xc2;
    if !text.bytes().fold(false, |found, byte| found | suspect(byte)) {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    for character in text.chars() {
        if character.is_control() {
            put(line, format_args!("{}", character.escape_default()));
        } else {
            put(line, format_args!("{character}"));
        }
    }
}

/// The name of a field, as it is meant: a word that Rust keeps for itself is written `r#word` in the source.
pub(super) fn name(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

/// Appends what is written.
pub(super) fn put(line: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    // A vector takes whatever is written; a value that cannot be formatted leaves what it wrote.
    let _ = line.write_fmt(text);
}

/// Appends `time` as RFC 3339 has it, to the microsecond.
pub(super) fn time(time: SystemTime, line: &mut Vec<u8>) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    put(line, format_args!("{}", UnixTime::from_secs(since.as_secs())));
    // The fraction goes before the Z.
    line.pop();
    line.push(b'.');
    let mut digits = *b"000000";
    let mut rest = since.subsec_micros();
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(rest % 10).map_or(b'0', |number| b'0' + number);
        rest /= 10;
    }
    line.extend_from_slice(&digits);
    line.push(b'Z');
}

/// Something that is written while its characters are looked at.
pub(super) struct Escaped<'l> {
    pub(super) line: &'l mut Vec<u8>,
    pub(super) by: fn(&str, &mut Vec<u8>),
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        (self.by)(text, self.line);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn written(by: fn(&str, &mut Vec<u8>), text: &str) -> String {
        let mut line = Vec::new();
        by(text, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_json_string_reads_back_as_what_it_was() {
        for text in ["", "plain", "\"\\", "\u{0}\u{1f}\n\r\t\u{8}", "ü€\u{7f}\u{85}\u{10ffff}", "a\"b ü"]
        {
            let read: String = serde_json::from_str(&format!("\"{}\"", written(json, text))).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let text = written(terminal, "a\u{1b}[31mb\nc\rd\u{7f}e\u{9b}f\u{0}ü€\u{a0}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert_eq!(written(terminal, "plain ü€"), "plain ü€");
        assert!(text.contains("\\u{1b}[31mb\\nc"), "{text}");
    }

    #[test]
    fn a_time_has_its_microseconds() {
        let at = |micros| {
            let mut line = Vec::new();
            time(UNIX_EPOCH + Duration::from_micros(micros), &mut line);
            String::from_utf8(line).unwrap()
        };
        assert_eq!(at(1_795_305_600_000_042), "2026-11-22T00:00:00.000042Z");
        assert_eq!(at(999_999), "1970-01-01T00:00:00.999999Z");
    }
}
