//! Two scopes for one act.

use super::words::{parts, plain, stem};
use super::{Complaint, Rule, Subject};
use crate::scope_entry::ScopeEntry;

/// What swallows `create` and `update` beside it.
const WIDE: [&str; 4] = ["write", "manage", "all", "full"];

/// Speaks of the later one of a pair, so that each pair is told once.
pub(super) fn check(subject: Subject<'_>) -> impl Iterator<Item = Complaint> + '_ {
    let mut earlier =
        subject.product.scopes().take_while(move |other| other.scope() != subject.entry.scope());
    earlier.find_map(move |other| overlap(subject, other)).into_iter()
}

fn overlap(subject: Subject<'_>, other: &ScopeEntry) -> Option<Complaint> {
    let (mine, name) = (subject.entry.scope(), other.scope());
    let same_act = |a: &str, b: &str| a == b || (plain(a).is_some() && plain(a) == plain(b));
    let alias = |older: &chancery_token::Scope| format!("{name} alone, with aliases = [\"{older}\"]");
    if mine.resource() == name.resource() {
        if same_act(mine.action(), name.action()) {
            let said = format!("{name} is the same act under another name");
            return Some(Complaint::new(Rule::Overlap, said).better(alias(mine)));
        }
        let narrow = |action: &str| matches!(plain(action), Some("create" | "update" | "delete"));
        let swallows = |wide: &str, action: &str| WIDE.contains(&wide) && narrow(action);
        if swallows(mine.action(), name.action()) || swallows(name.action(), mine.action()) {
            let (wide, inner) = if WIDE.contains(&mine.action()) { (mine, name) } else { (name, mine) };
            let said =
                format!("{wide} contains {inner}: nobody can tell which of the two a route should ask for");
            return Some(Complaint::new(Rule::Overlap, said).better(format!("{inner}, and no {wide}")));
        }
    } else if stems(mine.resource()) == stems(name.resource()) && same_act(mine.action(), name.action()) {
        let said = format!("{name} is the same act on the same noun, spelled differently");
        return Some(Complaint::new(Rule::Overlap, said).better(alias(mine)));
    }
    let bare = |entry: &ScopeEntry| entry.sentence().trim_end_matches('.').to_lowercase();
    (bare(subject.entry) == bare(other)).then(|| {
        let said = format!("{name} has the same sentence: who grants them cannot tell the two apart");
        Complaint::new(Rule::Overlap, said).better("a sentence that says what only this one allows")
    })
}

fn stems(name: &str) -> Vec<&str> {
    parts(name).map(stem).collect()
}
