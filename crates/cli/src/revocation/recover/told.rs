//! What was found and decided, for a person.

use chancery_issuer::revocation::recover::{Finding, Recovery, Source, State};

/// What no decision makes good: whoever has a key writes tokens that are younger than any entry.
const KEYS: &str = "  If a signing key may have been revoked in what is missing, revoke it again: `chancery key rotate --leaked` does that
  with the keys that sign now, `chancery revoke key` with another one. Nothing else stops who has it.";

pub(super) fn text(report: &Recovery, planned: bool) -> String {
    let width = report.found.iter().map(|one| one.from.chars().count()).max().unwrap_or_default();
    let mut lines = vec!["Found:".to_owned()];
    lines.extend(report.found.iter().map(|one| found(one, width)));
    lines.push(format!("Decided: {}", decided(report)));
    if report.decision == "needless" {
        if report.silent_issuers {
            lines.push(
                "  An issuer whose journal is not named may know of more: name it with --journal.".to_owned(),
            );
        }
        let Recovery { log, sequence, .. } = report;
        let holds = holds(report.ids, report.names);
        lines.push(format!("The log {log} stands at {sequence}, with {holds}. Nothing was changed."));
        return lines.join("\n");
    }
    if report.silent_issuers {
        lines.push(
            "  An issuer may have revoked something that is not here: --all-issuers says that none did."
                .to_owned(),
        );
    }
    for place in &report.unreached {
        lines.push(format!("  Nobody holds all that led to {} of the log {}.", place.sequence, place.log));
    }
    match report.keys_said_again {
        0 => {}
        1 => lines.push("  1 revoked key was known from the keyring alone.".to_owned()),
        several => lines.push(format!("  {several} revoked keys were known from the keyring alone.")),
    }
    lines.extend(report.keys_taken_out.iter().map(|kid| taken_out(kid, planned)));
    if report.decision != "complete" {
        lines.push(KEYS.to_owned());
    }
    let Recovery { log, start, sequence, .. } = report;
    let holds = holds(report.ids, report.names);
    let tense = if planned { "would begin" } else { "begins" };
    lines.push(format!("The log {log} {tense} at {start} and stands at {sequence}, with {holds}."));
    if planned {
        lines.push("Nothing was changed.".to_owned());
    }
    lines.join("\n")
}

fn taken_out(kid: &str, planned: bool) -> String {
    let tense = if planned { "would be" } else { "is" };
    format!("  The key {kid} is revoked, and the keyring held it again: it {tense} taken out.")
}

fn decided(report: &Recovery) -> &'static str {
    match report.decision {
        "needless" => "needless. Nothing is missing in the store that was found anywhere else.",
        "complete" => "complete. All that was ever acknowledged is there.",
        "revoked_all" => "revoked_all. Something may be missing, so every token that is out now is refused.",
        "went_on" => "went_on. Something may be missing, and WHAT IT REVOKED COMES BACK.",
        other => other,
    }
}

fn found(one: &Finding, width: usize) -> String {
    let Finding { from, source, state, sequence, ids, names, .. } = one;
    let what = match (source, state) {
        (_, State::Whole) => "whole",
        (_, State::CutOff) => "whole, cut off while something was revoked",
        (_, State::Damaged) => "damaged",
        (_, State::Trailing) => "its ….kept is behind its place",
        (Source::Journal, State::PlaceOnly) => "only its place",
        (_, State::PlaceOnly) => "only a place",
        (_, State::Nothing) => "nothing",
        (_, State::Unreadable) => "unreadable",
    };
    let known =
        sequence.map_or_else(String::new, |sequence| format!(", up to {sequence}: {}", holds(*ids, *names)));
    format!("  {from:<width$}  {what}{known}")
}

/// `1 token or family`, `3 tokens and families`, and names likewise.
fn holds(ids: usize, names: usize) -> String {
    let ids = if ids == 1 { "1 token or family".to_owned() } else { format!("{ids} tokens and families") };
    let names = if names == 1 { "1 name".to_owned() } else { format!("{names} names") };
    format!("{ids} and {names}")
}
