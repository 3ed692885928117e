//! What an operator reads and is called for.

use super::ledger::Turn;
use super::task::LogCourse;
use crate::follow::fault::{FetchBlame, FetchFault};
use crate::follow::notice::Notice;
use chancery_revocation::Outcome;

impl LogCourse {
    pub(super) fn tell_heard(&self, outcome: Outcome, fault: Option<&FetchFault>) {
        let (issuer, reason) = (self.verifier.issuer(), outcome.reason());
        if outcome.is_alarming() {
            tracing::error!(
                issuer,
                reason,
                ?outcome,
                "the issuer's revocation log lost something; what is known here stays"
            );
            self.tell(&Notice::LogAlarm(outcome));
        } else if let Some(fault) = fault {
            tracing::warn!(issuer, reason, error = %fault, "a document of the revocation log is no use");
        } else {
            tracing::debug!(issuer, reason, ?outcome, "heard of the revocation log");
        }
    }

    pub(super) fn tell_failed(&self, fault: &FetchFault, is_new: bool) {
        let (issuer, reason) = (self.verifier.issuer(), fault.reason());
        match (fault, fault.blame()) {
            (_, FetchBlame::Setup) => {
                tracing::error!(issuer, reason, error = %fault, "the revocation log cannot be followed until the setup is mended");
                self.tell(&Notice::Setup(fault.clone()));
            }
            (FetchFault::BadLogDocument { .. } | FetchFault::IssuerBehind { .. }, _) if is_new => {
                tracing::error!(issuer, reason, error = %fault, "the revocation log does not go on");
                self.tell(&Notice::LogRefused(fault.clone()));
            }
            _ => tracing::warn!(issuer, reason, error = %fault, "asking for the revocation log failed"),
        }
    }

    pub(super) fn tell_keys_fault(&self, fault: &FetchFault) {
        let (issuer, reason) = (self.verifier.issuer(), fault.reason());
        tracing::warn!(issuer, reason, error = %fault, "fetching the keys of the revocation log failed; those that are held are used");
    }

    pub(super) fn tell_stranger(&self, fault: &FetchFault) {
        let (issuer, reason) = (self.verifier.issuer(), fault.reason());
        tracing::error!(issuer, reason, error = %fault, "the revocation log is followed without a name");
        self.tell(&Notice::Setup(fault.clone()));
    }

    pub(super) fn tell_aged(&self, turn: Turn) {
        let issuer = self.verifier.issuer();
        match turn {
            Turn::Stale { age } => {
                tracing::error!(
                    issuer,
                    revocation_list_age_seconds = age.as_secs(),
                    "what is known of the revocation log is too old: tokens are refused until the issuer answers",
                );
                self.tell(&Notice::LogStale { age });
            }
            Turn::Fresh => {
                tracing::info!(issuer, "the revocation log is fresh again");
                self.tell(&Notice::LogFresh);
            }
        }
    }

    fn tell(&self, notice: &Notice) {
        if let Some(on_notice) = &self.on_notice {
            on_notice(notice);
        }
    }
}
