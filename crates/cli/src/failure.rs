//! Why a command could not do what it was asked.

use crate::exit::Exit;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::{self, Display};

/// What happened, what to do about it, and how the command ends.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    reason: String,
    message: String,
    faults: Vec<Fault>,
    fix: Option<String>,
}

/// One of several things that are wrong, with its place as far as it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// Its stable name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// A JSON pointer (RFC 6901) into what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// What is wrong, and what to do about it.
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn told(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::default() }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: {}", self.detail),
            (Some(file), None) => write!(f, "{file}: {}", self.detail),
            (None, _) => f.write_str(&self.detail),
        }
    }
}

impl Failure {
    /// `reason` is the stable name, `message` says what happened.
    pub(crate) fn new(exit: Exit, reason: impl Into<String>, message: impl Display) -> Self {
        let (reason, message) = (reason.into(), message.to_string());
        Self { exit, reason, message, faults: Vec::new(), fix: None }
    }

    /// The command line, or what it names, cannot be used.
    pub(crate) fn unusable(reason: impl Into<String>, message: impl Display) -> Self {
        Self::new(Exit::Unusable, reason, message)
    }

    /// Says one by one, for programs, what the message says as a whole.
    pub(crate) fn faults(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { faults: faults.into_iter().collect(), ..self }
    }

    /// Says what to do.
    pub(crate) fn fix(self, fix: impl Display) -> Self {
        Self { fix: Some(fix.to_string()), ..self }
    }

    /// Ends the command in another way.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether this is its stable name.
    pub(crate) fn is(&self, reason: &str) -> bool {
        self.reason == reason
    }

    /// What happened, without what to do about it.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// For a person.
    pub(crate) fn text(&self) -> String {
        match &self.fix {
            Some(fix) => format!("error: {}\n  {fix}", self.message),
            None => format!("error: {}", self.message),
        }
    }

    /// For a program.
    pub(crate) fn json(&self) -> Value {
        let mut value = json!({ "reason": self.reason, "detail": self.message });
        if !self.faults.is_empty() {
            value["faults"] = json!(self.faults);
        }
        if let Some(fix) = &self.fix {
            value["fix"] = fix.clone().into();
        }
        value
    }
}
