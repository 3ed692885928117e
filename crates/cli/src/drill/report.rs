//! What a drill showed.

use super::probe::Refused;
use crate::revoke::wait::applied_after;
use chancery_issuer::admin::{ReceiptView, ReceiptsView};
use chancery_revocation::Sequence;
use chancery_token::ClientId;
use serde_json::{Value, json};
use std::time::Duration;

/// Who refused the token, and when.
pub(super) struct Report {
    pub(super) client_id: ClientId,
    pub(super) sequence: Sequence,
    pub(super) receipts: ReceiptsView,
    pub(super) probes: Vec<Refused>,
}

impl Report {
    pub(super) fn all_refused(&self) -> bool {
        self.never().is_empty()
    }

    /// Who never refused it.
    fn never(&self) -> Vec<String> {
        let verifiers = self.receipts.verifiers.iter().filter(|receipt| receipt.after_ms.is_none());
        let probes = self.probes.iter().filter(|probe| probe.after.is_none());
        verifiers.map(name).chain(probes.map(|probe| probe.url.to_string())).collect()
    }

    /// Of verifiers and of probes, which measure the way to the service as well.
    fn sorted(&self) -> Vec<u64> {
        let probes = self.probes.iter().filter_map(|probe| probe.after.map(millis));
        let mut sorted: Vec<u64> = applied_after(&self.receipts).chain(probes).collect();
        sorted.sort_unstable();
        sorted
    }

    pub(super) fn object(&self) -> Value {
        let sorted = self.sorted();
        let probes: Vec<Value> = self
            .probes
            .iter()
            .map(|probe| json!({ "url": probe.url.as_str(), "refused_after_ms": probe.after.map(millis) }))
            .collect();
        json!({
            "ok": self.all_refused(),
            "client_id": self.client_id,
            "sequence": self.sequence,
            "published_at": self.receipts.published_at,
            "verifiers": self.receipts.verifiers,
            "anonymous": self.receipts.anonymous,
            "probes": probes,
            "p50_ms": percentile(&sorted, 50),
            "p99_ms": percentile(&sorted, 99),
            "slowest_ms": sorted.last(),
            "never": self.never(),
        })
    }

    pub(super) fn text(&self) -> String {
        let mut rows: Vec<(String, Option<u64>)> =
            self.receipts.verifiers.iter().map(|receipt| (name(receipt), receipt.after_ms)).collect();
        rows.extend(self.probes.iter().map(|probe| (probe.url.to_string(), probe.after.map(millis))));
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let mut lines =
            vec![format!("A token of client {} was revoked at sequence {}.", self.client_id, self.sequence)];
        lines.extend(rows.iter().map(|(name, after)| match after {
            Some(ms) => format!("  {name:<width$}  {ms:>7} ms"),
            None => format!("  {name:<width$}    never"),
        }));
        let sorted = self.sorted();
        if let (Some(p50), Some(p99), Some(slowest)) =
            (percentile(&sorted, 50), percentile(&sorted, 99), sorted.last())
        {
            let count = sorted.len();
            lines.push(format!("{count} refused it: p50 {p50} ms, p99 {p99} ms, slowest {slowest} ms"));
        }
        if self.receipts.anonymous > 0 {
            lines.push(format!("{} more poll without a name and are not counted.", self.receipts.anonymous));
        }
        let never = self.never();
        if !never.is_empty() {
            lines.push(format!("NEVER REFUSED IT: {}", never.join(", ")));
        }
        lines.join("\n")
    }
}

fn name(receipt: &ReceiptView) -> String {
    format!("{}/{}", receipt.client_id, receipt.name)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The smallest that `percent` of them do not exceed (nearest rank).
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_those_that_were_measured() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (Some(50), Some(99)));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99)), (Some(7), Some(7)));
        assert_eq!((percentile(&[1, 2, 3], 50), percentile(&[1, 2, 3], 99)), (Some(2), Some(3)));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn whoever_never_refused_it_is_named_and_not_counted() {
        let receipt = |name: &str, after_ms| ReceiptView {
            client_id: "documint".parse().unwrap(),
            name: name.to_owned(),
            applied: Some(Sequence::new(7)),
            after_ms,
        };
        let probe = Refused { url: "http://127.0.0.1:1/".parse().unwrap(), after: None };
        let report = Report {
            client_id: "drill".parse().unwrap(),
            sequence: Sequence::new(8),
            receipts: ReceiptsView {
                sequence: Sequence::new(8),
                published_at: Some(1),
                verifiers: vec![receipt("one", Some(12)), receipt("two", None)],
                anonymous: 1,
            },
            probes: vec![probe],
        };
        assert!(!report.all_refused());
        let object = report.object();
        assert_eq!(object["never"], json!(["documint/two", "http://127.0.0.1:1/"]));
        assert_eq!((&object["p99_ms"], &object["slowest_ms"]), (&json!(12), &json!(12)));
        assert!(report.text().ends_with("NEVER REFUSED IT: documint/two, http://127.0.0.1:1/"));
    }
}
