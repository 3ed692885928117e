//! The series of the revocation log.

use crate::revocation::{LogState, RevocationLog};
use chancery_revocation::{Kind, Moment};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::Ordering;

/// Read from the log when somebody asks.
#[derive(Debug, Default)]
pub(super) struct LogSeries {
    sequence: Gauge,
    entries: Family<KindLabels, Gauge>,
    confirmed_age: Gauge,
    state: Family<StateLabels, Gauge>,
    appended: Counter,
    writes: Counter,
    losses: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

impl LogSeries {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let series = Self::default();
        let log = registry.sub_registry_with_prefix("revocation");
        log.register("sequence", "Last entry of the revocation log that is applied", series.sequence.clone());
        log.register("entries", "What verifiers are told, by kind", Family::clone(&series.entries));
        let help = "Seconds since the end of the stored log was last seen";
        log.register("confirmed_age_seconds", help, series.confirmed_age.clone());
        log.register("state", "1 for the state that the log is in", Family::clone(&series.state));
        log.register("appended", "Entries that this process appended", series.appended.clone());
        log.register("writes", "Writes to the store that they took", series.writes.clone());
        log.register("losses", "Times that the store was found to have lost entries", series.losses.clone());
        series
    }

    /// Takes them over as they are at `now`.
    pub(super) fn read(&self, log: &RevocationLog, now: Moment) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (state, current) = (log.state(now), log.current());
        self.sequence.set(number(current.position().sequence.get()));
        self.confirmed_age.set(number(now.wall.since(log.confirmed_at()).as_secs()));
        for kind in Kind::EVERY {
            let count = current.published().count(kind);
            let entries = self.entries.get_or_create(&KindLabels { kind: kind.as_str() });
            entries.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        for word in LogState::WORDS {
            let is_so = i64::from(word == state.as_str());
            self.state.get_or_create(&StateLabels { state: word }).set(is_so);
        }
        let figures = log.figures();
        self.appended.inner().store(figures.entries(), Ordering::Relaxed);
        self.writes.inner().store(figures.batches(), Ordering::Relaxed);
        self.losses.inner().store(figures.losses(), Ordering::Relaxed);
    }
}
