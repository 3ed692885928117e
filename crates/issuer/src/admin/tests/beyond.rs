//! Nobody grants, or reaches, beyond themselves.

use super::world::{
    ADMINISTRATION, ALL, ARCHIVE, DAY, DOCUMINT, NOW, World, acting, admin, bounded, grant, grant_for, held,
    name, reason, service,
};
use crate::admin::{Authority, Changed, ClientDraft, ClientFilter, ClientPatch, Desk, Effect, Exposure};
use crate::client::{Client, ClientKind};
use chancery_token::scope;
use std::sync::Arc;

fn ids(clients: &[Client]) -> Vec<&str> {
    clients.iter().map(|client| client.id.as_str()).collect()
}

fn owner(owner: &str) -> ClientPatch {
    ClientPatch { owner: Some(owner.into()), ..ClientPatch::default() }
}

/// Every verb on one client, as `reason`s: read, update, disable, enable, add and drop a secret.
async fn all_verbs(desk: &Desk<'_>, by: &Authority, id: &str) -> [&'static str; 6] {
    let id = name(id);
    [
        reason(desk.client(by, &id).await),
        reason(desk.update_client(by, &id, owner("team-other")).await),
        reason(desk.disable_client(by, &id, "No longer needed.").await),
        reason(desk.enable_client(by, &id).await),
        reason(desk.add_secret(by, &id).await),
        reason(desk.drop_secret(by, &id, "none", Exposure::Kept).await),
    ]
}

#[tokio::test]
async fn r64_another_tenants_clients_look_as_if_they_were_not_there() {
    let world = World::new().await;
    let desk = world.desk();
    let acme = world.admin(admin("acme-admin", "acme", &ALL)).await;
    world.create(service("ours")).await;
    world.create(ClientDraft { tenants: vec!["globex".into()], ..service("theirs") }).await;
    world.create(ClientDraft { tenants: vec!["acme".into(), "globex".into()], ..service("shared") }).await;
    world.create(admin("root", "chancery", &ALL)).await;
    for id in ["theirs", "shared", "root", "nobody"] {
        assert_eq!(all_verbs(&desk, &acme, id).await, ["client_unknown"; 6], "{id}");
    }
    let seen = desk.clients(&acme, &ClientFilter::default(), None, 100).await.unwrap().clients;
    assert_eq!(ids(&seen), ["acme-admin", "ours"]);
    let told = all_verbs(&desk, &acme, "ours").await;
    assert_eq!(told, ["done", "done", "done", "done", "done", "secret_unknown"]);
}

#[tokio::test]
async fn what_the_operator_switched_off_no_tenant_switches_on() {
    let world = World::new().await;
    let desk = world.desk();
    let acme = world.admin(admin("acme-admin", "acme", &ALL)).await;
    let root = world.admin(admin("root", "chancery", &ALL)).await;
    let id = name("bot");
    world.create(service("bot")).await;
    assert_eq!(reason(desk.disable_client(&acme, &id, "A pause.").await), "done");
    assert_eq!(reason(desk.enable_client(&acme, &id).await), "done");
    assert_eq!(reason(desk.disable_client(&acme, &id, "A pause.").await), "done");
    // The operator's word is added to the tenant's.
    assert_eq!(reason(desk.disable_client(&root, &id, "It leaked.").await), "done");
    assert_eq!(reason(desk.enable_client(&acme, &id).await), "beyond_oneself");
    assert_eq!(reason(desk.enable_client(&root, &id).await), "done");
}

#[tokio::test]
async fn r64_a_tenants_admin_makes_clients_of_that_tenant_alone() {
    let world = World::new().await;
    let desk = world.desk();
    let acme = world.admin(admin("acme-admin", "acme", &ALL)).await;
    for (tenants, outcome) in [
        (vec!["acme"], "done"),
        (vec!["globex"], "beyond_oneself"),
        (vec!["acme", "globex"], "beyond_oneself"),
    ] {
        let tenants: Vec<String> = tenants.into_iter().map(Into::into).collect();
        let draft = ClientDraft { tenants: tenants.clone(), ..service(&format!("c{}", tenants.len())) };
        assert_eq!(reason(desk.create_client(&acme, draft).await), outcome, "{tenants:?}");
    }
    let wider = ClientPatch { tenants: Some(vec!["acme".into(), "globex".into()]), ..ClientPatch::default() };
    assert_eq!(reason(desk.update_client(&acme, &name("c1"), wider).await), "beyond_oneself");
    // An operator acts for every tenant.
    let root = world.admin(admin("root", "chancery", &ALL)).await;
    let draft = ClientDraft { tenants: vec!["acme".into(), "globex".into()], ..service("wide") };
    assert_eq!(reason(desk.create_client(&root, draft).await), "done");
}

#[tokio::test]
async fn r64_bounds_on_owner_and_audience_hold_for_the_client_as_it_is_and_as_it_would_become() {
    let world = World::new().await;
    let desk = world.desk();
    let bounds = format!(r#"{{"owner":["team-billing","team-b*"],"audience":["{DOCUMINT}"]}}"#);
    let scopes = ["clients:*", "secrets:*"];
    let team = world.admin(bounded(admin("team", "chancery", &scopes), &bounds)).await;
    let beyond = |grants, owner: &str| {
        desk.create_client(&team, ClientDraft { grants, owner: Some(owner.into()), ..service("x") })
    };
    let documint = || vec![grant_for(DOCUMINT, "invoices:read")];
    let both = || vec![grant_for(DOCUMINT, "invoices:read"), grant_for(ARCHIVE, "invoices:read")];
    assert_eq!(reason(beyond(documint(), "team-print").await), "beyond_oneself");
    assert_eq!(reason(beyond(both(), "team-billing").await), "beyond_oneself");
    assert_eq!(reason(beyond(documint(), "team-billing").await), "done");
    let x = name("x");
    assert_eq!(reason(desk.update_client(&team, &x, owner("team-print")).await), "beyond_oneself");
    assert_eq!(reason(desk.update_client(&team, &x, owner("team-books")).await), "done");
    let wider = ClientPatch { grants: Some(both()), ..ClientPatch::default() };
    assert_eq!(reason(desk.update_client(&team, &x, wider).await), "beyond_oneself");
    world.create(ClientDraft { owner: Some("team-print".into()), ..service("theirs") }).await;
    world.create(ClientDraft { grants: both(), ..service("both") }).await;
    for id in ["theirs", "both"] {
        assert_eq!(all_verbs(&desk, &team, id).await, ["beyond_oneself"; 6], "{id}");
    }
    let seen = desk.clients(&team, &ClientFilter::default(), None, 100).await.unwrap().clients;
    assert_eq!(ids(&seen), ["x"]);
}

#[tokio::test]
async fn a_bound_of_one_scope_binds_what_is_done_under_that_scope_alone() {
    let world = World::new().await;
    let desk = world.desk();
    let bounds = r#"{"clients:create":{"owner":["team-billing"]}}"#;
    let mut draft = bounded(admin("team", "chancery", &["clients:create"]), bounds);
    let mut read = grant("clients:read");
    read.unbounded = Some("It may look at all clients.".into());
    draft.grants.push(read);
    let team = world.admin(draft).await;
    world.create(ClientDraft { owner: Some("team-print".into()), ..service("theirs") }).await;
    assert_eq!(reason(desk.client(&team, &name("theirs")).await), "done");
    let draft = ClientDraft { owner: Some("team-print".into()), ..service("mine") };
    assert_eq!(reason(desk.create_client(&team, draft).await), "beyond_oneself");
}

#[tokio::test]
async fn each_verb_demands_its_scope_of_the_record_as_it_is_now() {
    let verbs = [
        "clients:read",
        "clients:update",
        "clients:disable",
        "clients:update",
        "secrets:create",
        "secrets:delete",
    ];
    for scope in [
        "clients:read",
        "clients:create",
        "clients:update",
        "clients:disable",
        "secrets:create",
        "secrets:delete",
        "keys:*",
    ] {
        let world = World::new().await;
        let desk = world.desk();
        let by = world.admin(admin("one", "chancery", &[scope])).await;
        world.create(service("x")).await;
        let told = all_verbs(&desk, &by, "x").await;
        for (verb, told) in verbs.iter().zip(told) {
            assert_eq!(told == "scope_not_held", *verb != scope, "{scope}: {verb} {told}");
        }
        let made = reason(desk.create_client(&by, service("y")).await);
        assert_eq!(made == "scope_not_held", scope != "clients:create", "{scope}: {made}");
        let listed = reason(desk.clients(&by, &ClientFilter::default(), None, 100).await);
        assert_eq!(listed == "scope_not_held", scope != "clients:read", "{scope}: {listed}");
    }
}

#[tokio::test]
async fn an_administrator_that_is_off_expired_or_no_admin_does_nothing() {
    let world = World::new().await;
    let made = world.create(admin("root", "chancery", &ALL)).await.client;
    let outcome = |client: Client, tenant: &str| {
        let tenant = tenant.parse().unwrap();
        let by = Authority::Administrator { client: Arc::new(client), tenant };
        world.desk().entitled(&by, &scope!("clients:read"))
    };
    assert_eq!(reason(outcome(made.clone(), "chancery")), "done");
    assert_eq!(
        reason(outcome(made.clone().disable(NOW, "leaked", crate::client::DisabledBy::Tenant), "chancery")),
        "client_disabled"
    );
    assert_eq!(reason(outcome(Client { expires_at: NOW, ..made.clone() }, "chancery")), "client_expired");
    assert_eq!(reason(outcome(made.clone(), "acme")), "tenant_not_served");
    let service = Client { kind: ClientKind::Service, ..made.clone() };
    assert_eq!(reason(outcome(service, "chancery")), "scope_not_held");
    let elsewhere = Client { grants: vec![held(DOCUMINT, "clients:*")], ..made.clone() };
    assert_eq!(reason(outcome(elsewhere, "chancery")), "scope_not_held");
    let other = Client { grants: vec![held("https://other.example/admin", "clients:*")], ..made };
    assert_eq!(reason(outcome(other, "chancery")), "scope_not_held");
    assert_eq!(reason(world.desk().entitled(&Authority::MasterKey, &scope!("keys:rotate"))), "done");
}

#[tokio::test]
async fn r15_an_admin_is_made_only_within_the_scopes_the_end_and_the_bounds_of_who_makes_it() {
    let world = World::new().await;
    let desk = world.desk();
    let by = world.admin(admin("root", "chancery", &["clients:*", "secrets:create"])).await;
    let product_admin = ClientDraft { grants: vec![grant("account:administer")], ..admin("x", "acme", &[]) };
    let later = ClientDraft { expires_at: Some("201d".into()), ..admin("x", "chancery", &["clients:read"]) };
    for (draft, outcome) in [
        (admin("x", "chancery", &["keys:read"]), "beyond_oneself"),
        (admin("x", "chancery", &["clients:read", "secrets:delete"]), "beyond_oneself"),
        // Today that would be secrets:create and secrets:delete; tomorrow perhaps more.
        (admin("x", "chancery", &["secrets:*"]), "beyond_oneself"),
        (product_admin, "beyond_oneself"),
        (later, "beyond_oneself"),
        (admin("a", "chancery", &["clients:read", "secrets:create"]), "done"),
        (admin("b", "chancery", &["clients:*"]), "done"),
        (admin("c", "acme", &["clients:*"]), "done"),
    ] {
        let told = format!("{:?} {:?}", draft.grants, draft.expires_at);
        assert_eq!(reason(desk.create_client(&by, draft).await), outcome, "{told}");
    }
    let bounds = format!(r#"{{"owner":["operators"],"audience":["{DOCUMINT}","{ADMINISTRATION}"]}}"#);
    let team = world.admin(bounded(admin("team", "chancery", &["clients:*"]), &bounds)).await;
    let child = || admin("child", "chancery", &["clients:read"]);
    let narrow = r#"{"owner":["operators"],"audience":["https://auth.example/admin"]}"#;
    for (draft, outcome) in [
        (child(), "beyond_oneself"),
        (bounded(child(), r#"{"owner":["operators"]}"#), "beyond_oneself"),
        (bounded(child(), &bounds.replace("operators", "operator*")), "beyond_oneself"),
        (bounded(child(), narrow), "done"),
    ] {
        assert_eq!(reason(desk.create_client(&team, draft).await), outcome);
    }
}

#[tokio::test]
async fn r15_nobody_widens_themselves() {
    let world = World::new().await;
    let desk = world.desk();
    let bounds = r#"{"owner":["operators","team-a"],"audience":["https://auth.example/admin"]}"#;
    let draft = ClientDraft { expires_at: Some("100d".into()), ..admin("me", "acme", &["clients:*"]) };
    let me = world.admin(bounded(draft, bounds)).await;
    let bounds = |text: &str| ClientPatch {
        bounds: Some(serde_json::from_str(text).unwrap()),
        ..ClientPatch::default()
    };
    let none = ClientPatch::default;
    for (patch, outcome) in [
        (ClientPatch { expires_at: Some("101d".into()), ..none() }, "beyond_oneself"),
        (ClientPatch { unbounded: Some("why not".into()), ..none() }, "beyond_oneself"),
        (
            bounds(r#"{"owner":["operators","team-a","team-b"],"audience":["https://auth.example/admin"]}"#),
            "beyond_oneself",
        ),
        (bounds(r#"{"owner":["operators","team-a"]}"#), "beyond_oneself"),
        (
            ClientPatch { grants: Some(vec![grant("clients:*"), grant("secrets:create")]), ..none() },
            "beyond_oneself",
        ),
        (ClientPatch { tenants: Some(vec!["acme".into(), "globex".into()]), ..none() }, "beyond_oneself"),
        (ClientPatch { tenants: Some(vec!["chancery".into()]), ..none() }, "beyond_oneself"),
        (owner("team-b"), "beyond_oneself"),
        (owner("team-a"), "done"),
        (bounds(r#"{"owner":["team-a"],"audience":["https://auth.example/admin"]}"#), "done"),
    ] {
        let told = format!("{patch:?}");
        assert_eq!(reason(desk.update_client(&me, &name("me"), patch).await), outcome, "{told}");
    }
}

#[tokio::test]
async fn r15_nobody_takes_over_a_stronger_administrator() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(admin("root", "chancery", &ALL)).await;
    world.create(admin("other", "chancery", &ALL)).await;
    let weak = world.admin(admin("weak", "chancery", &["clients:*", "secrets:*"])).await;
    let root = name("root");
    assert_eq!(reason(desk.client(&weak, &root).await), "done");
    assert_eq!(reason(desk.update_client(&weak, &root, owner("me")).await), "beyond_oneself");
    assert_eq!(reason(desk.add_secret(&weak, &root).await), "beyond_oneself");
    // A brake works on everybody, and what it stopped is not started again by the same hand.
    assert!(matches!(
        desk.disable_client(&weak, &root, "Its secret leaked.").await,
        Ok(Effect { client: Changed::Now(_), .. })
    ));
    assert_eq!(reason(desk.enable_client(&weak, &root).await), "beyond_oneself");
    // Within a tenant the stronger one is not even seen.
    world.create(admin("acme-root", "acme", &ALL)).await;
    let acme = world.admin(admin("acme-weak", "acme", &["clients:*", "secrets:*"])).await;
    assert_eq!(all_verbs(&desk, &acme, "acme-root").await, ["client_unknown"; 6]);
    let seen = desk.clients(&acme, &ClientFilter::default(), None, 100).await.unwrap().clients;
    assert_eq!(ids(&seen), ["acme-weak"]);
}

#[tokio::test]
async fn an_older_name_of_a_scope_is_no_way_around_a_bound() {
    let world = World::new().await;
    let desk = world.desk();
    let bounds = r#"{"account:administer":{"project":["a"]},"clients:create":{"audience":["https://api.documint.example"]}}"#;
    let mut draft = bounded(admin("me", "chancery", &["clients:create"]), bounds);
    draft.grants.push(grant("plan:administer"));
    let me = world.admin(draft).await;
    let child = |bounds| {
        let draft = admin("child", "acme", &[]);
        bounded(ClientDraft { grants: vec![grant("plan:administer")], ..draft }, bounds)
    };
    assert_eq!(reason(desk.create_client(&me, child(r#"{"project":["b"]}"#)).await), "beyond_oneself");
    assert_eq!(reason(desk.create_client(&me, child(r#"{"project":["a"]}"#)).await), "done");
}

#[tokio::test]
async fn lists_are_filtered_by_owner_scope_tenant_and_state() {
    let world = World::new().await;
    let desk = world.desk();
    let by = Authority::MasterKey;
    world.create(service("a")).await;
    world
        .create(ClientDraft { owner: Some("team-b".into()), tenants: vec!["globex".into()], ..service("b") })
        .await;
    let old = vec![grant("bills:read")];
    world.create(ClientDraft { grants: old, ..service("c") }).await;
    let archive = vec![grant_for(ARCHIVE, "invoices:*")];
    world.create(ClientDraft { grants: archive, expires_at: Some("1d".into()), ..service("d") }).await;
    world.create(ClientDraft { grants: vec![grant("invoices:create")], ..service("e") }).await;
    desk.disable_client(&by, &name("e"), "No longer needed.").await.unwrap();
    let later = Desk { now: NOW.plus(DAY), ..desk };
    let list = async |filter: ClientFilter| {
        let clients = later.clients(&by, &filter, None, 100).await.unwrap().clients;
        ids(&clients).join(" ")
    };
    let all = ClientFilter::default;
    assert_eq!(list(all()).await, "a b c d e");
    assert_eq!(list(ClientFilter { owner: Some("team-b".into()), ..all() }).await, "b");
    assert_eq!(list(ClientFilter { tenant: Some("globex".parse().unwrap()), ..all() }).await, "b");
    assert_eq!(list(ClientFilter { scope: Some(scope!("invoices:read")), ..all() }).await, "a b c d");
    assert_eq!(list(ClientFilter { scope: Some(scope!("bills:read")), ..all() }).await, "a b c");
    assert_eq!(list(ClientFilter { scope: Some(scope!("invoices:delete")), ..all() }).await, "");
    for (state, listed) in [("active", "a b c"), ("disabled", "e"), ("expired", "d")] {
        assert_eq!(list(ClientFilter { state: Some(state.parse().unwrap()), ..all() }).await, listed);
    }
    let tenant = Some("acme".parse().unwrap());
    let state = Some("active".parse().unwrap());
    assert_eq!(
        list(ClientFilter { tenant, state, owner: Some("team-billing".into()), ..all() }).await,
        "a c"
    );
}

#[tokio::test]
async fn the_master_key_reaches_everything() {
    let world = World::new().await;
    let root = world.admin(admin("root", "chancery", &ALL)).await;
    world.create(ClientDraft { tenants: vec!["globex".into()], ..service("theirs") }).await;
    let told = all_verbs(&world.desk(), &Authority::MasterKey, "theirs").await;
    assert_eq!(told, ["done", "done", "done", "done", "done", "secret_unknown"]);
    assert_eq!(reason(world.desk().create_client(&root, service("theirs")).await), "client_exists");
    let told = acting(world.stored("root").await);
    assert_eq!(reason(world.desk().client(&told, &name("theirs")).await), "done");
}
