//! JSON members in the order in which they were set.

use serde_json::Value;

/// As an issuer writes them: in its order, not in that of the alphabet.
#[derive(Clone, Debug)]
pub(super) struct Members(Vec<(String, Value)>);

impl Members {
    pub(super) fn new(members: &[(&str, Value)]) -> Self {
        Self(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(super) fn to_json(&self) -> String {
        let member = |(name, value): &(String, Value)| format!("{}:{value}", Value::from(name.as_str()));
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }
}
