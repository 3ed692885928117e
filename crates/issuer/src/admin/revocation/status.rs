//! How the revocation log stands, as programs read it.

use super::durability::LogDurability;
use crate::revocation::{Connected, Receipts, RevocationLog};
use chancery_revocation::{Head, Kind, Log, LogId, Moment, Sequence};
use serde::{Deserialize, Serialize};

/// How the log stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationStatusView {
    /// Its name.
    pub log: LogId,
    /// Where it began.
    pub start: Sequence,
    /// The last entry that is applied where it was asked.
    pub sequence: Sequence,
    /// The hash chain up to there.
    pub head: Head,
    /// Tokens that were issued below it are refused.
    pub floor: Sequence,
    /// When the end of the log was last seen in the store, in seconds since 1970.
    pub confirmed_at: u64,
    /// `following`; `refusing`: it is followed, and the store would not keep what is appended; `unconfirmed`: its end cannot be seen just now, or the clock leapt ahead, and once that has lasted for as long as an issuer may be
    /// blind no tokens are issued; `lost`: the store lost entries, and nothing can be revoked until it is recovered.
    pub state: String,
    /// Why it is not `following`.
    pub fault: Option<LogFaultView>,
    /// What the store promises of an entry that it took: `embedded`, `verified`, `attested` or `volatile`.
    pub durability: String,
    /// Why it is believed that the store keeps entries, where it does not let its settings be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested_because: Option<String>,
    /// What is revoked, above the floor.
    pub entries: EntriesView,
    /// Who follows the issuer that was asked; `null` where a command looked at the store itself.
    pub verifiers: Option<VerifiersView>,
}

/// Why the log is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFaultView {
    /// The stable name.
    pub reason: String,
    /// What it is, and what to do about it.
    pub detail: String,
}

/// How many there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntriesView {
    /// Single tokens.
    pub tokens: usize,
    /// Refresh families.
    pub families: usize,
    /// Clients.
    pub clients: usize,
    /// Tenants.
    pub tenants: usize,
    /// Subjects.
    pub subjects: usize,
    /// Whether everything was revoked once: 1, else 0.
    pub all: usize,
    /// Signing keys.
    pub keys: usize,
}

/// Who follows the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiersView {
    /// Those that say who they are.
    pub connected: usize,
    /// Those of them that have applied all of it.
    pub up_to_date: usize,
    /// All others.
    pub anonymous: usize,
}

impl RevocationStatusView {
    /// How `log` stands at `now`, in a store that promises `durability`.
    pub fn of(
        log: &RevocationLog,
        durability: &LogDurability,
        verifiers: Option<VerifiersView>,
        now: Moment,
    ) -> Self {
        let (state, confirmed_at) = (log.state(now), log.confirmed_at());
        let fault = state
            .fault()
            .map(|fault| LogFaultView { reason: fault.reason().to_owned(), detail: fault.to_string() });
        let current = log.current();
        let at = current.position();
        Self {
            log: at.log,
            start: current.start(),
            sequence: at.sequence,
            head: at.head,
            floor: current.floor(),
            confirmed_at: confirmed_at.as_secs(),
            state: state.as_str().to_owned(),
            fault,
            durability: durability.as_str().to_owned(),
            attested_because: durability.because().map(str::to_owned),
            entries: EntriesView::of(&current),
            verifiers,
        }
    }
}

impl VerifiersView {
    /// Who has told `receipts` of themselves, and has applied everything up to `sequence`.
    pub(crate) fn of(receipts: &Receipts, sequence: Sequence) -> Self {
        let Connected { connected, up_to_date, anonymous } = receipts.connected(sequence);
        Self { connected, up_to_date, anonymous }
    }
}

impl EntriesView {
    fn of(log: &Log) -> Self {
        let count = |kind| log.published().count(kind);
        Self {
            tokens: count(Kind::Token),
            families: count(Kind::Family),
            clients: count(Kind::Client),
            tenants: count(Kind::Tenant),
            subjects: count(Kind::Subject),
            all: count(Kind::All),
            keys: count(Kind::Key),
        }
    }
}
