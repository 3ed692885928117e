//! What is wrong with a catalog.

use std::fmt;

/// One fault of a catalog, with the place and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.fault)
    }
}

impl std::error::Error for CatalogError {}

/// What can be wrong with a catalog. Whoever wrote the file is to blame for each of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not TOML.
    #[error("this is not TOML: {0}; correct the syntax")]
    Syntax(String),
    /// A key that nobody reads, most often a typing error.
    #[error("'{key}' means nothing here; {}", meant(.nearest.as_deref(), .known))]
    UnknownKey {
        /// The key.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
        /// What may stand here.
        known: &'static [&'static str],
    },
    /// A key that has to be there.
    #[error("{of} has no '{key}'; add {example}")]
    Missing {
        /// What lacks it.
        of: String,
        /// The key.
        key: &'static str,
        /// A line that would do.
        example: &'static str,
    },
    /// A value of another kind than the key takes.
    #[error("'{key}' is {found}; write {wanted}")]
    WrongKind {
        /// The key.
        key: String,
        /// What stands there.
        found: &'static str,
        /// What should.
        wanted: &'static str,
    },
    /// A value that is not one of those that the key takes.
    #[error("'{key}' is \"{value}\"; write {wanted}")]
    WrongValue {
        /// The key.
        key: String,
        /// What stands there.
        value: String,
        /// What should.
        wanted: &'static str,
    },
    /// The name of a product, resource, action or axis breaks its grammar.
    #[error("'{name}' cannot name {what}; {rule}")]
    Name {
        /// The name.
        name: String,
        /// What it should name.
        what: &'static str,
        /// The grammar.
        rule: String,
    },
    /// Two products share an audience, so that a token for one would open the other.
    #[error(
        "the audience \"{audience}\" already belongs to the product '{other}'; give each product its own"
    )]
    SharedAudience {
        /// The audience.
        audience: String,
        /// The product that has it.
        other: String,
    },
    /// The name or audience belongs to the administration of the issuer, or is the issuer itself.
    #[error("{what} \"{value}\" is reserved for the issuer; choose another")]
    Reserved {
        /// Which of the two.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// An administrative action beside others in one resource.
    #[error(
        "'{scope}' is administrative, other actions of '{resource}' are not; give it a resource of its own"
    )]
    AdminNotApart {
        /// The administrative scope.
        scope: String,
        /// The resource.
        resource: String,
    },
    /// An administrative scope that lives as long as a routine one.
    #[error("'{scope}' is administrative; its max_lifetime is at most 5m")]
    AdminTooLong {
        /// The scope.
        scope: String,
    },
    /// An alias that is the name or an alias of another scope, or stands there twice.
    #[error("'{alias}' already means '{other}'; an alias means one scope, so remove it from one of them")]
    AliasTaken {
        /// The alias.
        alias: String,
        /// The scope that it means already.
        other: String,
    },
    /// A template names a scope that several products know.
    #[error("several products know '{scope}'; write {write}")]
    AmbiguousScope {
        /// The scope.
        scope: String,
        /// What to write.
        write: String,
    },
    /// A template names a scope that no product has.
    #[error("the template '{of}' names '{scope}', which no product here has; {}", correct(.nearest.as_deref()))]
    UnknownScope {
        /// The scope.
        scope: String,
        /// The template.
        of: String,
        /// The scope that looks most like it.
        nearest: Option<String>,
    },
    /// A template names a scope twice, perhaps once by an alias.
    #[error("the template '{of}' names '{scope}' twice; remove one of the lines")]
    ScopeTwice {
        /// The scope.
        scope: String,
        /// The template.
        of: String,
    },
    /// A template with administrative scopes beside others, which no client can hold (R15).
    #[error("the template '{template}' has administrative scopes and others; make two templates of it")]
    TemplateMixesAdmin {
        /// The template.
        template: String,
    },
    /// A product, resource or template that holds nothing.
    #[error("{what} '{name}' has no {lacks}; add one, or remove it")]
    Empty {
        /// Product, resource or template.
        what: &'static str,
        /// Its name.
        name: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// No product at all.
    #[error("the catalog names no product; add a table [product.NAME]")]
    NoProduct,
}

impl Fault {
    /// Stable name, for logs and documentation.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "catalog_syntax",
            Self::UnknownKey { .. } => "catalog_unknown_key",
            Self::Missing { .. } => "catalog_missing_key",
            Self::WrongKind { .. } => "catalog_wrong_kind",
            Self::WrongValue { .. } => "catalog_wrong_value",
            Self::Name { .. } => "catalog_name",
            Self::SharedAudience { .. } => "catalog_shared_audience",
            Self::Reserved { .. } => "catalog_reserved",
            Self::AdminNotApart { .. } => "catalog_admin_not_apart",
            Self::AdminTooLong { .. } => "catalog_admin_too_long",
            Self::AliasTaken { .. } => "catalog_alias_taken",
            Self::AmbiguousScope { .. } => "catalog_ambiguous_scope",
            Self::UnknownScope { .. } => "catalog_unknown_scope",
            Self::ScopeTwice { .. } => "catalog_scope_twice",
            Self::TemplateMixesAdmin { .. } => "catalog_template_mixes_admin",
            Self::Empty { .. } => "catalog_empty",
            Self::NoProduct => "catalog_no_product",
        }
    }
}

fn meant(nearest: Option<&str>, known: &[&str]) -> String {
    nearest.map_or_else(
        || format!("known are {}", known.join(", ")),
        |nearest| format!("did you mean '{nearest}'?"),
    )
}

fn correct(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "correct it, or add the scope to its product".to_owned(),
        |nearest| format!("did you mean '{nearest}'?"),
    )
}
