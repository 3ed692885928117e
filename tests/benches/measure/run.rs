//! Programs that run to their end.

use crate::folder::told;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a program to its end, and hands out what it said when it failed.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|fault| told(Path::new(command.get_program()), &fault))?;
    if output.status.success() {
        return Ok(());
    }
    let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    Err(format!(
        "`{} {}` ended with {}: {}",
        command.get_program().to_string_lossy(),
        words.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    ))
}
