use chancery_verifier::{Record, Value};

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Invoice {
    /// Its number, unique among all tenants.
    pub number: String,
    /// The company that wrote it.
    pub tenant: String,
    /// The project it bills.
    pub project: String,
    /// What is owed, in cents.
    pub total_cents: u64,
}

/// What tokens are held against: the tenant always, the project where a token is bounded on it (rule R20).
impl Record for Invoice {
    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn value(&self, axis: &str) -> Value<'_> {
        match axis {
            "project" => Value::Text(&self.project),
            _ => Value::Unknown,
        }
    }
}
