//! Rules about the sentence and the owner.

use super::names::{BROAD_ACTIONS, is_version};
use super::words::{of_sentence, parts, plain, stem};
use super::{Complaint, Rule, Subject};
use crate::scope_entry::Risk;

/// Verbs that say nothing when they are what the scope "can" do.
const EMPTY_VERBS: [&str; 11] =
    ["manage", "access", "handle", "use", "work", "do", "deal", "interact", "control", "perform", "have"];
const EMPTY_WORDS: [&str; 9] =
    ["everything", "anything", "etc", "various", "stuff", "things", "miscellaneous", "necessary", "whatever"];
const EMPTY_PHRASES: [&str; 5] = ["full access", "and so on", "and more", "as needed", "all kinds"];
const JARGON: [&str; 9] = ["crud", "json", "sql", "rpc", "grpc", "dto", "upsert", "endpoint", "microservice"];
/// Words that say nothing about records.
const FILLERS: [&str; 18] = [
    "can", "may", "the", "a", "an", "of", "to", "and", "or", "all", "any", "its", "your", "this", "app",
    "for", "in", "on",
];
const NO_OWNERS: [&str; 16] = [
    "todo", "tbd", "unknown", "nobody", "none", "n/a", "na", "everyone", "anyone", "somebody", "someone",
    "team", "owner", "me", "-", "?",
];
const NEGATIONS: [&str; 6] = ["not", "never", "no", "without", "cannot", "nor"];

pub(super) fn check(subject: Subject<'_>) -> impl Iterator<Item = Complaint> + '_ {
    let rules = [vague, wording, route, version, deletes, owner];
    rules.into_iter().filter_map(move |rule| rule(subject))
}

fn vague(subject: Subject<'_>) -> Option<Complaint> {
    let sentence = subject.entry.sentence();
    let words = of_sentence(sentence);
    let lower = sentence.to_lowercase();
    let verb = words.iter().skip_while(|word| *word == "can" || *word == "may").map(String::as_str).next();
    let empty = verb
        .filter(|verb| EMPTY_VERBS.contains(verb))
        .or_else(|| words.iter().map(String::as_str).find(|word| EMPTY_WORDS.contains(word)))
        .or_else(|| EMPTY_PHRASES.into_iter().find(|phrase| lower.contains(phrase)));
    if let Some(empty) = empty {
        let said = format!("\"{sentence}\" does not say what happens: '{empty}' can mean all there is");
        return Some(Complaint::new(Rule::Vague, said).better(example(subject)));
    }
    let name: Vec<&str> = parts(subject.resource()).chain(parts(subject.action())).collect();
    let repeats = |word: &str| {
        let same =
            |part: &&str| stem(part) == stem(word) || (plain(part).is_some() && plain(part) == plain(word));
        FILLERS.contains(&word) || name.iter().any(same)
    };
    words.iter().all(|word| repeats(word)).then(|| {
        let said =
            format!("\"{sentence}\" says no more than the name: whose {}, and what for?", subject.resource());
        Complaint::new(Rule::Vague, said).better(example(subject))
    })
}

/// Readable to an outsider (R19), and one sentence (R11).
fn wording(subject: Subject<'_>) -> Option<Complaint> {
    let sentence = subject.entry.sentence();
    let jargon =
        of_sentence(sentence).into_iter().find(|word| JARGON.contains(&stem(word)) && !is_own(subject, word));
    if let Some(word) = jargon {
        let said =
            format!("'{word}' is a word of the people who build it; who grants the scope may not know it");
        return Some(Complaint::new(Rule::Vague, said).better(example(subject)));
    }
    let next = |(at, _): (usize, &str)| sentence.get(at + 2..).and_then(|rest| rest.chars().next());
    let several = sentence.match_indices(". ").filter_map(next).any(char::is_uppercase);
    several.then(|| {
        let said = "there is more than one sentence; a screen that asks for consent shows one".to_owned();
        Complaint::new(Rule::Vague, said)
            .better("one sentence here, the rest behind a link: docs = \"https://…\"")
    })
}

/// A product may sell what others call jargon.
fn is_own(subject: Subject<'_>, word: &str) -> bool {
    subject
        .product
        .resources()
        .iter()
        .any(|resource| parts(resource.name()).any(|part| stem(part) == stem(word)))
}

fn route(subject: Subject<'_>) -> Option<Complaint> {
    let is_route = |word: &&str| {
        let path = word.trim_start_matches(['(', '"', '\'', '`']);
        let segment = path.strip_prefix('/').and_then(|rest| rest.chars().next());
        word.contains("://") || word.contains('{') || segment.is_some_and(|c| c.is_alphanumeric() || c == ':')
    };
    let word = subject.entry.sentence().split_whitespace().find(is_route)?;
    let said = format!(
        "the sentence names the route {word}; routes move, and who grants the scope does not know them"
    );
    Some(Complaint::new(Rule::Path, said).better(example(subject)))
}

fn version(subject: Subject<'_>) -> Option<Complaint> {
    let named = |word: &String| word.starts_with('v') && is_version(word);
    let word = of_sentence(subject.entry.sentence()).into_iter().find(named)?;
    let said = format!("the sentence names the version {word}, and will be wrong when the next one comes");
    Some(Complaint::new(Rule::Version, said).better(example(subject)))
}

fn deletes(subject: Subject<'_>) -> Option<Complaint> {
    let words = of_sentence(subject.entry.sentence());
    let denied = |at: usize| {
        let before = words.get(at.saturating_sub(4)..at).unwrap_or_default();
        before.iter().any(|word| NEGATIONS.contains(&word.as_str()))
    };
    let does = |act: &str| {
        let found =
            words.iter().enumerate().find(|(at, word)| plain(stem(word)) == Some(act) && !denied(*at));
        found.map(|(_, word)| word.clone())
    };
    let word = does("delete")?;
    let mixes = match subject.entry.risk() {
        Risk::Read | Risk::Write => plain(subject.action()) != Some("delete"),
        Risk::Destructive => does("create").or_else(|| does("update")).is_some(),
        Risk::Admin => false,
    };
    mixes.then(|| {
        let said = format!(
            "the sentence says '{word}' among other things; whoever may change {} seldom has to destroy them",
            subject.resource()
        );
        let better =
            format!("{} with the risk destructive, and this one without it", subject.with_action("delete"));
        Complaint::new(Rule::Deletes, said).better(better)
    })
}

fn owner(subject: Subject<'_>) -> Option<Complaint> {
    let owner = subject.entry.owner();
    NO_OWNERS.contains(&owner.trim().to_lowercase().as_str()).then(|| {
        let said = format!("\"{owner}\" is nobody whom one could ask");
        Complaint::new(Rule::Owner, said).better("the name of a team, as others know it")
    })
}

fn example(subject: Subject<'_>) -> String {
    let verb = match plain(subject.action()) {
        Some("read") => "view",
        Some("update") => "change",
        Some(plain) => plain,
        // The name is to be replaced too, and need not even be a verb.
        None if BROAD_ACTIONS.contains(&subject.action()) => "…",
        None => subject.action(),
    };
    format!(
        "\"Can {verb} {} of the … this app works for.\"",
        parts(subject.resource()).collect::<Vec<_>>().join(" ")
    )
}
