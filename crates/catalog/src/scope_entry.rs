//! A scope: what it is called, what it allows, who answers for it.

use crate::lint::Exception;
use chancery_token::{Scope, ScopePattern, UnixTime};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One scope and what is known about it.
#[derive(Clone, Debug)]
pub struct ScopeEntry {
    pub(crate) scope: Scope,
    pub(crate) sentence: String,
    pub(crate) owner: String,
    pub(crate) risk: Risk,
    pub(crate) docs: Option<String>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) aliases: Vec<String>,
    pub(crate) sunset: Option<UnixTime>,
    pub(crate) approval: Option<Approval>,
    /// The rules that it is not held to, with the reasons.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) line: usize,
}

/// A scope that was found by a text.
#[derive(Clone, Copy, Debug)]
pub struct Found<'c> {
    /// The scope.
    pub entry: &'c ScopeEntry,
    /// The alias that the text is; `None` when it is the scope's own name.
    pub alias: Option<&'c str>,
}

/// Who has to agree before a client gets the scope (R30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub(crate) by: String,
    pub(crate) lapses: Duration,
}

impl Approval {
    /// The team or person that agrees.
    pub fn by(&self) -> &str {
        &self.by
    }

    /// How long after it was given an approval ends by itself.
    pub fn lapses(&self) -> Duration {
        self.lapses
    }
}

impl ScopeEntry {
    /// The scope itself, under its own name.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What it allows, in one plain sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The team or person that answers for it.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// How much harm it can do.
    pub fn risk(&self) -> Risk {
        self.risk
    }

    /// Where its documentation stands, if not on the issuer's own page.
    pub fn docs(&self) -> Option<&str> {
        self.docs.as_deref()
    }

    /// The longest life of a token that carries it, if it sets one. An administrative scope always does.
    pub fn max_lifetime(&self) -> Option<Duration> {
        self.max_lifetime
    }

    /// What else it is called: older names (`bills:read`) and foreign spellings (`invoices.read`).
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Those of its aliases that are written as scopes are.
    pub fn older_names(&self) -> impl Iterator<Item = Scope> {
        self.aliases.iter().filter_map(|alias| alias.parse().ok())
    }

    /// Whether `scope` is its name, or was.
    pub fn is_called(&self, scope: &Scope) -> bool {
        self.scope == *scope || self.aliases.iter().any(|alias| alias == scope.as_str())
    }

    /// Whether a grant of `pattern` holds it, under its own name or an older one: whoever was granted it before
    /// it was renamed still holds it (R13).
    pub fn covered_by(&self, pattern: &ScopePattern) -> bool {
        pattern.covers(&self.scope) || self.older_names().any(|name| pattern.covers(&name))
    }

    /// The second from which on no token carries it, if it has one: 00:00 UTC of its last date (R13).
    pub fn sunset(&self) -> Option<UnixTime> {
        self.sunset
    }

    /// Whether its sunset has come.
    pub fn is_retired(&self, now: UnixTime) -> bool {
        self.sunset.is_some_and(|sunset| now >= sunset)
    }

    /// Who has to agree before a client gets it, if anybody.
    pub fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }

    /// The line of its file where it begins, counted from 1; 0 in the administration.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// How much harm a scope can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Looks. What a client gets that names no scope.
    Read,
    /// Changes or adds.
    Write,
    /// Takes away for good, or lets data out.
    Destructive,
    /// Changes who may do what. Never in one token with the others.
    Admin,
}

impl Risk {
    /// The word for it in the catalog.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Risk {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Read, Self::Write, Self::Destructive, Self::Admin]
            .into_iter()
            .find(|risk| risk.as_str() == text)
            .ok_or(())
    }
}
