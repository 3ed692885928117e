//! The worker in Python, before agents and services that answer as they should not (S7).
#![cfg(test)]

use std::path::Path;
use std::process::Command;

#[test]
fn s7_a_worker_in_python_outlives_restarts_and_answers_that_are_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let mut python = Command::new("python3");
    // The sources stay as they are.
    python.env("PYTHONDONTWRITEBYTECODE", "1").arg("test_summarizer_worker.py").current_dir(folder);
    let output = python.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("\nOK"), "{said}");
}
