//! A product: one resource server with one audience.

use chancery_token::bounds::Axis;
use chancery_token::{AlgorithmName, Format, Scope};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One product, which is one resource server, which is one audience.
#[derive(Clone, Debug)]
pub struct Product {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) audience: String,
    pub(crate) format: Format,
    pub(crate) algorithm: Option<AlgorithmName>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) resources: Vec<Resource>,
    /// Line of its audience, for faults that show only once the issuer is known.
    pub(crate) line: usize,
}

impl Product {
    /// Its short name, `[a-z][a-z0-9-]*`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The `aud` of its tokens, and the `resource` that clients ask for (RFC 8707): an absolute URI.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// How its tokens are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How the header of its JWTs must spell Ed25519, if it minds.
    pub fn algorithm(&self) -> Option<AlgorithmName> {
        self.algorithm
    }

    /// The longest life of a token for it, if it sets one.
    pub fn max_lifetime(&self) -> Option<Duration> {
        self.max_lifetime
    }

    /// Its resources, in the order of the file.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// What it says about `resource:action`.
    pub fn scope(&self, scope: &str) -> Option<&ScopeEntry> {
        self.scopes().find(|entry| entry.scope.as_str() == scope)
    }

    /// The resource of this name.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// Its scopes, in the order of the file.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeEntry> {
        self.resources.iter().flat_map(Resource::scopes)
    }
}

/// A noun of a product: the records that scopes are about.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) name: String,
    pub(crate) axes: Vec<(Axis, AxisKind)>,
    pub(crate) scopes: Vec<ScopeEntry>,
}

impl Resource {
    /// The half of its scopes before the colon.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The axes on which its records can be bounded.
    pub fn axes(&self) -> &[(Axis, AxisKind)] {
        &self.axes
    }

    /// What its records hold on `axis`, if they know it.
    pub fn axis(&self, axis: &Axis) -> Option<AxisKind> {
        self.axes.iter().find(|(declared, _)| declared == axis).map(|(_, kind)| *kind)
    }

    /// What may be done to it.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeEntry> {
        self.scopes.iter()
    }
}

/// What the records of a resource hold on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisKind {
    /// A name; bounds list exact values and prefixes.
    Text,
    /// An amount; a bound is the largest one allowed.
    Number,
}

/// One scope and what is known about it.
#[derive(Clone, Debug)]
pub struct ScopeEntry {
    pub(crate) scope: Scope,
    pub(crate) sentence: String,
    pub(crate) owner: String,
    pub(crate) risk: Risk,
    pub(crate) docs: Option<String>,
    pub(crate) max_lifetime: Option<Duration>,
}

impl ScopeEntry {
    /// The scope itself.
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
}

/// How much harm a scope can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
