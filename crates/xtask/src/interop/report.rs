//! The table.

use super::client::Client;
use super::verdict::Verdict;
use crate::table::{self, Lean};

/// A verdict, and by which client it came.
pub(super) struct Heard {
    pub(super) client: String,
    /// What the library comes through.
    pub(super) through: &'static str,
    pub(super) verdict: Verdict,
}

impl Heard {
    pub(super) fn new(client: &Client, verdict: Verdict) -> Self {
        Self { client: client.name.clone(), through: client.through(), verdict }
    }
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// A row for each library and kind of case.
    Groups,
    /// A row for each case.
    Cases,
}

/// Cases that are told together: how they begin, and what their row says.
const TOGETHER: [(&str, &str); 4] = [
    ("refuses: ", "refuses forged tokens"),
    ("is refused: ", "is refused what it must not get"),
    ("we refuse: ", "its own forgeries are refused by us"),
    ("gives the verdicts of ", "gives the verdicts of our vectors"),
];

/// Longer notes would break the lines of a terminal.
const NOTE: usize = 72;

/// One row of the short table.
struct Group<'h> {
    first: &'h Heard,
    what: &'h str,
    together: bool,
    verdicts: Vec<&'h Verdict>,
}

/// All rows under their heads.
pub(super) fn table(heard: &[Heard], detail: Detail) -> String {
    let columns = [
        ("library", Lean::Left),
        ("version", Lean::Left),
        ("through", Lean::Left),
        ("case", Lean::Left),
        ("outcome", Lean::Left),
        ("note", Lean::Left),
    ];
    let rows: Vec<Vec<String>> = match detail {
        Detail::Cases => heard.iter().map(|each| each.verdict.row(each.through)).collect(),
        Detail::Groups => groups(heard).iter().map(Group::row).collect(),
    };
    table::render(&columns, &rows)
}

/// What failed, a line each.
pub(super) fn failed(heard: &[Heard]) -> Vec<String> {
    let failed = heard.iter().filter(|each| !each.verdict.accepted);
    failed.map(|each| each.verdict.failure()).collect()
}

/// In the order in which they were heard first.
fn groups(heard: &[Heard]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for each in heard {
        let case = each.verdict.case.as_str();
        let (what, together) = TOGETHER
            .iter()
            .find(|(start, _)| case.starts_with(start))
            .map_or((case, false), |(_, name)| (*name, true));
        let library = &each.verdict.library;
        match groups.iter_mut().find(|group| group.first.verdict.library == *library && group.what == what) {
            Some(group) => group.verdicts.push(&each.verdict),
            None => groups.push(Group { first: each, what, together, verdicts: vec![&each.verdict] }),
        }
    }
    groups.sort_by_key(|group| {
        heard.iter().position(|each| each.verdict.library == group.first.verdict.library)
    });
    groups
}

impl Group<'_> {
    fn row(&self) -> Vec<String> {
        let (all, accepted) =
            (self.verdicts.len(), self.verdicts.iter().filter(|verdict| verdict.accepted).count());
        let count = if self.together || all > 1 { format!("{accepted} of {all}") } else { "ok".to_owned() };
        let outcome = if accepted == all { count } else { format!("FAILED: {accepted} of {all}") };
        let verdict = &self.first.verdict;
        [&verdict.library, &verdict.version, self.first.through, self.what, &outcome, &self.note()]
            .map(str::to_owned)
            .to_vec()
    }

    /// Every note once; what begins alike is said once.
    fn note(&self) -> String {
        let mut notes: Vec<(&str, Vec<&str>)> = Vec::new();
        for note in self.verdicts.iter().map(|verdict| verdict.note.as_str()).filter(|note| !note.is_empty())
        {
            let (start, rest) = note.split_once(": ").unwrap_or(("", note));
            match notes.iter_mut().find(|(known, _)| *known == start) {
                Some((_, rests)) if rests.contains(&rest) => {}
                Some((_, rests)) => rests.push(rest),
                None => notes.push((start, vec![rest])),
            }
        }
        let said: Vec<String> = notes
            .into_iter()
            .map(|(start, rests)| match start {
                "" => rests.join(", "),
                start => format!("{start}: {}", rests.join(", ")),
            })
            .collect();
        shortened(&said.join("; "))
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= NOTE {
        return text.to_owned();
    }
    let start: String = text.chars().take(NOTE - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(library: &str, case: &str, outcome: &str, note: &str) -> Heard {
        let line = serde_json::json!(
            {"library": library, "version": "1", "case": case, "outcome": outcome, "note": note}
        );
        let verdict = Verdict::read(&line.to_string()).unwrap().unwrap();
        Heard { client: library.to_owned(), through: "npm", verdict }
    }

    #[test]
    fn forgeries_share_a_row_and_other_cases_have_their_own() {
        let all = [
            heard("jose", "verifies a live token", "ok", ""),
            heard("jose", "refuses: a", "ok", "left to the user: env"),
            heard("curl", "gets a token", "ok", ""),
            heard("jose", "refuses: b", "ok", "left to the user: tenant"),
            heard("jose", "we refuse: c", "ok", "expired"),
        ];
        let text = table(&all, Detail::Groups);
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(rows.len(), 4, "{text}");
        assert!(rows[0].contains("verifies a live token") && rows[0].contains(" ok"), "{text}");
        assert!(rows[1].contains("2 of 2") && rows[1].ends_with("left to the user: env, tenant"), "{text}");
        assert!(rows[2].contains("refused by us") && rows[2].contains("1 of 1"), "{text}");
        assert!(rows[3].starts_with("curl"), "{text}");
        assert_eq!(table(&all, Detail::Cases).lines().count(), 2 + all.len());
    }

    #[test]
    fn one_forgery_that_is_taken_fails_its_row_and_is_listed_whole() {
        let all = [heard("jose", "refuses: a", "ok", ""), heard("jose", "refuses: b", "failed", "accepted")];
        assert!(table(&all, Detail::Groups).contains("FAILED: 1 of 2"));
        assert_eq!(failed(&all), ["jose 1: refuses: b: accepted"]);
        let alone = [heard("curl", "is told why", "failed", "")];
        assert!(table(&alone, Detail::Groups).contains("FAILED"));
        assert_eq!(failed(&alone), ["curl 1: is told why"]);
    }

    #[test]
    fn a_note_that_is_too_long_is_cut_by_letters() {
        let cut = shortened(&"µ".repeat(100));
        assert_eq!(cut.chars().count(), NOTE);
        assert!(cut.ends_with('…'));
    }
}
