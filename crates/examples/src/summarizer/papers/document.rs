use chancery_verifier::{Record, Value};
use serde::Serialize;

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its number.
    pub number: String,
    /// The company that it belongs to.
    pub tenant: String,
    /// The folder that it lies in.
    pub folder: String,
    /// What it is called.
    pub title: String,
    /// All of it. Where it names a path of this service, as `/documents/A-1`, it refers to what is there.
    pub text: String,
}

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Title {
    /// Its number.
    pub number: String,
    /// What it is called.
    pub title: String,
}

/// What tokens are held against: the tenant always, the folder where a token is bounded on it.
impl Record for Document {
    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn value(&self, axis: &str) -> Value<'_> {
        match axis {
            "folder" => Value::Text(&self.folder),
            _ => Value::Unknown,
        }
    }
}
