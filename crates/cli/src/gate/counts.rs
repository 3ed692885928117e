//! What a gate counts, and how it is told: text for Prometheus.

use chancery_token::UnixTime;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// How a request that was let in is counted.
const IN: &str = "in";

/// Counted since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    requests: BTreeMap<&'static str, u64>,
    reload_failures: u64,
}

/// The routes in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RoutesInUse {
    pub(super) routes: usize,
    pub(super) loaded_at: UnixTime,
    /// Whether they are what the file holds.
    pub(super) current: bool,
}

impl Counts {
    /// One verdict: let in, or refused for this reason.
    pub(super) fn judged(&self, refused: Option<&'static str>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.requests.entry(refused.unwrap_or(IN)).or_default() += 1;
    }

    pub(super) fn reload_failed(&self) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).reload_failures += 1;
    }

    /// Everything, in the text format 0.0.4.
    pub(super) fn text(&self, routes: RoutesInUse) -> String {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let requests = "Requests that the proxy asked about: let in, or refused and why.";
        family(&mut text, "gate_requests_total", "counter", requests);
        // There from the first look on, so that a rate of it is never missing.
        let none = (!counted.requests.contains_key(IN)).then_some((&IN, &0));
        for (outcome, count) in none.into_iter().chain(&counted.requests) {
            // Nothing fails that is written to a text in memory.
            let _ = writeln!(text, "gate_requests_total{{outcome=\"{outcome}\"}} {count}");
        }
        let RoutesInUse { routes, loaded_at, current } = routes;
        let current = u64::from(current);
        for (name, kind, help, value) in [
            ("gate_routes", "gauge", "Routes in use.", u64::try_from(routes).unwrap_or(u64::MAX)),
            (
                "gate_routes_loaded_at_seconds",
                "gauge",
                "When they were read, in seconds since 1970.",
                loaded_at.as_secs(),
            ),
            ("gate_routes_current", "gauge", "Whether the routes in use are those of the file.", current),
            (
                "gate_routes_reload_failures_total",
                "counter",
                "Contents of the file that were refused.",
                counted.reload_failures,
            ),
        ] {
            family(&mut text, name, kind, help);
            let _ = writeln!(text, "{name} {value}");
        }
        text
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_by_reason_and_the_series_of_those_let_in_is_there_from_the_start() {
        let routes = RoutesInUse { routes: 3, loaded_at: UnixTime::from_secs(7), current: true };
        let counts = Counts::default();
        assert!(counts.text(routes).contains("\ngate_requests_total{outcome=\"in\"} 0\n"));
        for refused in [None, Some("expired"), None, Some("path_not_plain"), Some("expired")] {
            counts.judged(refused);
        }
        counts.reload_failed();
        let text = counts.text(RoutesInUse { current: false, ..routes });
        let series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            series,
            [
                "gate_requests_total{outcome=\"expired\"} 2",
                "gate_requests_total{outcome=\"in\"} 2",
                "gate_requests_total{outcome=\"path_not_plain\"} 1",
                "gate_routes 3",
                "gate_routes_loaded_at_seconds 7",
                "gate_routes_current 0",
                "gate_routes_reload_failures_total 1",
            ]
        );
        assert_eq!(text.matches("# TYPE ").count(), 5);
    }
}
