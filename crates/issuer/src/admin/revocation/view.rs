//! What was revoked, as programs read it: one shape for the admin API and for `--json`.

use crate::client::ClientKind;
use chancery_revocation::{LogId, Sequence};
use chancery_token::{ClientId, TenantId};
use serde::{Deserialize, Serialize};

/// What was revoked, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationView {
    /// Nothing was revoked: this is what would happen.
    pub planned: bool,
    /// `token`, `family`, `client`, `tenant`, `subject`, `key`, `refresh_epoch` or `all`.
    pub kind: String,
    /// What of that kind; `null` for `all`.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
    /// The log.
    pub log: LogId,
    /// The entry. One verifier after the other has applied it; `null` in a plan,
    /// and for a refresh key, of which only issuers need to know.
    pub sequence: Option<Sequence>,
    /// Whether it was appended now. A token, a family or a key that was revoked before keeps its entry.
    pub changed: bool,
    /// When there is nothing left for the entry to end, in seconds since 1970; `null` for a key of
    /// either kind, and in a plan.
    pub ends_at: Option<u64>,
    /// Who has to get a new token.
    pub breaks: BreaksView,
}

/// Who has to get a new token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreaksView {
    /// The first hundred clients, by id.
    pub clients: Vec<BrokenView>,
    /// How many there are.
    pub clients_total: usize,
    /// What it means for them, in sentences.
    pub note: String,
}

/// A client that has to get a new token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenView {
    /// Its name in tokens.
    pub id: ClientId,
    /// Its name for people.
    pub name: String,
    /// The team or person that answers for it.
    pub owner: String,
    /// What kind of software it is.
    pub kind: ClientKind,
    /// The tenants that it serves.
    pub tenants: Vec<TenantId>,
}
