//! A product: one resource server with one audience.

use crate::lint::Exception;
use crate::reserved::ADMIN_PRODUCT;
use crate::scope_entry::{Found, ScopeEntry};
use chancery_token::bounds::Axis;
use chancery_token::{AlgorithmName, ClientId, Format};
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
    pub(crate) resource_servers: Vec<ClientId>,
    pub(crate) resources: Vec<Resource>,
    /// The rules that it is not held to, with the reasons.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) line: usize,
    /// Line of its audience, for faults that show only once the issuer is known.
    pub(crate) audience_line: usize,
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

    /// The clients that are the product's own services: they may ask the issuer about every token for its audience
    /// (RFC 7662 section 2.2).
    pub fn resource_servers(&self) -> &[ClientId] {
        &self.resource_servers
    }

    /// Its resources, in the order of the file.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Whether it is the administration of the issuer itself, which no file describes.
    pub fn is_administration(&self) -> bool {
        self.name == ADMIN_PRODUCT
    }

    /// The line of its file where it begins, counted from 1. The administration has none: 0.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The scope that is called `text`, be it its name or one of its aliases (R13).
    pub fn find(&self, text: &str) -> Option<Found<'_>> {
        let by_name = self.scope(text).map(|entry| Found { entry, alias: None });
        by_name.or_else(|| {
            self.scopes().find_map(|entry| {
                let alias = entry.aliases().iter().find(|alias| *alias == text)?;
                Some(Found { entry, alias: Some(alias) })
            })
        })
    }

    /// What it says about the scope whose name is `resource:action`; aliases are found by [`Product::find`].
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
    pub(crate) line: usize,
}

impl Resource {
    /// The half of its scopes before the colon.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of its file where it is named first, counted from 1; 0 in the administration.
    pub fn line(&self) -> usize {
        self.line
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AxisKind {
    /// A name; bounds list exact values and prefixes.
    Text,
    /// An amount; a bound is the largest one allowed.
    Number,
}
