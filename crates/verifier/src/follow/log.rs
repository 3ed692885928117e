//! Follows the issuer's revocation log: where the verifier says [`crate::Revocation::Follow`].
//!
//! One task asks, one question at a time: for a snapshot first, then for what was appended since, in a request that the
//! issuer holds until there is something to say. An answer without entries is the heartbeat. What decides about documents
//! is pure ([`chancery_revocation::Follow`]); here bytes are moved, and waits are chosen.

mod behind;
mod disk;
mod keep;
mod ledger;
mod pace;
mod place;
mod question;
mod settings;
mod status;
mod task;
mod tell;

pub use settings::{LogFrom, LogKeysFrom};
pub use status::{LogStanding, LogStatus, Receipts};

pub(super) use behind::Behind;
pub(super) use place::Places;
pub(super) use question::Asker;
pub(super) use task::LogCourse;

use super::settings::OnNotice;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::verifier::Verifier;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the task is made of.
pub(super) struct Parts {
    pub(super) verifier: Verifier,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) on_notice: Option<OnNotice>,
    /// How long the keys of the log are used without word of the issuer.
    pub(super) max_stale: Duration,
    pub(super) asker: Asker,
    pub(super) disk: Option<PathBuf>,
}
