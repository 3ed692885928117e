//! A patch changes what it names, and nothing else.

use super::world::{
    ALL, ARCHIVE, DAY, DOCUMINT, NOW, World, admin, grant, grant_for, held, name, reason, service,
};
use crate::admin::{AdminRefusal, Authority, ClientPatch, Desk, DraftFault, Effect};
use crate::client::{Client, Reach};
use serde_json::json;
use std::time::Duration;

const BY: Authority = Authority::MasterKey;

/// What a patch does to a client.
type Change = Box<dyn Fn(&mut Client)>;

fn patch(value: serde_json::Value) -> ClientPatch {
    serde_json::from_value(value).unwrap()
}

async fn patched(world: &World, value: serde_json::Value) -> Result<Client, AdminRefusal> {
    world.desk().update_client(&BY, &name("x"), patch(value)).await.map(Effect::into_inner)
}

fn told(refused: AdminRefusal) -> Vec<String> {
    let AdminRefusal::Draft(faults) = refused else { panic!("{refused:?}") };
    faults.iter().map(|DraftFault { pointer, reason, .. }| format!("{pointer} {reason}")).collect()
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let world = World::new().await;
    let made = world.create(service("x")).await.client;
    assert_eq!(patched(&world, json!({})).await.unwrap(), made);
    let mut expected = made;
    let changes: [(serde_json::Value, Change); 9] = [
        (json!({"name": "X"}), Box::new(|c: &mut Client| c.name = "X".into())),
        (json!({"purpose": "P"}), Box::new(|c: &mut Client| c.purpose = "P".into())),
        (json!({"owner": "team-b"}), Box::new(|c: &mut Client| c.owner = "team-b".into())),
        (
            json!({"tenants": ["globex"]}),
            Box::new(|c: &mut Client| c.tenants = vec!["globex".parse().unwrap()]),
        ),
        (json!({"lifetime_secs": 60}), Box::new(|c: &mut Client| c.lifetime = Duration::from_mins(1))),
        (json!({"expires_at": "10d"}), Box::new(|c: &mut Client| c.expires_at = NOW.plus(10 * DAY))),
        (
            json!({"grants": [{"scope": "invoices:create", "reason": "It is needed."}]}),
            Box::new(|c: &mut Client| c.grants = vec![held(DOCUMINT, "invoices:create")]),
        ),
        (
            json!({"bounds": {"project": "a"}}),
            Box::new(|c: &mut Client| {
                c.reach = Reach::Bounded(serde_json::from_value(json!({"project": ["a"]})).unwrap());
            }),
        ),
        (
            json!({"unbounded": "why"}),
            Box::new(|c: &mut Client| c.reach = Reach::Unbounded { reason: "why".into() }),
        ),
    ];
    for (value, change) in changes {
        change(&mut expected);
        assert_eq!(patched(&world, value.clone()).await.unwrap(), expected, "{value}");
        assert_eq!(world.stored("x").await, expected, "{value}");
    }
}

#[tokio::test]
async fn a_patch_with_any_fault_changes_nothing_and_all_faults_are_told() {
    let world = World::new().await;
    let made = world.create(service("x")).await.client;
    let refused = patched(
        &world,
        json!({
            "owner": " ", "tenants": ["a", "b b", "a"], "lifetime_secs": 0, "expires_at": "1970-01-02",
            "grants": [{"scope": "orders:read"}, {"scope": "invoices:create"}, {"scope": "clients:read", "audience": "https://auth.example/admin", "reason": "r"}],
            "bounds": {"project": []}, "name": "fine",
        }),
    );
    let mut faults = told(refused.await.unwrap_err());
    faults.sort();
    assert_eq!(
        faults,
        [
            "/bounds/project bounds_unreadable",
            "/expires_at expiry_past",
            "/grants/0/scope no_such_scope",
            "/grants/1/reason text",
            "/grants/2/scope admin_scope",
            "/lifetime_secs lifetime",
            "/owner text",
            "/tenants/1 name_malformed",
            "/tenants/2 tenant_twice",
        ]
    );
    for (value, fault) in [
        (json!({"tenants": []}), "/tenants tenants_empty"),
        (json!({"grants": []}), "/grants grants_empty"),
        (json!({"tenants": ["chancery"]}), "/tenants/0 operator_tenant"),
        (json!({"bounds": {"project": "a"}, "unbounded": "why"}), "/unbounded reach_twice"),
        (json!({"bounds": {"region": "a"}}), "/bounds/region axis_unknown"),
        (json!({"unbounded": ""}), "/unbounded text"),
    ] {
        assert_eq!(told(patched(&world, value.clone()).await.unwrap_err()), [fault], "{value}");
    }
    assert_eq!(world.stored("x").await, made);
}

#[tokio::test]
async fn r22_bounds_and_grants_still_fit_together_after_a_patch() {
    let world = World::new().await;
    world.create(service("x")).await;
    patched(&world, json!({"bounds": {"project": "a"}})).await.unwrap();
    let none = json!({"grants": [{"scope": "customers:read", "reason": "r"}]});
    assert_eq!(told(patched(&world, none).await.unwrap_err()), ["/bounds/project axis_unknown"]);
    let more = json!({"grants": [{"scope": "invoices:create", "reason": "r"}, {"scope": "customers:read", "reason": "r"}]});
    assert_eq!(told(patched(&world, more).await.unwrap_err()), ["/grants/1/unbounded scope_unbounded"]);
}

#[test]
fn what_cannot_be_taken_away_or_is_not_known_is_refused_instead_of_passed_over() {
    for field in ["name", "purpose", "owner", "tenants", "grants", "unbounded", "lifetime_secs", "expires_at"]
    {
        assert!(serde_json::from_value::<ClientPatch>(json!({field: null})).is_err(), "{field}");
    }
    for unknown in ["id", "kind", "state", "secrets", "created_at", "template"] {
        assert!(serde_json::from_value::<ClientPatch>(json!({unknown: "x"})).is_err(), "{unknown}");
    }
    assert_eq!(serde_json::to_value(ClientPatch::default()).unwrap(), json!({}));
}

#[tokio::test]
async fn bounds_that_are_null_are_a_fault() {
    let world = World::new().await;
    world.create(service("x")).await;
    assert_eq!(
        told(patched(&world, json!({"bounds": null})).await.unwrap_err()),
        ["/bounds bounds_unreadable"]
    );
}

#[tokio::test]
async fn r13_who_holds_a_retired_scope_keeps_it_and_nobody_gets_it_anew() {
    let world = World::new().await;
    let mut draft = service("x");
    draft.grants = vec![grant("quotes:read"), grant("customers:read")];
    world.create(draft).await;
    world.create(service("y")).await;
    let desk = Desk { now: NOW.plus(30 * DAY), ..world.desk() };
    let owner = patch(json!({"owner": "team-b"}));
    assert_eq!(reason(desk.update_client(&BY, &name("x"), owner).await), "done");
    let both = patch(json!({"grants": [{"scope": "quotes:read", "reason": "r"}]}));
    assert_eq!(reason(desk.update_client(&BY, &name("x"), both.clone()).await), "done");
    let refused = desk.update_client(&BY, &name("y"), both).await.unwrap_err();
    assert_eq!(told(refused), ["/grants/0/scope scope_retired"]);
}

#[tokio::test]
async fn r06_a_patch_leaves_secrets_and_state_alone() {
    let world = World::new().await;
    let secret = world.create(service("x")).await.secret.unwrap();
    world.desk().disable_client(&BY, &name("x"), "off").await.unwrap();
    let grants = Some(vec![grant_for(ARCHIVE, "invoices:read")]);
    let next = ClientPatch { grants, ..ClientPatch::default() };
    let next = world.desk().update_client(&BY, &name("x"), next).await.unwrap().into_inner();
    assert!(next.authenticate(&secret, &world.hasher).is_some());
    assert_eq!(reason(next.usable(NOW).map_err(AdminRefusal::Unusable)), "client_disabled");
}

#[tokio::test]
async fn an_admin_client_finds_the_administration_in_a_patch_too() {
    let world = World::new().await;
    world.create(admin("root", "chancery", &ALL)).await;
    world.create(admin("x", "chancery", &["clients:read"])).await;
    let next = patched(&world, json!({"grants": [{"scope": "keys:read", "reason": "r"}]})).await.unwrap();
    assert_eq!(next.grants[0].audience, "https://auth.example/admin");
}

#[tokio::test]
async fn what_was_wrong_before_keeps_nobody_from_changing_something_else() {
    let world = World::new().await;
    let made = world.create(service("x")).await.client;
    // Registered under another catalog, and under rules that let more through.
    let mut old = made.clone();
    old.id = name("old");
    old.purpose = "Mirrors\u{200b} invoices.".into();
    old.grants = vec![held(DOCUMINT, "invoices:read"), held("https://gone.example", "things:read")];
    old.grants.push(held(DOCUMINT, "account:administer"));
    old.lifetime = Duration::from_hours(2);
    world.insert(&old).await;
    let change = async |value| world.desk().update_client(&BY, &old.id, patch(value)).await;
    let next = change(json!({"owner": "team-b", "expires_at": "10d"})).await.unwrap().into_inner();
    assert_eq!(next, Client { owner: "team-b".into(), expires_at: NOW.plus(10 * DAY), ..old.clone() });
    // What it brings itself is told, and nothing else.
    for (value, faults) in [
        (json!({"owner": " "}), &["/owner text"][..]),
        (json!({"tenants": ["chancery"]}), &["/tenants/0 operator_tenant"]),
        (json!({"purpose": "Mirrors\u{200b} invoices."}), &["/purpose text"]),
        (json!({"bounds": {"planet": "mars"}}), &["/bounds/planet axis_unknown"]),
        (json!({"lifetime_secs": 7200}), &["/lifetime_secs lifetime"]),
        (
            json!({"grants": [{"scope": "things:read", "audience": "https://gone.example", "reason": "r"}]}),
            &["/grants/0/audience no_such_audience"],
        ),
    ] {
        assert_eq!(told(change(value.clone()).await.unwrap_err()), faults, "{value}");
    }
    assert_eq!(world.stored("old").await, next);
}
