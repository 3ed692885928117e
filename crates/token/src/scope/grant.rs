//! What a client holds: scopes, or patterns of scopes.

use super::{InvalidScope, Scope, check};
use std::fmt;

/// Whether the pattern `*:*` may be written at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Everything {
    /// `*:*` is legal: it grants every scope there is and will be.
    AllowEveryScopeThereWillEverBe,
    /// `*:*` is refused.
    Refuse,
}

/// A grant: a scope, or one with `*` as a whole half (`invoices:*`, `*:read`).
///
/// Patterns live in grants only. What is requested, carried in a token or demanded by a route is a [`Scope`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopePattern {
    resource: Option<Box<str>>,
    action: Option<Box<str>>,
}

impl ScopePattern {
    /// Reads a grant.
    pub fn parse(text: &str, everything: Everything) -> Result<Self, InvalidScope> {
        let (resource, action) = text.split_once(':').ok_or(InvalidScope::Shape)?;
        match (resource, action) {
            ("*", "*") => match everything {
                Everything::AllowEveryScopeThereWillEverBe => {}
                Everything::Refuse => return Err(InvalidScope::Wildcard),
            },
            // A letter in the place of the star leaves the rest to the grammar of a scope.
            ("*", action) => check(format!("x:{action}").as_bytes())?,
            (resource, "*") => check(format!("{resource}:x").as_bytes())?,
            _ => check(text.as_bytes())?,
        }
        let half = |half: &str| (half != "*").then(|| half.into());
        Ok(Self { resource: half(resource), action: half(action) })
    }

    /// Whether the grant covers `scope`.
    pub fn covers(&self, scope: &Scope) -> bool {
        self.resource.as_deref().is_none_or(|resource| resource == scope.resource())
            && self.action.as_deref().is_none_or(|action| action == scope.action())
    }

    /// The one scope that the grant names, if it holds no wildcard.
    pub fn exact(&self) -> Option<Scope> {
        self.to_string().parse().ok()
    }
}

impl From<Scope> for ScopePattern {
    fn from(scope: Scope) -> Self {
        Self { resource: Some(scope.resource().into()), action: Some(scope.action().into()) }
    }
}

impl fmt::Display for ScopePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.as_deref().unwrap_or("*"), self.action.as_deref().unwrap_or("*"))
    }
}

impl fmt::Debug for ScopePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopePattern({self})")
    }
}

impl serde::Serialize for ScopePattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a grant without `*:*`; whoever allows that calls [`ScopePattern::parse`].
impl<'de> serde::Deserialize<'de> for ScopePattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text, Everything::Refuse).map_err(serde::de::Error::custom)
    }
}
