//! A log whose store lost something goes on under a new name, with all that anybody still holds of it.
//!
//! First everything is looked for, and what would come of it is told; then, if whoever asked agrees, it is written.

mod found;
mod report;

pub use found::{KeptDocuments, Remains};
pub use report::{Finding, Recovery, Source, State, Unreached};

use crate::keyring::Keyring;
use crate::store::{AppendLogError, Store, StoreFault};
use chancery_revocation::{Issuers, Kill, LogFull, LogId, OnUnprovableLoss, Position, Retention, Stored};
use chancery_token::UnixTime;
use chancery_verifier::entropy::Entropy;
use found::Found;

/// Why nothing was recovered. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The store's log was appended to, or recovered by somebody else, after it was looked at.
    #[error("the revocation log was changed while it was recovered; stop the issuers, or look at it again")]
    Moved,
    /// There is no room for what must be said again.
    #[error(transparent)]
    Full(#[from] LogFull),
}

impl RecoverFault {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.reason(),
            Self::Moved => "recovery_moved",
            Self::Full(full) => full.reason(),
        }
    }
}

/// How to decide.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether every issuer that may have appended is among the remains. Only the operator can say so.
    pub issuers: Issuers,
    /// What to do when something may be missing all the same.
    pub on_unprovable_loss: OnUnprovableLoss,
    /// How long things live.
    pub retention: Retention,
}

/// What is to be written, and what it came from.
#[derive(Debug)]
pub struct PlannedRecovery {
    report: Recovery,
    /// Where the store stood when it was looked at.
    expected: Option<Position>,
    stored: Stored,
}

/// Looks for everything that is left of the log of `store`, and decides what becomes of it. Writes nothing.
pub async fn plan_recovery(
    store: &dyn Store,
    keyring: &Keyring,
    issuer: &str,
    remains: &Remains,
    rules: Rules,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<PlannedRecovery, RecoverFault> {
    let expected = store.log_tail().await?;
    let mut found = Found::new(rules.retention);
    found.look_into_store(store.log().await?);
    remains.journals.iter().for_each(|journal| found.look_into_journal(journal));
    let keys = keyring.revocation_keys(now);
    remains.documents.iter().for_each(|kept| found.look_into_documents(kept, keys.as_ref(), issuer, now));

    let mut id = [0; 16];
    entropy.fill(&mut id);
    // A journal that cannot be read is an issuer that does not answer.
    let issuers = if found.is_all_readable() { rules.issuers } else { Issuers::SomeSilent };
    let recovered = chancery_revocation::recover(
        &found.survivors,
        &found.traces,
        issuers,
        rules.on_unprovable_loss,
        LogId::from_bytes(id),
        now,
        rules.retention,
    );
    let is_new = |kill: &Kill| recovered.log.published().ended_at(kill).is_none();
    let keys: Vec<Kill> = keyring.revoked().iter().map(|kid| Kill::key(kid)).filter(is_new).collect();
    let (log, batch) = recovered.log.append(&keys)?;
    let log = log.confirm(now);
    let mut stored = recovered.stored;
    stored.since.extend(batch.entries.iter().map(|(entry, _)| *entry));
    stored.tail = batch.to;
    stored.marks = log.marks().collect();
    let report = Recovery::of(found.findings, &recovered.decision, &log, keys.len());
    Ok(PlannedRecovery { report, expected, stored })
}

impl PlannedRecovery {
    /// What was found, and what comes of it.
    pub fn report(&self) -> &Recovery {
        &self.report
    }

    /// Puts the new log in the place of what the store has. Issuers that run go over to it by themselves.
    pub async fn carry_out(self, store: &dyn Store) -> Result<Recovery, RecoverFault> {
        match store.begin_log(self.expected.as_ref(), &self.stored).await {
            Ok(()) => Ok(self.report),
            Err(AppendLogError::Moved { tail }) if tail == Some(self.stored.tail) => Ok(self.report),
            Err(AppendLogError::Moved { .. }) => Err(RecoverFault::Moved),
            Err(AppendLogError::Fault(fault)) => Err(fault.into()),
        }
    }
}
