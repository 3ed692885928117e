//! The configuration of the composition, and what becomes of it when somebody edits it.

use std::fs;
use std::path::Path;

/// What is shipped.
fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/examples/composition/nginx.conf");
    fs::read_to_string(path).unwrap()
}

/// An nginx.conf that does not know yet where it listens.
#[derive(Clone)]
pub(super) struct Config(String);

impl Config {
    /// As it is shipped, in front of these URLs.
    pub(super) fn shipped(gate: &str, invoices: &str, account: &str) -> Self {
        let address = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
        Self(shipped())
            .replacing("@GATE@;", &format!("{};", address(gate)))
            .replacing("@INVOICES@;", &format!("{};", address(invoices)))
            .replacing("@ACCOUNT@;", &format!("{};", address(account)))
    }

    /// With a service for every path, so that what nginx has no location for reaches it, too.
    pub(super) fn with_a_service_for_every_path(self) -> Self {
        self.replacing("root /nonexistent;", "")
            .replacing("try_files $uri =404;", "proxy_pass http://account;")
    }

    /// As it would be if nobody had heard of the gate.
    pub(super) fn without_the_gate(self) -> Self {
        self.replacing("        auth_request /_gate;", "        auth_request off;")
            .without_lines("        proxy_set_header Chancery-")
            .without_lines("        proxy_set_header X-Original-")
            .replacing("underscores_in_headers off;", "underscores_in_headers on;")
    }

    /// With `new` in the one place of `old`.
    pub(super) fn replacing(self, old: &str, new: &str) -> Self {
        assert_eq!(self.0.matches(old).count(), 1, "{old}");
        Self(self.0.replace(old, new))
    }

    /// Without the lines that begin like this, of which there is one at least.
    pub(super) fn without_lines(self, begin: &str) -> Self {
        let kept: Vec<&str> = self.0.lines().filter(|line| !line.starts_with(begin)).collect();
        assert!(kept.len() < self.0.lines().count(), "{begin}");
        Self(kept.join("\n"))
    }

    /// Its text, for an nginx that listens at this address.
    pub(super) fn listening_at(self, address: &str) -> String {
        self.replacing("listen @LISTEN@;", &format!("listen {address};")).0
    }
}

#[test]
fn the_configuration_hands_on_every_claim_header_and_no_other() {
    let shipped = shipped();
    let mut handed_on: Vec<&str> = shipped
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("proxy_set_header Chancery-")?.split(' ').next())
        .collect();
    let mut told: Vec<&str> = chancery_verifier::gate::CLAIM_HEADERS
        .iter()
        .map(|header| header.strip_prefix("Chancery-").unwrap())
        .collect();
    handed_on.sort_unstable();
    told.sort_unstable();
    assert_eq!(handed_on, told);
}

#[test]
fn the_configuration_reads_both_headers_of_a_refusal() {
    let shipped = shipped();
    for header in chancery_verifier::gate::REFUSAL_HEADERS {
        let variable = format!("$upstream_http_{}", header.to_ascii_lowercase().replace('-', "_"));
        assert_eq!(shipped.matches(&*variable).count(), 1, "{variable}");
    }
}
