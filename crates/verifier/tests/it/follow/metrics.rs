//! What is counted, as Prometheus reads it.

use super::log::world::World;
use super::office::{DELTA, Reply};
use super::world::{World as OfKeys, settings, verifier};
use chancery_verifier::follow::{Follower, KeysFrom};
use std::time::Duration;

/// The value of the series that begins so.
fn value(metrics: &str, beginning: &str) -> Option<f64> {
    let mut lines = metrics.lines().filter(|line| line.starts_with(beginning));
    let line = lines.next()?;
    assert_eq!(lines.next(), None, "{beginning}");
    line.rsplit_once(' ').unwrap().1.parse().ok()
}

#[tokio::test]
async fn r_3_4_the_age_of_what_is_known_of_the_log_is_a_gauge() {
    let world = World::new().await;
    let metrics = || world.follower.metrics();
    let position = world.status().position.unwrap();
    assert_eq!(value(&metrics(), "revocation_list_sequence{"), position.sequence.to_string().parse().ok());
    assert_eq!(value(&metrics(), "revocation_list_usable{"), Some(1.0));
    world.office.publish(DELTA, Reply::status(500));
    world.pass(Duration::from_secs(4000)).await;
    assert_eq!(value(&metrics(), "revocation_list_age_seconds{"), Some(4000.0));
    assert_eq!(value(&metrics(), "revocation_list_usable{"), Some(0.0));
    let failed = metrics();
    let failed = failed.lines().find(|line| line.starts_with("revocation_list_failures_total{")).unwrap();
    assert!(failed.contains(r#"reason="unexpected_status"} "#), "{failed}");
}

#[tokio::test]
async fn entries_outcomes_and_alarms_are_counted() {
    let world = World::new().await;
    world.revoke(&world.token(1));
    world.pass(Duration::from_secs(1)).await;
    let metrics = world.follower.metrics();
    assert_eq!(value(&metrics, "revocation_list_ids{"), Some(1.0));
    assert_eq!(value(&metrics, "revocation_list_names{"), Some(0.0));
    assert_eq!(value(&metrics, "revocation_list_alarms_total{"), Some(0.0));
    let outcomes: Vec<&str> =
        metrics.lines().filter(|line| line.starts_with("revocation_list_documents_total{")).collect();
    assert!(outcomes.iter().any(|line| line.contains(r#"outcome="installed"} 1"#)), "{outcomes:?}");
    assert!(outcomes.iter().any(|line| line.contains(r#"outcome="advanced"} 1"#)), "{outcomes:?}");
}

#[tokio::test]
async fn r_1_6_the_age_of_keys_is_a_gauge() {
    let world = OfKeys::new().await;
    world.office.publish_keys(Reply::status(503));
    world.pass(Duration::from_secs(1000)).await;
    let metrics = world.follower.metrics();
    assert_eq!(value(&metrics, "jwks_age_seconds{"), Some(1000.0));
    assert_eq!((value(&metrics, "jwks_usable{"), value(&metrics, "jwks_keys{")), (Some(1.0), Some(1.0)));
    assert_eq!(value(&metrics, "revocation_list_usable"), None, "this verifier ignores revocation");
}

#[tokio::test]
async fn every_family_is_told_once_and_every_series_is_labelled() {
    let world = World::new().await;
    let metrics = world.follower.metrics();
    let labels =
        format!(r#"{{issuer="{}",audience="{}""#, world.verifier.issuer(), world.verifier.audience());
    let mut families = Vec::new();
    for line in metrics.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(family) => families.push(family.split_once(' ').unwrap().0),
            None if line.starts_with("# HELP ") => {}
            None => {
                let (name, rest) = line.split_at(line.find('{').unwrap());
                assert!(rest.starts_with(&labels) && families.contains(&name), "{line}");
            }
        }
    }
    let mut unique = families.clone();
    unique.dedup();
    assert_eq!(unique.len(), families.len());
}

#[tokio::test]
async fn a_name_with_quotation_marks_breaks_no_line() {
    let clock = super::world::clock();
    let verifier = verifier("https://auth.example.com/a\"b", &clock);
    let follower =
        Follower::start(&verifier, settings(KeysFrom::Url("http://127.0.0.1:1/k".into()))).unwrap();
    assert!(follower.metrics().contains(r#"{issuer="https://auth.example.com/a\"b","#));
}
