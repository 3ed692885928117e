use chancery_verifier::Record;
use serde::Serialize;

/// What an account prints around its invoices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its name, which is the account's own: others may use the same.
    pub name: String,
    /// Whose template it is.
    pub tenant: String,
    /// The line above the invoice.
    pub heading: String,
    /// The line below it.
    pub footer: String,
}

impl Record for Template {
    fn tenant(&self) -> &str {
        &self.tenant
    }
}
