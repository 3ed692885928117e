//! What the log says about requests that the guard never sees.

use super::{ask, gate, token};
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::Level;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every line that one question leaves, the most detailed level included.
async fn lines(method: &str, uri: &str, token: Option<&str>) -> (Vec<Value>, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let gate = gate();
    let on = tracing::subscriber::set_default(subscriber);
    ask(&gate, method, uri, token).await;
    drop(on);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let ours = |line: &Value| line["target"] == "chancery_verifier::gate";
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(ours).collect(), text)
}

#[tokio::test]
async fn a_refusal_of_the_gate_leaves_one_line_that_says_why_and_not_what_was_sent() {
    let token = token("invoices:read").sign();
    for (method, uri, reason, level) in [
        ("GET", "/hidden-name/../x", "path_not_plain", "INFO"),
        ("GET", "/invoices/EXPORT?hidden-name", "path_ambiguous", "INFO"),
        ("GET", "/hidden-name", "route_undeclared", "INFO"),
        ("PUT", "/invoices?hidden-name", "method_undeclared", "INFO"),
        ("POST", "/invoices?_method=hidden-name", "method_override", "INFO"),
        ("GET", "", "original_request_missing", "ERROR"),
    ] {
        let (ours, text) = lines(method, uri, Some(&token)).await;
        let [line] = &*ours else { panic!("one line: {text}") };
        assert_eq!((&line["fields"]["reason"], &line["level"]), (&reason.into(), &level.into()));
        assert_ne!(line["fields"]["evidence"], "");
        assert!(!text.contains("hidden-name") && !text.contains(&token), "{text}");
    }
}

#[tokio::test]
async fn who_is_let_in_leaves_no_line() {
    let token = token("invoices:read").sign();
    let (ours, text) = lines("GET", "/invoices/7", Some(&token)).await;
    assert_eq!((ours.len(), text.contains(&token)), (0, false), "{text}");
}
