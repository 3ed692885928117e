//! What the log says about refusals, and what it never says.

use super::{get, guard, issuer, token, verifier_without_keys, whose};
use axum::extract::Path;
use chancery_verifier::guard::{self, Guarded, Router, public};
use chancery_verifier::{Forbidden, Record, Verified, scope};
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

struct Theirs;

impl Record for Theirs {
    fn tenant(&self) -> &'static str {
        "globex"
    }
}

async fn theirs(token: Verified, Path(_): Path<u64>) -> Result<(), Forbidden> {
    token.allows(&Theirs)
}

fn routes() -> Router {
    Router::new()
        .route("/records/{id}", guard::get(scope!("records:read"), theirs))
        .route("/open", guard::get(public("a mistake"), whose))
}

/// Every line that one request leaves, the most detailed level included.
async fn lines(app: &Guarded, path: &str, token: Option<&str>) -> (Vec<Value>, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let on = tracing::subscriber::set_default(subscriber);
    get(app, path, token).await;
    drop(on);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let ours = |line: &Value| line["target"] == "chancery_verifier::guard";
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(ours).collect(), text)
}

#[tokio::test]
async fn every_refusal_leaves_one_line_with_reason_and_route() {
    let lacking = token("other:read").client("bot").sign();
    let expired =
        token("records:read").time("exp", issuer().now().plus(std::time::Duration::from_hours(2))).sign();
    let good = token("records:read").client("bot").sign();
    let unready = routes().guard(verifier_without_keys(&issuer())).unwrap();
    let app = guard(routes());
    for (app, path, token, reason, level) in [
        (&app, "/records/7", None, "token_missing", "INFO"),
        (&app, "/records/7", Some("abc"), "segment_count", "INFO"),
        (&app, "/records/7", Some("a b"), "credentials_malformed", "INFO"),
        (&app, "/records/7", Some(&*lacking), "insufficient_scope", "INFO"),
        (&app, "/records/7", Some(&*expired), "lifetime_too_long", "INFO"),
        (&app, "/records/7", Some(&*good), "out_of_bounds", "INFO"),
        (&unready, "/records/7", Some(&*good), "keys_unavailable", "ERROR"),
        (&app, "/open", None, "public_route_has_no_token", "ERROR"),
    ] {
        let (lines, text) = lines(app, path, token).await;
        let [line] = &*lines else { panic!("one line: {text}") };
        assert_eq!((&line["fields"]["reason"], &line["level"]), (&reason.into(), &level.into()));
        let template = if path == "/open" { "/open" } else { "/records/{id}" };
        assert_eq!(line["fields"]["http.route"], template);
        assert!(line["fields"]["evidence"].as_str().is_some_and(|evidence| !evidence.is_empty()), "{line}");
        let known = matches!(reason, "insufficient_scope" | "out_of_bounds");
        assert_eq!(line["fields"]["client.id"].as_str(), known.then_some("bot"), "{line}");
        assert_eq!(line["fields"]["token.id"].as_str(), known.then_some("BwcHBwcHBwcHBwcHBwcHBw"), "{line}");
        for part in token.iter().filter(|token| token.len() > 9).flat_map(|token| token.split('.')) {
            assert!(!text.contains(part), "the token is in the log: {text}");
        }
    }
}

#[tokio::test]
async fn r_4_5_the_evidence_is_in_the_log() {
    let app = guard(routes());
    let at = |seconds| issuer().now().minus(std::time::Duration::from_secs(seconds));
    for (token, evidence) in [
        (token("records:read").time("iat", at(600)).time("exp", at(31)).sign(), "31s ago (leeway 30s, clock"),
        (token("records:read").claim("aud", "https://other.example.com").sign(), "https://other.example.com"),
        (token("a:b").sign(), "the token lacks records:read"),
        (token("records:read").sign(), "another tenant"),
    ] {
        let (lines, text) = lines(&app, "/records/7", Some(&token)).await;
        assert!(lines[0]["fields"]["evidence"].as_str().unwrap().contains(evidence), "{evidence}: {text}");
    }
}

#[tokio::test]
async fn an_accepted_request_leaves_no_line() {
    let routes = Router::new().route("/a", guard::get(scope!("records:read"), whose));
    let (lines, _) = lines(&guard(routes), "/a", Some(&token("records:read").sign())).await;
    assert_eq!(lines, Vec::<Value>::new());
}
