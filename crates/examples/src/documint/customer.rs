use chancery_verifier::Record;
use serde::Serialize;

/// Whom an account sends invoices to: personal data, under a scope of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// Its number, in the series of the account.
    pub number: String,
    /// Whose customer it is.
    pub tenant: String,
    /// What stands on the envelope.
    pub name: String,
    /// Where the envelope goes.
    pub address: String,
}

impl Record for Customer {
    fn tenant(&self) -> &str {
        &self.tenant
    }
}
