//! Rules about risk: does it fit the verb, and does administration stand apart?

use super::words::{of_sentence, parts, plain, risk};
use super::{Complaint, Rule, Subject};
use crate::scope_entry::Risk;

/// Nouns that are about who may do what.
const ADMINISTRATIVE: [&str; 14] = [
    "api-keys",
    "api-tokens",
    "account",
    "admin",
    "administration",
    "members",
    "roles",
    "permissions",
    "credentials",
    "secrets",
    "sso",
    "access",
    "grants",
    "owners",
];

pub(super) fn check(subject: Subject<'_>) -> impl Iterator<Item = Complaint> + '_ {
    [too_low, admin_apart, alias].into_iter().filter_map(move |rule| rule(subject))
}

/// The verb in the name that says most.
fn verb(action: &str) -> &str {
    parts(action).find(|part| risk(part).is_some()).unwrap_or(action)
}

/// The name goes before the sentence: one risk is wrong once.
fn too_low(subject: Subject<'_>) -> Option<Complaint> {
    of_verb(subject).or_else(|| of_sentence_verb(subject))
}

fn of_verb(subject: Subject<'_>) -> Option<Complaint> {
    let (stated, verb) = (subject.entry.risk(), verb(subject.action()));
    let least = risk(verb)?;
    if stated == Risk::Admin {
        return None;
    }
    let said = match least {
        Risk::Read if stated != Risk::Read => format!("'{verb}' only looks, and the risk is {stated}"),
        Risk::Write if stated == Risk::Read => {
            format!("'{verb}' changes something, and a client gets read scopes without asking for them")
        }
        Risk::Destructive if stated < Risk::Destructive && plain(verb).is_some() => {
            format!("'{verb}' takes something away for good, and the risk is {stated}")
        }
        Risk::Destructive if stated < Risk::Destructive => {
            format!("'{verb}' lets data out, which cannot be undone, and the risk is {stated}")
        }
        Risk::Admin => format!("'{verb}' is administration, and the risk is {stated}"),
        _ => return None,
    };
    let better = match (least, stated) {
        (Risk::Read, Risk::Write) => format!("risk = \"read\", or {}", subject.with_action("update")),
        (Risk::Read, _) => format!("risk = \"read\", or {}", subject.with_action("delete")),
        _ => format!("risk = \"{least}\""),
    };
    Some(Complaint::new(Rule::Risk, said).better(better))
}

/// Where the name says nothing, the sentence may.
fn of_sentence_verb(subject: Subject<'_>) -> Option<Complaint> {
    if subject.entry.risk() != Risk::Read {
        return None;
    }
    let words = of_sentence(subject.entry.sentence());
    let verb = words.iter().find(|word| !matches!(word.as_str(), "can" | "may"))?;
    let least = risk(verb).filter(|least| *least > Risk::Read)?;
    let said = format!(
        "the sentence says '{verb}', and the risk is read: a client gets read scopes without asking for them"
    );
    Some(Complaint::new(Rule::Risk, said).better(format!("risk = \"{least}\"")))
}

/// R15. That they share no resource with others is a fault of the catalog already.
fn admin_apart(subject: Subject<'_>) -> Option<Complaint> {
    let risk = subject.entry.risk();
    let noun = ADMINISTRATIVE.contains(&subject.resource());
    (noun && matches!(risk, Risk::Write | Risk::Destructive)).then(|| {
        let said = format!(
            "changing {} changes who may do what, and the risk is {risk}: integrations could hold it beside data scopes",
            subject.resource()
        );
        Complaint::new(Rule::AdminApart, said).better("risk = \"admin\"")
    })
}

/// R13: an alias hands the scope to everybody who holds the older name.
fn alias(subject: Subject<'_>) -> Option<Complaint> {
    let stated = subject.entry.risk();
    let widens = |name: &String| {
        let action = name.rsplit([':', '.', '/']).next().unwrap_or_default();
        risk(verb(action)).is_some_and(|older| older < stated)
    };
    let alias = subject.entry.aliases().iter().find(|name| widens(name))?;
    let said =
        format!("whoever was granted '{alias}' would hold {}, whose risk is {stated}", subject.entry.scope());
    Some(
        Complaint::new(Rule::Alias, said)
            .better("a new scope without that alias, granted to those who need it"),
    )
}
