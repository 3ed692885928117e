use chancery_verifier::{Record, Value};
use serde::{Deserialize, Serialize};

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invoice {
    /// Its number, in the series of the account.
    pub number: String,
    /// The company that wrote it.
    pub tenant: String,
    /// The project it bills.
    pub project: String,
    /// The client that created it, as its token said. Nobody can choose it.
    pub created_by: String,
    /// The number of the customer that it goes to.
    pub customer: String,
    /// The template that it is printed with.
    pub template: String,
    /// What is billed.
    pub lines: Vec<Line>,
    /// What is owed, in cents.
    pub total_cents: u64,
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it is for.
    pub text: String,
    /// How many.
    pub quantity: u32,
    /// The price of one, in cents.
    pub unit_cents: u64,
}

/// What tokens are held against: the tenant always, the project and the creator where a token is bounded on them
/// (rules R20 and R22).
impl Record for Invoice {
    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn value(&self, axis: &str) -> Value<'_> {
        match axis {
            "created_by" => Value::Text(&self.created_by),
            "project" => Value::Text(&self.project),
            _ => Value::Unknown,
        }
    }
}
