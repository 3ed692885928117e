use chancery_verifier::Record;
use serde::{Deserialize, Serialize};

/// A company that writes its invoices with DocuMint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The tenant that it is.
    pub tenant: String,
    /// What all of its numbers begin with.
    pub series: String,
    /// What it pays for.
    pub plan: Plan,
    /// Who is asked about it.
    pub contact: String,
}

/// What an account pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A hundred invoices a month.
    Small,
    /// As many as are needed.
    Large,
}

/// Accounts know no axes: whoever administers one administers all of it.
impl Record for Account {
    fn tenant(&self) -> &str {
        &self.tenant
    }
}
