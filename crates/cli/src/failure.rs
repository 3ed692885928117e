//! Why a command could not do what it was asked.

use crate::exit::Exit;
use serde_json::{Value, json};
use std::fmt::Display;

/// What happened, what to do about it, and how the command ends.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    reason: String,
    message: String,
    fix: Option<String>,
}

impl Failure {
    /// `reason` is the stable name, `message` says what happened.
    pub(crate) fn new(exit: Exit, reason: impl Into<String>, message: impl Display) -> Self {
        Self { exit, reason: reason.into(), message: message.to_string(), fix: None }
    }

    /// The command line, or what it names, cannot be used.
    pub(crate) fn unusable(reason: impl Into<String>, message: impl Display) -> Self {
        Self::new(Exit::Unusable, reason, message)
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
        if let (Some(fix), Some(members)) = (&self.fix, value.as_object_mut()) {
            members.insert("fix".to_owned(), fix.clone().into());
        }
        value
    }
}
