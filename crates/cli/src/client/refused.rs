//! What is wrong with a client, told by the names that its author used: flags.

use crate::failure::{Failure, Fault};
use crate::office::Misplaced;
use chancery_issuer::admin::GrantDraft;

/// All of it at once.
pub(super) fn refused(told: &str, faults: Vec<Fault>, help: &str) -> Failure {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
    let message = format!("{told}:\n{}", lines.join("\n"));
    Failure::unusable("client_refused", message).faults(faults).fix(help)
}

/// The fault behind the flag that it is about.
pub(super) fn by_flag(fault: &Misplaced, grants: &[GrantDraft]) -> Fault {
    let Misplaced { pointer, reason, .. } = fault;
    let (reason, pointer) = (Some(reason.clone()), Some(pointer.clone()));
    Fault { reason, pointer, ..Fault::told(told_by_flag(fault, grants)) }
}

fn told_by_flag(fault: &Misplaced, grants: &[GrantDraft]) -> String {
    let Misplaced { pointer, message, .. } = fault;
    let mut steps = pointer.split('/').skip(1);
    let flag = match steps.next().unwrap_or_default() {
        "bounds" if steps.next().is_none() => "--bound or --unbounded".to_owned(),
        "bounds" => "--bound".to_owned(),
        "expires_at" => "--expires".to_owned(),
        "grants" => {
            let grant = steps.next().and_then(|at| grants.get(at.parse::<usize>().ok()?));
            match (grant, steps.next()) {
                (None, _) => "--scope".to_owned(),
                (Some(GrantDraft { scope, reason: None, .. }), Some("reason")) => {
                    return format!(
                        "--scope {scope} has no reason: write --scope '{scope}=why it is needed'"
                    );
                }
                (Some(GrantDraft { scope, .. }), Some("audience")) => format!("--scope {scope} --audience"),
                (Some(GrantDraft { scope, .. }), Some("unbounded")) => format!("--unbounded-scope {scope}"),
                (Some(GrantDraft { scope, .. }), _) => format!("--scope {scope}"),
            }
        }
        "kind" => "--kind".to_owned(),
        "lifetime_secs" => "--lifetime".to_owned(),
        "tenants" => "--tenant".to_owned(),
        "keys" | "key" => "--key".to_owned(),
        "may_delegate_to" => "--delegate-to".to_owned(),
        "refresh" => match steps.next().unwrap_or_default() {
            "idle_secs" => "--refresh-idle".to_owned(),
            "absolute_secs" => "--refresh-absolute".to_owned(),
            "most_families" => "--most-families".to_owned(),
            "on_replay" => "--on-replay".to_owned(),
            _ => "--refresh".to_owned(),
        },
        "id" => "the id".to_owned(),
        name @ ("name" | "owner" | "purpose" | "template" | "unbounded" | "authentication" | "dpop") => {
            format!("--{name}")
        }
        _ => return message.clone(),
    };
    format!("{flag}: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misplaced(pointer: &str) -> Misplaced {
        Misplaced { pointer: pointer.to_owned(), reason: "r".to_owned(), message: "m".to_owned() }
    }

    #[test]
    fn a_fault_is_told_behind_the_flag_that_it_is_about() {
        let grants = [
            GrantDraft { scope: "invoices:read".to_owned(), ..GrantDraft::default() },
            GrantDraft { scope: "a:b".to_owned(), reason: Some("why".to_owned()), ..GrantDraft::default() },
        ];
        for (pointer, told) in [
            ("/owner", "--owner: m"),
            ("/bounds", "--bound or --unbounded: m"),
            ("/bounds/planet", "--bound: m"),
            ("/grants", "--scope: m"),
            ("/grants/1/scope", "--scope a:b: m"),
            ("/grants/1/unbounded", "--unbounded-scope a:b: m"),
            ("/tenants/0", "--tenant: m"),
            ("/secrets", "m"),
            ("", "m"),
        ] {
            let fault = by_flag(&misplaced(pointer), &grants);
            assert_eq!((&*fault.detail, fault.pointer.as_deref()), (told, Some(pointer)));
        }
        let told = by_flag(&misplaced("/grants/0/reason"), &grants).detail;
        assert!(told.starts_with("--scope invoices:read has no reason"), "{told}");
    }
}
