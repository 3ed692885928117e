//! Words, and what verbs do.

use crate::scope_entry::Risk;

/// The parts of a name: `read-write` has two.
pub(super) fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_']).filter(|part| !part.is_empty())
}

/// The words of a sentence, in lower case, without the marks around them.
pub(super) fn of_sentence(sentence: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    sentence.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

/// Without the ending that makes a plural, or a verb of a third person.
pub(super) fn stem(word: &str) -> &str {
    let es = |word: &str| ["ss", "sh", "ch", "x"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix("es").filter(|rest| es(rest)) {
        Some(rest) => rest,
        None => word.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with('s')).unwrap_or(word),
    }
}

/// Verbs that mean one act, the plain one first.
const SYNONYMS: [&[&str]; 4] = [
    &["read", "view", "list", "see", "get", "fetch", "browse", "show", "lookup", "query"],
    &["create", "add", "insert", "new", "make", "register"],
    &["update", "edit", "modify", "change", "set", "alter"],
    &["delete", "remove", "destroy", "erase", "purge", "drop", "wipe"],
];

const LOOKING: [&str; 3] = ["search", "watch", "inspect"];
const CHANGING: [&str; 34] = [
    "write", "send", "publish", "upload", "import", "rename", "move", "approve", "reject", "cancel",
    "archive", "restore", "replay", "retry", "pay", "refund", "charge", "start", "stop", "pause", "resume",
    "enable", "disable", "rotate", "revoke", "assign", "invite", "submit", "sign", "close", "reopen",
    "merge", "deploy", "trigger",
];
const LETTING_OUT: [&str; 2] = ["export", "dump"];
const ADMINISTERING: [&str; 5] = ["administer", "admin", "impersonate", "elevate", "sudo"];

/// The plain verb for the act.
pub(super) fn plain(verb: &str) -> Option<&'static str> {
    SYNONYMS.iter().find(|same| same.contains(&verb)).and_then(|same| same.first()).copied()
}

/// Whether the word is known as a verb.
pub(super) fn is_verb(word: &str) -> bool {
    risk(word).is_some()
}

/// The least risk that the verb has, where that is known.
pub(super) fn risk(verb: &str) -> Option<Risk> {
    match plain(verb) {
        Some("read") => Some(Risk::Read),
        Some("delete") => Some(Risk::Destructive),
        Some(_) => Some(Risk::Write),
        None if LOOKING.contains(&verb) => Some(Risk::Read),
        None if CHANGING.contains(&verb) => Some(Risk::Write),
        None if LETTING_OUT.contains(&verb) => Some(Risk::Destructive),
        None if ADMINISTERING.contains(&verb) => Some(Risk::Admin),
        None => None,
    }
}
