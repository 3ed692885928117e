//! The scopes of one token.

use super::{InvalidScope, Scope, check};
use std::fmt;

/// At least one scope, in the order they were written, none twice.
///
/// Held as the text of the `scope` claim (RFC 9068 section 2.2.3): a token is read once and asked few times.
#[derive(Clone, PartialEq, Eq)]
pub struct ScopeSet(Box<str>);

/// Why a text is no set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScopeSet {
    /// No scope at all.
    #[error("at least one scope is needed")]
    Empty,
    /// One of them is no scope, or they are not separated by single spaces (RFC 6749 section 3.3).
    #[error(transparent)]
    Scope(#[from] InvalidScope),
}

impl ScopeSet {
    /// Reads a space-separated list.
    pub fn parse(text: &str) -> Result<Self, InvalidScopeSet> {
        if text.is_empty() {
            return Err(InvalidScopeSet::Empty);
        }
        let mut unique: Vec<&[u8]> = Vec::with_capacity(8);
        let mut repeated = false;
        // Bytes, not text: splitting at a character takes several times as long, for each token that is read.
        for scope in text.as_bytes().split(|b| *b == b' ') {
            check(scope)?;
            if unique.contains(&scope) {
                repeated = true;
            } else {
                unique.push(scope);
            }
        }
        if repeated { Self::collect(text.split(' ')) } else { Ok(Self(text.into())) }
    }

    /// Gathers scopes.
    pub fn from_scopes<'s>(scopes: impl IntoIterator<Item = &'s Scope>) -> Result<Self, InvalidScopeSet> {
        Self::collect(scopes.into_iter().map(Scope::as_str))
    }

    fn collect<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Result<Self, InvalidScopeSet> {
        let mut unique: Vec<&str> = Vec::new();
        for scope in scopes {
            if !unique.contains(&scope) {
                unique.push(scope);
            }
        }
        if unique.is_empty() { Err(InvalidScopeSet::Empty) } else { Ok(Self(unique.join(" ").into())) }
    }

    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.split(' ').any(|held| held == scope.as_str())
    }

    /// Each scope as text.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// The text of the claim.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({})", self.0)
    }
}
