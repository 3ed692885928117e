//! What cannot be undone is asked about.

use crate::failure::Failure;
use crate::terminal::Terminal;
use std::io::IsTerminal as _;

/// Whether somebody could be asked.
pub(crate) fn can_be_asked() -> bool {
    std::io::stdin().is_terminal()
}

/// Has the issuer's URL typed: whoever types it knows which one it is.
pub(crate) fn of_issuer(issuer: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    if !can_be_asked() {
        return Err(Failure::unusable("not_confirmed", "nobody said that it is meant; nothing was changed")
            .fix("Add --yes."));
    }
    terminal.note(format!("Type {issuer} to go on:"));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|why| {
        Failure::unusable("stdin_unreadable", format!("standard input cannot be read: {why}"))
    })?;
    if line.trim() == issuer {
        Ok(())
    } else {
        Err(Failure::unusable("not_confirmed", "that is not the issuer; nothing was changed"))
    }
}
