//! What was found and decided, for a person.

use chancery_issuer::revocation::recover::{Finding, Recovery, Source, State};

pub(super) fn text(report: &Recovery, planned: bool) -> String {
    let width = report.found.iter().map(|one| one.from.chars().count()).max().unwrap_or_default();
    let mut lines = vec!["Found:".to_owned()];
    lines.extend(report.found.iter().map(|one| found(one, width)));
    lines.push(format!("Decided: {}", decided(report)));
    if report.silent_issuers {
        lines.push(
            "  An issuer may have revoked something that is not here: --all-issuers says that none did."
                .to_owned(),
        );
    }
    for place in &report.unreached {
        lines.push(format!("  Nobody holds all that led to {} of the log {}.", place.sequence, place.log));
    }
    if report.keys_said_again > 0 {
        lines.push(format!("  {} revoked keys were known from the keyring alone.", report.keys_said_again));
    }
    let Recovery { log, start, sequence, ids, names, .. } = report;
    let tense = if planned { "would begin" } else { "begins" };
    lines.push(format!(
        "The log {log} {tense} at {start} and stands at {sequence}, with {ids} tokens and families and {names} names."
    ));
    if planned {
        lines.push("Nothing was changed.".to_owned());
    }
    lines.join("\n")
}

fn decided(report: &Recovery) -> &'static str {
    match report.decision {
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
        (Source::Journal, State::PlaceOnly) => "only its place",
        (_, State::PlaceOnly) => "only a place",
        (_, State::Nothing) => "nothing",
        (_, State::Unreadable) => "unreadable",
    };
    let known = sequence.map_or_else(String::new, |sequence| {
        format!(", up to {sequence}: {ids} tokens and families, {names} names")
    });
    format!("  {from:<width$}  {what}{known}")
}
