//! Templates: the smallest set of scopes for a job that many have.

use crate::lint::Exception;
use chancery_token::Scope;
use std::time::Duration;

/// A set of scopes for one job, each with the reason that the job has for it (R16).
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) name: String,
    pub(crate) sentence: String,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) grants: Vec<TemplateGrant>,
    /// The rules that it is not held to, with the reasons.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) line: usize,
}

/// One scope of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateGrant {
    /// The audience of the product that the scope belongs to.
    pub audience: String,
    /// The scope, under its own name even where the file uses an alias.
    pub scope: Scope,
    /// Why the job needs it, in a sentence.
    pub reason: String,
}

impl Template {
    /// Its short name, `[a-z][a-z0-9-]*`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The job, in one plain sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// How long the tokens of such a client live, if the template says so.
    pub fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }

    /// Its scopes, in the order of the file; at least one, none twice.
    pub fn grants(&self) -> &[TemplateGrant] {
        &self.grants
    }

    /// The line of its file where it begins, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}
