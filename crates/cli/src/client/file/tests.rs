use super::*;
use chancery_issuer::admin::{Defaults, GrantDraft, RefreshDraft};
use chancery_token::UnixTime;
use serde_json::json;
use std::time::Duration;

const WHOLE: &str = r#"
id = "billing"
owner = "team-billing"
purpose = "Mirrors invoices into the ledger."
kind = "service"
tenants = ["acme", "globex"]
expires = "90d"
lifetime = "15m"
authentication = "secret"
dpop = "required"
delegate_to = ["mailer"]

[refresh]
idle = "7d"
absolute = "30d"
most_families = 8
on_replay = "refuse"

[scope]
"invoices:read" = "reads what is to be mirrored"
"customers:read" = { reason = "shows names", unbounded = "customers have no project" }

[bounds]
project = ["acme-*"]
refund_max = 200
"invoices:read" = { region = "eu" }
"#;

fn parse(text: &str) -> ClientFile {
    ClientFile::parse(text, "billing.toml".to_owned())
}

fn shown(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn told(text: &str) -> Vec<String> {
    shown(&parse(text).told(Vec::new()))
}

#[test]
fn a_client_file_says_everything_that_flags_say() {
    let file = parse(WHOLE);
    assert_eq!(file.told(Vec::new()), Vec::new());
    let grant = |scope: &str, reason: &str, unbounded: Option<&str>| GrantDraft {
        scope: scope.to_owned(),
        audience: None,
        reason: Some(reason.to_owned()),
        unbounded: unbounded.map(str::to_owned),
    };
    let expected = ClientDraft {
        id: Some("billing".to_owned()),
        owner: Some("team-billing".to_owned()),
        purpose: Some("Mirrors invoices into the ledger.".to_owned()),
        kind: Some("service".to_owned()),
        tenants: vec!["acme".to_owned(), "globex".to_owned()],
        expires_at: Some("90d".to_owned()),
        lifetime_secs: Some(900),
        authentication: Some("secret".to_owned()),
        dpop: Some("required".to_owned()),
        may_delegate_to: vec!["mailer".to_owned()],
        refresh: Some(RefreshDraft {
            idle_secs: Some(7 * 86_400),
            absolute_secs: Some(30 * 86_400),
            most_families: Some(8),
            on_replay: Some("refuse".to_owned()),
        }),
        grants: vec![
            grant("invoices:read", "reads what is to be mirrored", None),
            grant("customers:read", "shows names", Some("customers have no project")),
        ],
        bounds: Some(
            json!({ "project": ["acme-*"], "refund_max": 200, "invoices:read": { "region": "eu" } }),
        ),
        ..ClientDraft::default()
    };
    assert_eq!(file.draft, expected);
}

#[test]
fn a_date_may_be_written_as_toml_has_it() {
    assert_eq!(parse("expires = 2027-06-30").draft.expires_at.as_deref(), Some("2027-06-30"));
    assert_eq!(parse("tenants = \"acme\"").draft.tenants, ["acme"]);
}

#[test]
fn r04_every_fault_of_a_client_file_is_told_at_once_with_its_line() {
    let faults = told(
        "id = 7\nownr = \"team\"\ntenants = [\"acme\", 3]\nexpires = true\nlifetime = \"long\"\n\
         [scope]\n\"invoices:read\" = 1\n\"invoices:create\" = { why = \"x\" }\n\
         [bounds]\nproject = [1]\nregion = 1.5\n",
    );
    let expected = [
        "billing.toml:1: 'id' is a text; write it between quotes",
        "billing.toml:2: a client has no 'ownr'; did you mean 'owner'?",
        "billing.toml:3: 'tenants' is a text; write it between quotes",
        "billing.toml:4: 'expires' is a span like \"90d\" or a date like \"2027-06-30\"",
        "billing.toml:5: 'lifetime' is a duration like \"15m\"",
        "billing.toml:7: \"invoices:read\" = \"why it is needed\"; between quotes",
        "billing.toml:8: a scope has no 'why'; it has audience, reason, unbounded",
        "billing.toml:10: a bound is a list of texts like [\"eu\", \"acme-*\"], or an amount like 200",
        "billing.toml:11: a bound is a list of texts like [\"eu\", \"acme-*\"], or an amount like 200",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn what_is_no_toml_is_told_alone() {
    let file = parse("id = \"billing\nowner = ");
    assert!(!file.is_toml() && file.is_broken());
    assert!(file.told(Vec::new()).iter().all(|fault| fault.detail.contains("this is not TOML")));
    let twice = told("id = \"a\"\nid = \"b\"\n");
    assert!(twice.len() == 1 && twice[0].starts_with("billing.toml:2: "), "{twice:?}");
}

#[test]
fn what_stands_too_low_is_told_instead_of_being_taken_for_an_axis_or_a_scope() {
    let faults = told("[scope]\nowner = \"team\"\n[bounds]\nunbounded = \"why\"\nowner = [\"team-*\"]\n");
    assert_eq!(
        faults,
        [
            "billing.toml:2: 'owner' stands in a section here; write it above the first [section]",
            "billing.toml:4: 'unbounded' stands in a section here; write it above the first [section]",
        ]
    );
}

#[test]
fn r04_what_the_catalog_says_comes_with_its_line_and_not_twice() {
    let catalog = chancery_catalog::Catalog::parse(chancery_examples::documint::CATALOG, "c.toml").unwrap();
    let file = parse(
        "ownr = \"team\"\npurpose = \"p\"\n[scope]\n\"invoices:burn\" = \"r\"\n[bounds]\nproject = 1.5\n",
    );
    let defaults = Defaults { default_lifetime: Duration::from_mins(15) };
    let faults = file.draft.clone().resolve(&catalog, &defaults, UnixTime::from_secs(1_000)).unwrap_err();
    let faults = file.told(faults.into_iter().map(Misplaced::from).collect());
    let of_scope = faults.iter().find(|fault| fault.detail.contains("invoices:burn")).unwrap();
    assert_eq!((of_scope.reason.as_deref(), of_scope.line), (Some("no_such_scope"), Some(4)));
    assert_eq!(of_scope.pointer.as_deref(), Some("/grants/0/scope"));
    let told = shown(&faults);
    let lines: Vec<&str> = told.iter().map(|fault| fault.split(": ").next().unwrap()).collect();
    // The missing id, end and tenants; the misspelled owner, which is not missing as well; the scope; the bound.
    let expected = ["1", "1", "1", "1", "4", "6"].map(|line| format!("billing.toml:{line}"));
    assert_eq!(lines, expected, "{told:#?}");
    assert!(told.iter().any(|fault| fault.contains("invoices:burn")), "{told:#?}");
    assert!(!told.iter().any(|fault| fault.contains("the client's owner")), "{told:#?}");
}

#[test]
fn terms_of_refreshing_are_read_with_their_places_and_faults() {
    let file = parse("refresh = true\n");
    assert_eq!(file.draft.refresh, Some(RefreshDraft::default()));
    assert_eq!(parse("refresh = false\n").draft.refresh, None);
    let told =
        told("keys = [\"/nowhere/x.pub\"]\n[refresh]\nidel = \"7d\"\nmost_families = \"8\"\nidle = 7\n");
    let expected = [
        "billing.toml:1: the key file /nowhere/x.pub cannot be read",
        "billing.toml:3: refreshing has no 'idel'; did you mean 'idle'?",
        "billing.toml:4: 'most_families' is a number, without quotes",
        "billing.toml:5: 'idle' is a duration like \"15m\"",
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
}
