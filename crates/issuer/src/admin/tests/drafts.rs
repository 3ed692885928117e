//! A draft becomes a client, or every fault of it at once.

use super::world::{ADMINISTRATION, ARCHIVE, DAY, DOCUMINT, NOW, catalog, grant, grant_for, service};
use crate::admin::{ClientDraft, Defaults, DraftFault, GrantDraft};
use crate::client::{Client, ClientKind, MAX_ADMIN_LIFETIME, Reach};
use chancery_token::UnixTime;
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

fn resolve(draft: ClientDraft) -> Result<Client, Vec<DraftFault>> {
    let defaults = Defaults { default_lifetime: Duration::from_mins(15) };
    draft.resolve(&catalog(), &defaults, NOW)
}

/// `pointer reason` of every fault.
fn faults(draft: ClientDraft) -> Vec<String> {
    let told = |fault: DraftFault| {
        assert!(!fault.message.is_empty() && !fault.reason.is_empty(), "{fault:?}");
        format!("{} {}", fault.pointer, fault.reason)
    };
    resolve(draft).unwrap_err().into_iter().map(told).collect()
}

fn from_json(value: serde_json::Value) -> ClientDraft {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_draft_in_good_order_becomes_the_client_that_it_describes() {
    let client = resolve(service("billing")).unwrap();
    assert_eq!((client.id.as_str(), client.name.as_str()), ("billing", "billing"));
    assert_eq!((client.kind, client.owner.as_str()), (ClientKind::Service, "team-billing"));
    assert_eq!((client.created_at, client.expires_at), (NOW, NOW.plus(90 * DAY)));
    assert_eq!(client.lifetime, Duration::from_mins(15));
    assert!(client.secrets.is_empty());
    assert_eq!(client.clone().validate(&catalog()), Ok(client));
}

#[test]
fn r04_r22_nothing_that_matters_has_a_default_and_all_that_is_missing_is_told_at_once() {
    assert_eq!(
        faults(ClientDraft::default()),
        [
            "/id id_missing",
            "/bounds reach_missing",
            "/expires_at end_missing",
            "/purpose text",
            "/owner text",
            "/tenants tenants_empty",
            "/grants grants_empty",
        ]
    );
}

#[test]
fn r03_a_grant_without_a_reason_is_a_fault_reads_too() {
    let grants = vec![grant("customers:read"), GrantDraft { reason: None, ..grant("invoices:create") }];
    assert_eq!(faults(ClientDraft { grants, ..service("a") }), ["/grants/1/reason text"]);
    let grants = vec![GrantDraft { reason: Some(" ".into()), ..grant("customers:read") }];
    assert_eq!(faults(ClientDraft { grants, ..service("a") }), ["/grants/0/reason text"]);
}

#[test]
fn every_fault_names_its_place() {
    let draft = from_json(json!({
        "id": "a b", "kind": "robot", "name": "two\nlines", "owner": "", "purpose": "x",
        "tenants": ["acme", "ac/me", "acme", "chancery"],
        "grants": [
            {"scope": "Invoices:Read", "reason": "r"},
            {"scope": "orders:read", "reason": "r"},
            {"scope": "invoices:read", "reason": "r"},
            {"scope": "customers:read", "audience": "https://nobody.example", "reason": "r"},
            {"scope": "clients:read", "reason": "r"},
            {"scope": "account:administer", "reason": "r"},
            {"scope": "quotes:read"},
        ],
        "bounds": {"project": [], "Axis": ["x"], "amount_max": "many", "a/b": ["x"], "invoices:read": {"project": [1]}, "x:y": {}},
        "template": "none", "lifetime_secs": 0, "expires_at": "2020-01-01",
    }));
    let mut told = faults(draft);
    told.sort();
    let mut expected = [
        "/id name_malformed",
        "/kind kind_unknown",
        "/name text",
        "/owner text",
        "/tenants/1 name_malformed",
        "/tenants/2 tenant_twice",
        "/grants/0/scope scope_malformed",
        "/grants/1/scope no_such_scope",
        "/grants/2/audience audience_ambiguous",
        "/grants/3/audience no_such_audience",
        "/grants/6/reason text",
        "/bounds/project bounds_unreadable",
        "/bounds/Axis bounds_unreadable",
        "/bounds/amount_max axis_kind",
        "/bounds/a~1b bounds_unreadable",
        "/bounds/invoices:read/project bounds_unreadable",
        "/bounds/x:y bounds_unreadable",
        "/template no_such_template",
        "/expires_at expiry_past",
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn every_fault_says_what_to_do() {
    let told = |draft| resolve(draft).unwrap_err().remove(0).message;
    let ambiguous = told(ClientDraft { grants: vec![grant("invoices:read")], ..service("a") });
    assert!(ambiguous.contains(DOCUMINT) && ambiguous.contains(ARCHIVE), "{ambiguous}");
    let unknown = told(ClientDraft { grants: vec![grant("invoice:read")], ..service("a") });
    assert!(unknown.contains("invoices:read") && !unknown.contains("clients:read"), "{unknown}");
    let template = told(ClientDraft { template: Some("x".into()), ..service("a") });
    assert!(template.contains("support-tool"), "{template}");
}

#[test]
fn the_audience_is_found_where_one_product_alone_knows_the_scope() {
    let audience = |kind: &str, scope: &str| {
        let draft = ClientDraft { kind: Some(kind.into()), grants: vec![grant(scope)], ..service("a") };
        resolve(draft).map(|client| client.grants[0].audience.clone()).map_err(|faults| faults[0].reason)
    };
    assert_eq!(audience("service", "customers:read"), Ok(DOCUMINT.to_owned()));
    assert_eq!(audience("service", "bills:read"), Ok(DOCUMINT.to_owned()));
    assert_eq!(audience("service", "invoices:create"), Ok(DOCUMINT.to_owned()));
    assert_eq!(audience("service", "invoices:*"), Err("audience_ambiguous"));
    assert_eq!(audience("admin", "clients:*"), Ok(ADMINISTRATION.to_owned()));
    assert_eq!(audience("service", "clients:read"), Err("admin_scope"));
    assert_eq!(audience("service", "clients:*"), Err("admin_scope"));
    assert_eq!(audience("service", "*:*"), Err("scope_malformed"));
}

#[test]
fn r15_administration_is_on_no_clients_but_admins() {
    let named = ClientDraft { grants: vec![grant_for(ADMINISTRATION, "clients:read")], ..service("a") };
    assert_eq!(faults(named), ["/grants/0/scope admin_scope"]);
    let mixed = ClientDraft {
        kind: Some("admin".into()),
        grants: vec![grant("clients:read"), grant("customers:read")],
        ..service("a")
    };
    assert_eq!(faults(mixed), ["/grants/1/scope admin_with_data"]);
    let operator = ClientDraft { tenants: vec!["acme".into(), "chancery".into()], ..service("a") };
    assert_eq!(faults(operator), ["/tenants/1 operator_tenant"]);
}

#[test]
fn r05_an_admin_client_gets_the_shorter_lifetime_whatever_the_configuration_says() {
    let admin =
        ClientDraft { kind: Some("admin".into()), grants: vec![grant("clients:read")], ..service("a") };
    assert_eq!(resolve(admin.clone()).unwrap().lifetime, Duration::from_mins(5));
    let long = ClientDraft { lifetime_secs: Some(MAX_ADMIN_LIFETIME.as_secs() + 1), ..admin };
    assert_eq!(faults(long), ["/lifetime_secs lifetime"]);
}

#[test]
fn an_end_is_a_span_a_date_or_a_time() {
    let end = |text: &str| {
        let draft = ClientDraft { expires_at: Some(text.into()), ..service("a") };
        resolve(draft).map(|client| client.expires_at).map_err(|faults| faults[0].reason)
    };
    assert_eq!(end("90d"), Ok(NOW.plus(90 * DAY)));
    assert_eq!(end("1s"), Ok(NOW.plus(Duration::from_secs(1))));
    assert_eq!(end("2027-06-30"), Ok(UnixTime::from_rfc3339("2027-06-30T00:00:00Z").unwrap()));
    assert_eq!(end("2027-06-30T12:00:00+02:00"), Ok(UnixTime::from_rfc3339("2027-06-30T10:00:00Z").unwrap()));
    for past in ["0s", "2026-11-22", "2026-11-22T00:00:00Z", "1970-01-01"] {
        assert_eq!(end(past), Err("expiry_past"), "{past}");
    }
    for none in ["", "never", "90", "30.06.2027", "2027-02-30", "999999999d"] {
        assert_eq!(end(none), Err("end_malformed"), "{none}");
    }
}

#[test]
fn bounds_are_read_as_they_stand_in_the_claim_and_as_a_command_line_gives_them() {
    let bounds = |value: serde_json::Value| {
        let draft = ClientDraft { unbounded: None, bounds: Some(value), ..service("a") };
        match resolve(draft).map(|client| client.reach) {
            Ok(Reach::Bounded(bounds)) => serde_json::to_value(bounds).unwrap(),
            other => json!(format!("{other:?}")),
        }
    };
    let plain = json!({"project": ["acme-*", "x"], "amount_max": 200});
    assert_eq!(bounds(plain.clone()), plain);
    assert_eq!(bounds(json!({"project": "acme-*"})), json!({"project": ["acme-*"]}));
    for amount in [json!("200"), json!(["200"]), json!([200]), json!(200)] {
        assert_eq!(bounds(json!({"amount_max": amount})), json!({"amount_max": 200}));
        let scoped = json!({"invoices:read": {"amount_max": amount}});
        assert_eq!(bounds(scoped), json!({"invoices:read": {"amount_max": 200}}));
    }
}

#[test]
fn bounds_that_cannot_be_read_are_refused_one_by_one() {
    let with = |value: serde_json::Value| {
        faults(ClientDraft { unbounded: None, bounds: Some(value), ..service("a") })
    };
    for value in [json!([]), json!("project"), json!(7), json!(true)] {
        assert_eq!(with(value), ["/bounds bounds_unreadable"]);
    }
    for amount in [json!(-1), json!(1.5), json!("1.5"), json!(""), json!([1, 2]), json!([[1]]), json!(null)] {
        assert_eq!(with(json!({"amount_max": amount})), ["/bounds/amount_max axis_kind"], "{amount}");
    }
    assert_eq!(with(json!({"project": 3})), ["/bounds/project axis_kind"]);
    assert_eq!(with(json!({})), ["/bounds bounds_empty"]);
    assert_eq!(with(json!({"region": ["eu"]})), ["/bounds/region axis_unknown"]);
    assert_eq!(
        with(json!({"invoices:read": {"project": ["a", "*"], "amount_max": 3}})),
        ["/bounds/invoices:read/project bounds_unreadable"]
    );
    let both = ClientDraft { bounds: Some(json!({"project": ["a"]})), ..service("a") };
    assert_eq!(faults(both), ["/unbounded reach_twice"]);
}

#[test]
fn r22_a_scope_that_the_bounds_do_not_reach_says_why() {
    let with = |why: Option<&str>, scope: &str| {
        let grants = vec![
            grant_for(DOCUMINT, "invoices:read"),
            GrantDraft { unbounded: why.map(str::to_owned), ..grant(scope) },
        ];
        ClientDraft { unbounded: None, bounds: Some(json!({"project": ["a"]})), grants, ..service("a") }
    };
    assert_eq!(faults(with(None, "customers:read")), ["/grants/1/unbounded scope_unbounded"]);
    assert!(resolve(with(Some("Customers have no projects."), "customers:read")).is_ok());
    assert_eq!(faults(with(Some(" "), "customers:read")), ["/grants/1/unbounded text"]);
    assert_eq!(
        faults(with(Some("why"), "invoices:create")),
        ["/grants/1/unbounded scope_unbounded_needless"]
    );
    let grants = vec![GrantDraft { unbounded: Some("why".into()), ..grant("customers:read") }];
    assert_eq!(
        faults(ClientDraft { grants, ..service("a") }),
        ["/grants/0/unbounded scope_unbounded_needless"]
    );
}

#[test]
fn r13_a_retired_scope_is_granted_to_nobody_new() {
    let draft = || ClientDraft { grants: vec![grant("quotes:read")], ..service("a") };
    assert!(resolve(draft()).is_ok());
    let later = UnixTime::from_rfc3339("2026-11-30T00:00:00Z").unwrap();
    let defaults = Defaults { default_lifetime: Duration::from_mins(15) };
    let refused = draft().resolve(&catalog(), &defaults, later).unwrap_err();
    assert_eq!((refused[0].pointer.as_str(), refused[0].reason), ("/grants/0/scope", "scope_retired"));
}

fn from_template(grants: Vec<GrantDraft>) -> ClientDraft {
    ClientDraft { template: Some("support-tool".into()), grants, ..service("a") }
}

#[test]
fn r16_a_template_brings_its_grants_with_reasons_and_its_lifetime() {
    let client = resolve(from_template(Vec::new())).unwrap();
    let told: Vec<(String, &str)> =
        client.grants.iter().map(|grant| (grant.scope.to_string(), grant.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            ("invoices:read".to_owned(), "shows the invoice to whoever asks about it"),
            ("customers:read".to_owned(), "finds the customer who calls"),
        ]
    );
    assert_eq!(client.lifetime, Duration::from_mins(10));
    let named = ClientDraft { lifetime_secs: Some(60), ..from_template(Vec::new()) };
    assert_eq!(resolve(named).unwrap().lifetime, Duration::from_mins(1));
}

#[test]
fn r16_what_the_draft_says_itself_goes_before_its_template_and_the_rest_is_added() {
    let own = vec![grant_for(DOCUMINT, "bills:read"), grant("invoices:create")];
    let client = resolve(from_template(own)).unwrap();
    let scopes: Vec<String> = client.grants.iter().map(|grant| grant.scope.to_string()).collect();
    assert_eq!(scopes, ["bills:read", "invoices:create", "customers:read"]);
    assert_eq!(client.grants[0].reason, "It is needed.");
    // Two products know the scope: the template says which is meant. Its reason stands in too.
    let bare = GrantDraft { reason: None, ..grant("invoices:read") };
    let client = resolve(from_template(vec![bare])).unwrap();
    assert_eq!((client.grants.len(), client.grants[0].audience.as_str()), (2, DOCUMINT));
    assert_eq!(client.grants[0].reason, "shows the invoice to whoever asks about it");
}

#[test]
fn r16_a_fault_of_a_templates_grant_is_told_at_the_template() {
    let bounds = Some(json!({"project": ["a"]}));
    let draft = ClientDraft { unbounded: None, bounds: bounds.clone(), ..from_template(Vec::new()) };
    assert_eq!(faults(draft), ["/template scope_unbounded"]);
    let why = GrantDraft {
        reason: None,
        unbounded: Some("Customers have no projects.".into()),
        ..grant("customers:read")
    };
    let draft = ClientDraft { unbounded: None, bounds, ..from_template(vec![why]) };
    assert_eq!(resolve(draft).unwrap().grants[0].reason, "finds the customer who calls");
}

#[test]
fn a_draft_is_written_without_what_it_does_not_say_and_read_again() {
    assert_eq!(serde_json::to_value(ClientDraft::default()).unwrap(), json!({}));
    let draft = from_template(vec![grant("invoices:create")]);
    let written = serde_json::to_value(&draft).unwrap();
    assert_eq!(written["grants"], json!([{"scope": "invoices:create", "reason": "It is needed."}]));
    assert_eq!(serde_json::from_value::<ClientDraft>(written).unwrap(), draft);
    for unknown in [json!({"scopes": []}), json!({"grants": [{"scope": "a:b", "why": "x"}]})] {
        assert!(serde_json::from_value::<ClientDraft>(unknown).is_err());
    }
}

proptest! {
    #[test]
    fn no_draft_makes_it_panic(
        id in "\\PC{0,70}", owner in "\\PC{0,20}", kind in "service|admin|x", scope in "\\PC{0,12}|invoices:[a-z*]{1,6}",
        tenant in "\\PC{0,10}", end in "\\PC{0,20}|[0-9]{1,12}d", axis in "\\PC{0,10}|project|amount_max",
        value in "\\PC{0,10}", lifetime in any::<u64>(), template in proptest::option::of("support-tool|\\PC{0,5}"),
    ) {
        let draft = ClientDraft {
            id: Some(id), owner: Some(owner), kind: Some(kind), template, tenants: vec![tenant],
            grants: vec![grant(&scope)], bounds: Some(json!({axis: value})), lifetime_secs: Some(lifetime),
            expires_at: Some(end), ..ClientDraft::default()
        };
        // The purpose is missing in all of them.
        prop_assert!(resolve(draft).is_err());
    }
}
