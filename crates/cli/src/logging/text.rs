//! A line for eyes: when, how bad, where from, the message, and what belongs to it.

use super::escape::{self, Escaped};
use std::fmt::{self, Write as _};
use std::time::SystemTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// Whether a terminal shows the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Ansi,
    None,
}

pub(super) fn write(event: &Event<'_>, now: SystemTime, colours: Colours, line: &mut Vec<u8>) {
    escape::time(now, line);
    let level = *event.metadata().level();
    let (word, colour) = match level {
        Level::ERROR => (" ERROR ", "31"),
        Level::WARN => ("  WARN ", "33"),
        Level::INFO => ("  INFO ", "32"),
        Level::DEBUG => (" DEBUG ", "34"),
        Level::TRACE => (" TRACE ", "35"),
    };
    match colours {
        Colours::Ansi => escape::put(line, format_args!("\u{1b}[{colour}m{word}\u{1b}[0m")),
        Colours::None => line.extend_from_slice(word.as_bytes()),
    }
    line.extend_from_slice(event.metadata().target().as_bytes());
    line.push(b':');
    event.record(&mut Words(line));
}

struct Words<'l>(&'l mut Vec<u8>);

impl Words<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push(b' ');
        if field.name() != "message" {
            // Names stand in the source.
            self.0.extend_from_slice(escape::name(field).as_bytes());
            self.0.push(b'=');
        }
    }

    fn number(&mut self, field: &Field, number: &impl serde::Serialize) {
        self.name(field);
        // A vector takes whatever is written, and numbers can be.
        let _ = serde_json::to_writer(&mut *self.0, number);
    }
}

impl Visit for Words<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        // Most texts have nothing in them that would have to be escaped between quotes.
        let hard = |byte: u8| byte.wrapping_sub(b' ') > b'~' - b' ' || byte == b'"' || byte == b'\\';
        if text.bytes().fold(false, |found, byte| found | hard(byte)) {
            self.record_debug(field, &text);
        } else {
            self.name(field);
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.name(field);
        // A value that cannot be formatted leaves what it wrote.
        let _ = write!(Escaped { line: self.0, by: escape::terminal }, "{value:?}");
    }

    fn record_f64(&mut self, field: &Field, number: f64) {
        if number.is_finite() {
            self.number(field, &number);
        } else {
            self.record_debug(field, &number);
        }
    }

    fn record_i64(&mut self, field: &Field, number: i64) {
        self.number(field, &number);
    }

    fn record_u64(&mut self, field: &Field, number: u64) {
        self.number(field, &number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::tests::lines;

    fn plain(event: &Event<'_>, now: SystemTime, line: &mut Vec<u8>) {
        write(event, now, Colours::None, line);
    }

    #[test]
    fn a_line_reads_from_left_to_right() {
        let text = lines(plain, || {
            tracing::info!(target: "chancery::test", { client.id = "bot", status = 200_u16, took = 0.5, none = None::<&str>,
                shown = %"a b" }, "it {}", "happened");
        });
        let expected = "2026-11-22T00:00:00.000000Z  INFO chancery::test: it happened client.id=\"bot\" status=200 took=0.5 \
                        shown=a b";
        assert_eq!(text, expected);
    }

    #[test]
    fn whoever_is_quoted_cannot_write_a_line_of_its_own_or_speak_to_the_terminal() {
        let text = lines(plain, || {
            tracing::error!(path = "/\n2026 INFO all is well", shown = %"\u{1b}[2J\nx", "{}", "\u{9b}31m");
        });
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }

    #[test]
    fn only_a_terminal_gets_colours() {
        let colourful = |event: &Event<'_>, now, line: &mut Vec<u8>| write(event, now, Colours::Ansi, line);
        assert!(lines(colourful, || tracing::warn!("careful")).contains("\u{1b}[33m  WARN \u{1b}[0m"));
    }
}
