//! Who has applied an entry, as programs read it.

use crate::revocation::{Reach, Receipts};
use chancery_revocation::Sequence;
use chancery_token::{ClientId, UnixTime};
use serde::{Deserialize, Serialize};

/// How far an entry has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsView {
    /// The entry.
    pub sequence: Sequence,
    /// When the issuer that was asked published it, in seconds since 1970; `null` when it did so too long ago, or has
    /// not yet.
    pub published_at: Option<u64>,
    /// Those verifiers that say who they are and poll the issuer that was asked.
    pub verifiers: Vec<ReceiptView>,
    /// How many others poll it.
    pub anonymous: usize,
}

/// What one verifier has applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// The client that it authenticates as.
    pub client_id: ClientId,
    /// What it calls itself.
    pub name: String,
    /// Up to where it has applied the log; `null` when it began a moment ago.
    pub applied: Option<Sequence>,
    /// How long after it was published it had applied the entry, in milliseconds; `null` when it has not.
    pub after_ms: Option<u64>,
}

impl ReceiptsView {
    /// What `receipts` know of the entry at `sequence`.
    pub(crate) fn of(receipts: &Receipts, sequence: Sequence) -> Self {
        let Reach { sequence, published_at, verifiers, anonymous } = receipts.of(sequence);
        let verifiers = verifiers.into_iter().map(|receipt| ReceiptView {
            client_id: receipt.client_id,
            name: receipt.name,
            applied: receipt.applied,
            after_ms: receipt.after_ms,
        });
        Self {
            sequence,
            published_at: published_at.map(UnixTime::as_secs),
            verifiers: verifiers.collect(),
            anonymous,
        }
    }
}
