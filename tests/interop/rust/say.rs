//! Verdicts, as `cargo xtask interop` reads them.

use serde_json::json;

/// Who speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Library<'n> {
    pub(crate) name: &'n str,
    pub(crate) version: &'n str,
}

impl Library<'_> {
    /// One line: whether what happened in this case is what had to happen.
    pub(crate) fn say(self, case: &str, ok: bool, note: &str) {
        let outcome = if ok { "ok" } else { "failed" };
        let mut line =
            json!({"library": self.name, "version": self.version, "case": case, "outcome": outcome});
        if !note.is_empty() {
            line["note"] = note.into();
        }
        println!("{line}");
    }
}
