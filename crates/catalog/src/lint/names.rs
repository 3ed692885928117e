//! Rules about what a scope is called.

use super::words::{is_verb, parts};
use super::{Complaint, Rule, Subject};
use crate::scope_entry::Risk;

const HTTP_VERBS: [(&str, &str); 6] = [
    ("get", "read"),
    ("head", "read"),
    ("options", "read"),
    ("patch", "update"),
    ("post", "create"),
    ("put", "update"),
];
const OF_PATHS: [&str; 7] = ["api", "rest", "rpc", "grpc", "graphql", "id", "uri"];
/// What products do sell, though a piece of a route stands in it.
const NOUNS_WITH_API: [&str; 4] = ["api-key", "api-keys", "api-token", "api-tokens"];
/// Verbs that are no noun of any product.
const VERBS_ALONE: [&str; 10] =
    ["read", "write", "create", "update", "delete", "get", "add", "remove", "edit", "manage"];
const OF_SERVICES: [&str; 11] = [
    "service",
    "svc",
    "microservice",
    "server",
    "backend",
    "frontend",
    "controller",
    "handler",
    "lambda",
    "daemon",
    "module",
];
pub(super) const BROAD_ACTIONS: [&str; 16] = [
    "write",
    "manage",
    "management",
    "all",
    "full",
    "any",
    "everything",
    "access",
    "control",
    "use",
    "do",
    "rw",
    "readwrite",
    "crud",
    "handle",
    "edit-all",
];
const BROAD_RESOURCES: [&str; 11] = [
    "all",
    "any",
    "everything",
    "data",
    "misc",
    "general",
    "stuff",
    "global",
    "objects",
    "entities",
    "resources",
];

pub(super) fn check(subject: Subject<'_>) -> impl Iterator<Item = Complaint> + '_ {
    [path, http_verb, version, service_name, reversed, broad]
        .into_iter()
        .filter_map(move |rule| rule(subject))
}

fn path(subject: Subject<'_>) -> Option<Complaint> {
    if NOUNS_WITH_API.contains(&subject.resource()) {
        return None;
    }
    let part = bad_part(subject, |part| OF_PATHS.contains(&part))?;
    let said = format!(
        "'{part}' is a piece of a route; routes move with the code, and the scope would have to move with them"
    );
    Some(tidied(Complaint::new(Rule::Path, said), subject))
}

fn http_verb(subject: Subject<'_>) -> Option<Complaint> {
    let is_http = |part: &&str| HTTP_VERBS.iter().any(|(verb, _)| verb == part);
    let said = if let Some(verb) = parts(subject.action()).next().filter(is_http) {
        format!("'{verb}' says how the request travels, not what happens to {}", subject.resource())
    } else {
        let mut named = parts(subject.resource());
        let verb = named.next().filter(is_http)?;
        let noun = named.next()?;
        format!("'{verb}' in front of {noun} says how a request travels; a resource is a noun of the product")
    };
    Some(tidied(Complaint::new(Rule::HttpVerb, said), subject))
}

fn version(subject: Subject<'_>) -> Option<Complaint> {
    let part = bad_part(subject, is_version)?;
    let said = format!(
        "'{part}' is a version; when it changes, every client needs a new grant for an act that stayed the same"
    );
    Some(tidied(Complaint::new(Rule::Version, said), subject))
}

/// `v1`, `2024`, `invoicesv2`; not `ipv6`.
pub(super) fn is_version(part: &str) -> bool {
    let head = part.trim_end_matches(|c: char| c.is_ascii_digit());
    head.len() < part.len() && (head.is_empty() || (head.ends_with('v') && head != "ipv"))
}

fn service_name(subject: Subject<'_>) -> Option<Complaint> {
    let product = subject.product.name();
    let said = if without_product(subject).is_some() {
        format!("the resource repeats the name of its product, '{product}', which the audience says already")
    } else {
        let part = bad_part(subject, |part| OF_SERVICES.contains(&part))?;
        format!("'{part}' names a piece of software; services are split and merged, the product's nouns stay")
    };
    Some(tidied(Complaint::new(Rule::ServiceName, said), subject))
}

fn reversed(subject: Subject<'_>) -> Option<Complaint> {
    let (noun, verb) = (subject.action(), subject.resource());
    let better = format!("{noun}:{verb}");
    (VERBS_ALONE.contains(&verb) && !is_verb(noun)).then(|| {
        let said =
            format!("'{verb}' is the verb and '{noun}' the noun; a scope is resource:action, noun first");
        Complaint::new(Rule::Reversed, said).better(better)
    })
}

fn broad(subject: Subject<'_>) -> Option<Complaint> {
    let (resource, action) = (subject.resource(), subject.action());
    if BROAD_RESOURCES.contains(&resource) {
        let said = format!("'{resource}' is no noun of the product: nobody can say which records it means");
        return Some(
            Complaint::new(Rule::Broad, said).better(format!("invoices:{action}, with a noun of yours")),
        );
    }
    let first = parts(action).next().unwrap_or_default();
    let several = ["read", "create", "update", "delete", "write"];
    let lists_verbs =
        parts(action).count() > 1 && parts(action).all(|part| several.contains(&part) || part == "and");
    if !BROAD_ACTIONS.contains(&action) && !["manage", "all", "full", "any"].contains(&first) && !lists_verbs
    {
        return None;
    }
    let said = format!("'{action}' is more than one task, and grows with every feature of {resource}");
    let acts: &[&str] = match (action, subject.entry.risk()) {
        ("write", _) => &["create", "update"],
        (_, Risk::Read) => &["read"],
        _ => &["read", "create", "update", "delete"],
    };
    let better = acts.iter().map(|act| subject.with_action(act)).collect::<Vec<_>>().join(", ");
    Some(Complaint::new(Rule::Broad, said).better(format!("{better}: those that its task needs")))
}

fn bad_part(subject: Subject<'_>, is_bad: impl Fn(&str) -> bool) -> Option<&str> {
    parts(subject.resource()).chain(parts(subject.action())).find(|part| is_bad(part))
}

/// The resource without the name of its product before it.
fn without_product(subject: Subject<'_>) -> Option<&str> {
    let rest = subject.resource().strip_prefix(subject.product.name())?.strip_prefix(['-', '_'])?;
    rest.starts_with(|c: char| c.is_ascii_lowercase()).then_some(rest)
}

/// Proposes the name without anything that these rules mind, so that one change answers all of them.
fn tidied(complaint: Complaint, subject: Subject<'_>) -> Complaint {
    let resource = without_product(subject).unwrap_or(subject.resource());
    let resource = if NOUNS_WITH_API.contains(&resource) {
        resource.to_owned()
    } else {
        let verbs = parts(resource).take(parts(resource).count().saturating_sub(1));
        let verbs = verbs.take_while(|part| HTTP_VERBS.iter().any(|(verb, _)| verb == part)).count();
        cleaned(parts(resource).skip(verbs))
    };
    let plain = |part| HTTP_VERBS.iter().find(|(verb, _)| *verb == part).map_or(part, |(_, plain)| *plain);
    let action = cleaned(parts(subject.action()).take(1).map(plain).chain(parts(subject.action()).skip(1)));
    let name = format!("{resource}:{action}");
    match name.parse::<chancery_token::Scope>() {
        Ok(_) => complaint.better(name),
        Err(_) => complaint.better("a noun that users of the product know"),
    }
}

fn cleaned<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let kept = parts.map(|part| match part {
        part if OF_PATHS.contains(&part) || OF_SERVICES.contains(&part) => "",
        part if is_version(part) => noun_before_version(part),
        part => part,
    });
    kept.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// `invoicesv2` holds its noun in the same part.
fn noun_before_version(part: &str) -> &str {
    part.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('v').unwrap_or_default()
}
