//! The status of a follower as text for Prometheus.

use super::Follower;
use super::log::{LogStanding, LogStatus};
use super::status::{Standing, Status};
use std::fmt::{Display, Write as _};

impl Follower {
    /// All that [`Follower::status`] counts, in the text format of Prometheus (version 0.0.4), without an end mark: put
    /// it behind the metrics of the service. Each series is labelled with the issuer and the audience.
    ///
    /// Ages that nobody knows, because nothing was ever heard, are absent; alarm on `…_usable` being 0 as well.
    pub fn metrics(&self) -> String {
        let verifier = &self.course.verifier;
        let mut text = Text::new(verifier.issuer(), verifier.audience());
        let status = self.status();
        text.keys(&status);
        if let Some(log) = &status.log {
            text.log(log);
        }
        text.text
    }
}

struct Text {
    text: String,
    /// Which every series has.
    labels: String,
}

impl Text {
    fn new(issuer: &str, audience: &str) -> Self {
        let labels = format!("issuer=\"{}\",audience=\"{}\"", escaped(issuer), escaped(audience));
        Self { text: String::new(), labels }
    }

    fn keys(&mut self, status: &Status) {
        let is_usable = u8::from(status.standing != Standing::Absent);
        self.gauge("jwks_usable", "Whether there are keys to verify with.", is_usable);
        if let Some(age) = status.age {
            let help = "Seconds since the issuer confirmed the keys.";
            self.gauge("jwks_age_seconds", help, age.as_secs_f64());
        }
        self.gauge("jwks_keys", "Keys that are held.", status.keys.len());
        let fetches = status.fetches;
        self.counters(
            ("jwks_fetches_total", "Fetches of keys that ended."),
            "outcome",
            [("installed", fetches.installed), ("unchanged", fetches.unchanged), ("failed", fetches.failed)],
        );
        let unknown = status.unknown_keys;
        self.counters(
            ("jwks_unknown_keys_total", "Tokens with a key that was not held."),
            "answer",
            [("waited", unknown.waited), ("refused", unknown.refused)],
        );
    }

    fn log(&mut self, log: &LogStatus) {
        let is_usable = u8::from(log.standing == LogStanding::Fresh);
        let help = "Whether what is known of the revocation log is young enough for the verifier's policy.";
        self.gauge("revocation_list_usable", help, is_usable);
        if let Some(age) = log.age {
            let help = "Seconds since an issuer looked at the end of the revocation log.";
            self.gauge("revocation_list_age_seconds", help, age.as_secs_f64());
        }
        if let Some(position) = log.position {
            let help = "Up to where the revocation log is applied.";
            self.gauge("revocation_list_sequence", help, position.sequence);
        }
        self.gauge(
            "revocation_list_ids",
            "Tokens and families that are revoked one by one, at most.",
            log.ids,
        );
        self.gauge("revocation_list_names", "Names that are revoked.", log.names);
        self.gauge("revocation_list_bytes", "Memory that all of them take.", log.bytes);
        self.counter("revocation_list_questions_total", "Questions to the issuer.", log.asked);
        let of = |counts: &std::collections::BTreeMap<&'static str, u64>| {
            counts.iter().map(|(name, count)| (*name, *count)).collect::<Vec<_>>()
        };
        self.counters(
            ("revocation_list_documents_total", "Documents, by what became of them."),
            "outcome",
            of(&log.outcomes),
        );
        self.counters(
            ("revocation_list_failures_total", "Questions that failed."),
            "reason",
            of(&log.failures),
        );
        let help = "Signs that the issuer's store lost something.";
        self.counter("revocation_list_alarms_total", help, log.alarms);
        let help = "Tokens that were ahead of what is known, and had news asked for.";
        self.counter("revocation_list_hurried_total", help, log.hurried);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, "", value);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.sample(name, "", value);
    }

    fn counters(
        &mut self,
        (name, help): (&str, &str),
        label: &str,
        samples: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        self.family(name, "counter", help);
        for (member, value) in samples {
            self.sample(name, &format!(",{label}=\"{member}\""), value);
        }
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Nothing fails that is written to a text in memory.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, more: &str, value: impl Display) {
        let _ = writeln!(self.text, "{name}{{{}{more}}} {value}", self.labels);
    }
}

/// A label's value, which stands in quotation marks.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
