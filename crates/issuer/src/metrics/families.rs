//! The series of refresh families.

use super::OutcomeLabels;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What happened to refresh families.
#[derive(Debug, Default)]
pub(crate) struct FamilySeries {
    begun: Counter,
    refreshes: Family<OutcomeLabels, Counter>,
    alarms: Family<AlarmLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlarmLabels {
    alarm: &'static str,
}

/// What a presented refresh token was. Those that are refused for another reason are counted as refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refreshed {
    /// The newest.
    Rotated,
    /// One whose successor was told before: an answer that got lost, or a worker that was late.
    Redelivered,
    /// One that was rotated away long ago.
    Replayed,
}

/// Somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// A token came again that was rotated away long ago.
    Replay,
    /// Two holders refresh side by side.
    Lockstep,
    /// A store gave back an older state than it had confirmed.
    StoreRegressed,
}

impl Refreshed {
    const EVERY: [Self; 3] = [Self::Rotated, Self::Redelivered, Self::Replayed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Redelivered => "redelivered",
            Self::Replayed => "replayed",
        }
    }
}

impl Alarm {
    const EVERY: [Self; 3] = [Self::Replay, Self::Lockstep, Self::StoreRegressed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Replay => "refresh_replayed",
            Self::Lockstep => "refresh_in_lockstep",
            Self::StoreRegressed => "store_regressed",
        }
    }
}

impl FamilySeries {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let series = Self::default();
        registry.register("families_begun", "Refresh families that began", series.begun.clone());
        let help = "Good refresh tokens, by what became of them";
        registry.register("refreshes", help, Family::clone(&series.refreshes));
        let help = "What somebody should look at: each is told in the log with its family";
        registry.register("alarms", help, Family::clone(&series.alarms));
        // A rule on a series that is not there yet never fires.
        for outcome in Refreshed::EVERY.map(Refreshed::as_str) {
            series.refreshes.get_or_create(&OutcomeLabels { outcome }).inc_by(0);
        }
        for alarm in Alarm::EVERY.map(Alarm::as_str) {
            series.alarms.get_or_create(&AlarmLabels { alarm }).inc_by(0);
        }
        series
    }

    /// One began.
    pub(crate) fn begun(&self) {
        self.begun.inc();
    }

    /// One went on, or did not.
    pub(crate) fn refreshed(&self, became: Refreshed) {
        self.refreshes.get_or_create(&OutcomeLabels { outcome: became.as_str() }).inc();
    }

    /// Somebody should look.
    pub(crate) fn alarmed(&self, alarm: Alarm) {
        self.alarms.get_or_create(&AlarmLabels { alarm: alarm.as_str() }).inc();
    }
}
