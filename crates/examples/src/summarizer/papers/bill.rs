use chancery_verifier::Record;
use serde::{Deserialize, Serialize};

/// What an account owes, and how it pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The company that pays.
    pub tenant: String,
    /// What it pays for.
    pub plan: Plan,
    /// The end of the number of its card.
    pub card: String,
    /// What it owes, in cents.
    pub due_cents: u64,
}

/// What an account pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A shelf of a hundred documents.
    Shelf,
    /// As many as are needed.
    Library,
}

/// An account has one bill, and no axes that a token could be bounded on.
impl Record for Bill {
    fn tenant(&self) -> &str {
        &self.tenant
    }
}
