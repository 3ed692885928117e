//! The rules by name.

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    AdminApart,
    Alias,
    Broad,
    Deletes,
    HttpVerb,
    NeedlessException,
    Overlap,
    Owner,
    Path,
    Reversed,
    Risk,
    ServiceName,
    TooMany,
    Vague,
    Version,
}

/// A rule and why there is such a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleText {
    /// Its name, as `lint = { … }` spells it.
    pub name: &'static str,
    /// What it looks for, and why.
    pub why: &'static str,
}

/// Every rule, by name.
pub const RULES: [RuleText; 15] = [
    Rule::AdminApart.text(),
    Rule::Alias.text(),
    Rule::Broad.text(),
    Rule::Deletes.text(),
    Rule::HttpVerb.text(),
    Rule::NeedlessException.text(),
    Rule::Overlap.text(),
    Rule::Owner.text(),
    Rule::Path.text(),
    Rule::Reversed.text(),
    Rule::Risk.text(),
    Rule::ServiceName.text(),
    Rule::TooMany.text(),
    Rule::Vague.text(),
    Rule::Version.text(),
];

/// The rules about one scope.
pub(crate) const SCOPE_RULES: &[&str] = &[
    Rule::AdminApart.name(),
    Rule::Alias.name(),
    Rule::Broad.name(),
    Rule::Deletes.name(),
    Rule::HttpVerb.name(),
    Rule::Overlap.name(),
    Rule::Owner.name(),
    Rule::Path.name(),
    Rule::Reversed.name(),
    Rule::Risk.name(),
    Rule::ServiceName.name(),
    Rule::Vague.name(),
    Rule::Version.name(),
];
/// The rules about a product as a whole.
pub(crate) const PRODUCT_RULES: &[&str] = &[Rule::TooMany.name()];
/// The rules about a template.
pub(crate) const TEMPLATE_RULES: &[&str] = &[Rule::TooMany.name()];

impl Rule {
    pub(super) const fn name(self) -> &'static str {
        self.text().name
    }

    const fn text(self) -> RuleText {
        let (name, why) = match self {
            Self::AdminApart => (
                "admin_apart",
                "What changes who may do what is administration (R15): as an ordinary scope it would end up in the tokens of integrations.",
            ),
            Self::Alias => (
                "alias",
                "An alias hands the scope to everybody who holds the older name; a harmless older name must not turn into a dangerous scope.",
            ),
            Self::Broad => (
                "broad",
                "A write scope names its task. 'write' and 'manage' grow with every feature, and nobody can say what they allow.",
            ),
            Self::Deletes => (
                "deletes",
                "Whoever may change something seldom has to destroy it. Deleting is a scope of its own, with the risk destructive.",
            ),
            Self::HttpVerb => (
                "http_verb",
                "A scope says what happens to a thing, not how a request travels. The same act may get another verb tomorrow.",
            ),
            Self::NeedlessException => (
                "needless_exception",
                "An exception that excuses nothing will one day excuse something that nobody looked at.",
            ),
            Self::Overlap => (
                "overlap",
                "Two scopes for one act: people ask for both, services check either, and neither can be retired.",
            ),
            Self::Owner => (
                "owner",
                "Somebody has to answer for a scope: who may hold it, when it changes, when it ends.",
            ),
            Self::Path => (
                "path",
                "Routes move with the code, scopes stay. People grant an act on a product's nouns, not a path.",
            ),
            Self::Reversed => (
                "reversed",
                "A scope is resource:action, the noun first, so that all that can be done to a thing stands together.",
            ),
            Self::Risk => (
                "risk",
                "The risk decides what a client gets without asking, how long tokens live and who must agree. It has to fit the verb.",
            ),
            Self::ServiceName => (
                "service_name",
                "Services are split, merged and renamed. A scope names what the product's users know.",
            ),
            Self::TooMany => (
                "too_many",
                "Five to ten scopes a product (R10) can be understood before they are granted; beyond that, people take all of them.",
            ),
            Self::Vague => (
                "vague",
                "The sentence is all that whoever grants the scope reads. It says which records, and what happens to them.",
            ),
            Self::Version => (
                "version",
                "A version in a name makes every client get new credentials when the version changes, though the act is the same.",
            ),
        };
        RuleText { name, why }
    }
}
