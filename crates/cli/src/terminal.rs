//! Where the command writes.

use serde::Serialize;
use std::fmt::{self, Display, Write as _};
use std::io::{self, IsTerminal as _, Write};

/// Standard output for results, standard error for everything else.
///
/// What strangers wrote reaches the terminal without control characters, so that a token cannot move the cursor or
/// rewrite what stands above it. A reader that went away (`chancery … | head -1`) is no error.
pub(crate) struct Terminal {
    out: Stream,
    err: Stream,
}

struct Stream {
    to: Box<dyn Write>,
    fault: Option<io::Error>,
}

impl Terminal {
    /// The one of this process.
    pub(crate) fn of_process() -> Self {
        let stream = |to| Stream { to, fault: None };
        Self { out: stream(Box::new(io::stdout())), err: stream(Box::new(io::stderr())) }
    }

    /// Writes lines of a result.
    pub(crate) fn say(&mut self, lines: impl Display) {
        self.out.write(plain(&lines.to_string()).as_bytes());
    }

    /// Writes a result for programs: one object, one line.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.out.write(plain_json(&text).as_bytes()),
            Err(error) => self.out.fault = Some(error.into()),
        }
    }

    /// Writes bytes that somebody asked for as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.write(bytes);
    }

    /// Tells a person something that is not the result.
    pub(crate) fn note(&mut self, lines: impl Display) {
        self.err.write(plain(&lines.to_string()).as_bytes());
    }

    /// Tells a person who is watching how it goes on; nobody else is told.
    pub(crate) fn progress(&mut self, lines: impl Display) {
        if io::stderr().is_terminal() {
            self.note(lines);
        }
    }

    /// Ends it; the error is one that somebody should know of.
    pub(crate) fn finish(mut self) -> Result<(), io::Error> {
        self.out.finish()?;
        self.err.finish()
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Terminal")
    }
}

impl Stream {
    fn write(&mut self, bytes: &[u8]) {
        if self.fault.is_none() {
            self.fault = self.to.write_all(bytes).and_then(|()| self.to.flush()).err();
        }
    }

    fn finish(&mut self) -> Result<(), io::Error> {
        match self.fault.take() {
            Some(fault) if fault.kind() != io::ErrorKind::BrokenPipe => Err(fault),
            _ => Ok(()),
        }
    }
}

/// Whether a terminal would obey it. Marks that turn the direction of what follows hide as well as a control
/// character does.
fn is_obeyed(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || turns
}

/// As [`plain`], for JSON: what a terminal would obey stands there within texts alone, and is escaped as it may be in
/// them (RFC 8259 section 7). JSON itself asks for that below U+0020 only.
fn plain_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if is_obeyed(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

/// `text` with a line feed at its end, and without characters that a terminal would obey.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.trim_end_matches('\n').chars() {
        if c != '\n' && is_obeyed(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\rc\u{9b}d\u{202e}e"), "a\\u{1b}[2Jb\\u{d}c\\u{9b}d\\u{202e}e\n");
        assert_eq!(plain("two\nlines\n\n"), "two\nlines\n");
        assert_eq!(plain("Grüße 東京"), "Grüße 東京\n");
    }

    #[test]
    fn what_a_stranger_wrote_cannot_drive_the_terminal_in_json_either() {
        let value = serde_json::json!({ "a\u{9b}": "\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{61c}ü\n" });
        let text = plain_json(&value.to_string());
        assert_eq!(text, "{\"a\\u009b\":\"\\u001b[2J\\u009b2J\\u007f\\u202e\\u061cü\\n\"}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_a_full_disk_is() {
        struct Broken(io::ErrorKind);
        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for (kind, quiet) in [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)] {
            let mut stream = Stream { to: Box::new(Broken(kind)), fault: None };
            stream.write(b"x");
            assert_eq!(stream.finish().is_ok(), quiet);
        }
    }
}
