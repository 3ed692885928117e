//! A log whose store lost something goes on under a new name, with all that anybody still holds of it.
//!
//! First everything is looked for, and what would come of it is told; then, if whoever asked agrees, it is written.

mod found;
mod report;

pub use found::{KeptDocuments, Remains};
pub use report::{Finding, Recovery, Source, State, Unreached};

use crate::keyring::{Keyring, RevokeKeyError};
use crate::store::{AppendLogError, Store, StoreFault};
use chancery_revocation::{Issuers, Log, LogFull, LogId, OnUnprovableLoss, Position, Retention, Stored};
use chancery_token::UnixTime;
use chancery_verifier::entropy::Entropy;
use found::Found;

/// Why nothing was recovered. Nothing was changed, unless it says so.
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
    /// The log is recovered, and the keyring still holds a key that it ends.
    #[error(
        "the log is recovered; a key that it ends cannot be taken out of the keyring: {0}; an issuer does that when it starts"
    )]
    KeyStays(RevokeKeyError),
}

impl RecoverFault {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.reason(),
            Self::Moved => "recovery_moved",
            Self::Full(full) => full.reason(),
            Self::KeyStays(why) => why.reason(),
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
    /// `None`: nothing is missing, so nothing is written.
    stored: Option<Stored>,
    log: Log,
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

    if let Some(log) = found.healthy_log()
        && keyring.unsaid_in(log).is_empty()
        && keyring.ended_by(log).is_empty()
    {
        let log = log.clone();
        let report = Recovery::needless(found.findings, &log, rules.issuers);
        return Ok(PlannedRecovery { report, expected, stored: None, log });
    }
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
    let keys = keyring.unsaid_in(&recovered.log);
    let (log, batch) = recovered.log.append(&keys)?;
    let log = log.confirm(now);
    let mut stored = recovered.stored;
    stored.since.extend(batch.entries.iter().map(|(entry, _)| *entry));
    stored.tail = batch.to;
    stored.marks = log.marks().collect();
    let report = Recovery::of(found.findings, &recovered.decision, &log, keys.len(), keyring.ended_by(&log));
    Ok(PlannedRecovery { report, expected, stored: Some(stored), log })
}

impl PlannedRecovery {
    /// Whether nothing is missing: then nothing is written.
    pub fn is_needless(&self) -> bool {
        self.stored.is_none()
    }

    /// What was found, and what comes of it.
    pub fn report(&self) -> &Recovery {
        &self.report
    }

    /// Puts the new log in the place of what the store has, and takes the keys that it ends out of the keyring. Issuers
    /// that run go over to it by themselves.
    pub async fn carry_out(
        self,
        store: &dyn Store,
        keyring: &Keyring,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Recovery, RecoverFault> {
        let Some(stored) = &self.stored else { return Ok(self.report) };
        match store.begin_log(self.expected.as_ref(), stored).await {
            Ok(()) => {}
            Err(AppendLogError::Moved { tail }) if tail == Some(stored.tail) => {}
            Err(AppendLogError::Moved { .. }) => return Err(RecoverFault::Moved),
            Err(AppendLogError::Fault(fault)) => return Err(fault.into()),
        }
        let taken_out = keyring.take_out_ended(&self.log, store, now, entropy).await;
        taken_out.map(|_| self.report).map_err(RecoverFault::KeyStays)
    }
}
