use super::*;
use crate::client::{ClientState, Grant};
use crate::store::contract;
use chancery_token::{Everything, Scope, ScopePattern};
use std::time::Duration;

const DATA: &str = "https://api.documint.example";
const ADMIN: &str = "https://admin.documint.example";

fn catalog() -> Catalog {
    let text = r#"
[product.documint]
title = "DocuMint"
audience = "https://api.documint.example"
[product.documint.resource.invoices]
axes = { project = "text", amount_max = "number" }
[product.documint.resource.invoices.action.read]
sentence = "Can view invoices of the projects this app manages."
owner = "billing"
risk = "read"
[product.documint.resource.invoices.action.create]
sentence = "Can create invoices in the projects this app manages."
owner = "billing"
risk = "write"
[product.documint.resource.templates.action.read]
sentence = "Can view the templates that invoices are made from."
owner = "design"
risk = "read"

[product.account]
title = "DocuMint accounts"
audience = "https://admin.documint.example"
[product.account.resource.members.action.read]
sentence = "Can see who may use the account."
owner = "accounts"
risk = "admin"
max_lifetime = "5m"
"#;
    Catalog::parse(text, "catalog.toml").unwrap()
}

fn pattern(text: &str) -> ScopePattern {
    ScopePattern::parse(text, Everything::AllowEveryScopeThereWillEverBe).unwrap()
}

fn grant(audience: &str, scope: &str) -> Grant {
    Grant {
        audience: audience.into(),
        scope: pattern(scope),
        reason: "The report needs it.".into(),
        unbounded: None,
    }
}

fn client() -> Client {
    Client { grants: vec![grant(DATA, "invoices:read")], ..contract::client("reporter") }
}

fn faults(client: Client) -> Vec<InvalidClient> {
    client.validate(&catalog()).unwrap_err()
}

fn only_fault(client: Client) -> InvalidClient {
    let mut faults = faults(client);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

fn bounded(text: &str) -> Client {
    Client { reach: Reach::Bounded(serde_json::from_str(text).unwrap()), ..client() }
}

#[test]
fn a_client_in_good_order_passes_unchanged() {
    assert_eq!(client().validate(&catalog()), Ok(client()));
    let bounded = bounded(r#"{"project":["acme-*"],"invoices:read":{"amount_max":200}}"#);
    assert_eq!(bounded.clone().validate(&catalog()), Ok(bounded));
}

#[test]
fn r04_owner_purpose_and_end_cannot_be_left_out() {
    let blank = Client {
        owner: " ".into(),
        purpose: String::new(),
        name: "\t".into(),
        expires_at: client().created_at,
        ..client()
    };
    let faults = faults(blank);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    for (fault, says) in
        told.iter().zip(["name is missing", "purpose is missing", "owner is missing", "would expire"])
    {
        assert!(fault.contains(says), "{fault}");
    }
}

#[test]
fn r03_every_grant_reads_too_carries_its_reason() {
    for (reason, fault) in [
        ("", TextFault::Blank),
        ("  ", TextFault::Blank),
        ("two\nlines", TextFault::Control { character: '\n', at: 4 }),
        ("a\u{202e}b", TextFault::Invisible { character: '\u{202e}', at: 2 }),
        (&*"x".repeat(501), TextFault::Long),
    ] {
        let grants = vec![Grant { reason: reason.into(), ..grant(DATA, "invoices:read") }];
        let what = "the reason for 'invoices:read'".to_owned();
        assert_eq!(only_fault(Client { grants, ..client() }), InvalidClient::Text { what, fault });
    }
}

#[test]
fn r22_unbounded_is_written_out_with_its_reason() {
    let unsaid = Client { reach: Reach::Unbounded { reason: String::new() }, ..client() };
    assert_eq!(only_fault(unsaid).reason(), "text");
    assert_eq!(only_fault(bounded("{}")), InvalidClient::BoundsEmpty);
}

#[test]
fn r20_a_bound_that_would_bind_nothing_is_refused() {
    let unknown = |axis: &str, scope: Option<Scope>| InvalidClient::AxisUnknown { axis: axis.into(), scope };
    assert_eq!(only_fault(bounded(r#"{"region":["eu"]}"#)), unknown("region", None));
    let other_scope = bounded(r#"{"invoices:create":{"project":["a"]}}"#);
    assert_eq!(only_fault(other_scope), unknown("project", Some("invoices:create".parse().unwrap())));
    let takes = |axis: &str, takes| InvalidClient::AxisKind { axis: axis.into(), takes };
    assert_eq!(only_fault(bounded(r#"{"project":3}"#)), takes("project", AxisKind::Text));
    assert_eq!(only_fault(bounded(r#"{"amount_max":["3"]}"#)), takes("amount_max", AxisKind::Number));
}

#[test]
fn r20_a_bound_that_no_token_can_hold_is_refused_before_it_is_stored() {
    let with = |axis: &str, bound| {
        let bounds = Bounds::default().with(None, axis.parse().unwrap(), bound);
        Client { reach: Reach::Bounded(bounds), ..client() }
    };
    let largest = 9_007_199_254_740_991;
    assert!(with("amount_max", Bound::AtMost(largest)).validate(&catalog()).is_ok());
    for client in [with("amount_max", Bound::AtMost(largest + 1)), with("project", Bound::AnyOf(Vec::new()))]
    {
        assert_eq!(only_fault(client).reason(), "bounds_unreadable");
    }
}

#[test]
fn grants_name_what_the_catalog_knows() {
    let with = |grants: Vec<Grant>| Client { grants, ..client() };
    assert_eq!(only_fault(with(Vec::new())), InvalidClient::GrantsEmpty);
    assert_eq!(
        only_fault(with(vec![grant("https://api.example.org", "invoices:read")])).reason(),
        "no_such_audience"
    );
    assert_eq!(only_fault(with(vec![grant(DATA, "invoices:delete")])).reason(), "no_such_scope");
    assert_eq!(only_fault(with(vec![grant(DATA, "orders:*")])).reason(), "no_such_scope");
    assert_eq!(only_fault(with(vec![grant(DATA, "members:read")])).reason(), "no_such_scope");
    let twice = with(vec![grant(DATA, "*:read"), grant(DATA, "invoices:read"), grant(DATA, "*:read")]);
    assert_eq!(
        only_fault(twice),
        InvalidClient::GrantTwice { scope: "*:read".into(), audience: DATA.into() }
    );
    assert!(with(vec![grant(DATA, "*:read"), grant(DATA, "invoices:*")]).validate(&catalog()).is_ok());
}

#[test]
fn r15_admin_scopes_stand_apart() {
    let admin = |kind, grants| Client { kind, grants, lifetime: Duration::from_mins(5), ..client() };
    for kind in [ClientKind::Service, ClientKind::Agent, ClientKind::Partner] {
        for scope in ["members:read", "members:*", "*:*"] {
            let refused = only_fault(admin(kind, vec![grant(ADMIN, scope)]));
            assert_eq!(refused, InvalidClient::AdminScope { scope: "members:read".into(), kind });
        }
    }
    assert!(admin(ClientKind::Admin, vec![grant(ADMIN, "members:read")]).validate(&catalog()).is_ok());
    let mixed = admin(ClientKind::Admin, vec![grant(ADMIN, "members:read"), grant(DATA, "invoices:read")]);
    assert_eq!(only_fault(mixed), InvalidClient::AdminWithData { scope: "invoices:read".parse().unwrap() });
}

#[test]
fn r05_tokens_live_minutes_and_admin_tokens_shorter_than_routine_ones() {
    let with = |kind: ClientKind, seconds| {
        let audience =
            if kind == ClientKind::Admin { (ADMIN, "members:read") } else { (DATA, "invoices:read") };
        let grants = vec![grant(audience.0, audience.1)];
        Client { kind, grants, lifetime: Duration::from_secs(seconds), ..client() }.validate(&catalog())
    };
    assert!(with(ClientKind::Service, 3600).is_ok() && with(ClientKind::Admin, 600).is_ok());
    for (kind, seconds) in [(ClientKind::Service, 3601), (ClientKind::Service, 0), (ClientKind::Admin, 601)] {
        assert_eq!(with(kind, seconds).unwrap_err()[0].reason(), "lifetime", "{kind} {seconds}");
    }
    assert!(ClientKind::Admin.longest_lifetime() < ClientKind::Service.default_lifetime());
}

#[test]
fn tenants_are_named_and_each_once() {
    let with = |names: &[&str]| Client {
        tenants: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..client()
    };
    assert_eq!(only_fault(with(&[])), InvalidClient::TenantsEmpty);
    assert_eq!(
        only_fault(with(&["a", "b", "a"])),
        InvalidClient::TenantTwice { tenant: "a".parse().unwrap() }
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let hopeless = Client {
        owner: String::new(),
        tenants: Vec::new(),
        grants: Vec::new(),
        reach: Reach::Unbounded { reason: String::new() },
        lifetime: Duration::ZERO,
        state: ClientState::Active,
        ..client()
    };
    let reasons: Vec<&str> = faults(hopeless).iter().map(InvalidClient::reason).collect();
    assert_eq!(reasons, ["text", "text", "lifetime", "tenants_empty", "grants_empty"]);
}

mod proof;
