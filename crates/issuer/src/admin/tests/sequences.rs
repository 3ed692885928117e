//! Whatever administrators do one after the other, nobody ends up with more than the one they began with.
//!
//! One administrator is handed out, and with it whatever it can get hold of: every client that it, or one that it
//! got hold of, makes or gives a secret to. What it holds in the end is judged by what the clients may do, record by
//! record, and not by how the code compares rights.

use super::world::{
    ADMINISTRATION, ALL, ARCHIVE, DOCUMINT, NOW, World, admin, catalog, grant_for, name, service, unbounded,
};
use crate::admin::{AdminRefusal, Authority, ClientDraft, ClientPatch, Effect, Exposure, GrantDraft};
use crate::client::{Client, ClientKind};
use crate::store::contract::all;
use chancery_token::Scope;
use chancery_token::bounds::Value;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Step {
    Create(ClientDraft),
    Update(ClientPatch),
    Disable,
    Enable,
    AddSecret,
    DropSecret,
}

/// Who of those at hand acts, on which client, and how.
type Act = (usize, usize, Step);

const IDS: [&str; 9] = ["start", "root", "acme-root", "theirs", "ours", "c0", "c1", "c2", "c3"];
const SCOPES: [&str; 10] = [
    "clients:read",
    "clients:create",
    "clients:update",
    "clients:*",
    "secrets:create",
    "secrets:*",
    "keys:read",
    "keys:*",
    "account:administer",
    "plan:administer",
];

fn any_tenants() -> impl Strategy<Value = Vec<String>> {
    let sets =
        [vec!["acme"], vec!["globex"], vec!["chancery"], vec!["acme", "globex"], vec!["acme", "chancery"]];
    proptest::sample::select(sets.map(|set| set.into_iter().map(String::from).collect::<Vec<_>>()).to_vec())
}

/// Mostly general bounds; they fit more grants.
fn any_bounds() -> impl Strategy<Value = Option<serde_json::Value>> {
    let audience = [json!([ADMINISTRATION]), json!([DOCUMINT, ADMINISTRATION]), json!(["https://*"])];
    let owner = [json!(["operators"]), json!(["operators", "team-a"]), json!(["team-*"]), json!(["o*"])];
    let axes = (
        proptest::option::of(proptest::sample::select(owner.to_vec())),
        proptest::option::of(proptest::sample::select(audience.to_vec())),
    );
    let of = proptest::option::weighted(
        0.3,
        proptest::sample::select(vec!["clients:create", "clients:update", "clients:read"]),
    );
    prop_oneof![
        2 => Just(None),
        3 => (axes, of).prop_map(|((owner, audience), of)| {
            let mut bounds = serde_json::Map::new();
            bounds.extend(owner.map(|owner| ("owner".to_owned(), owner)));
            bounds.extend(audience.map(|audience| ("audience".to_owned(), audience)));
            Some(match of {
                Some(of) if !bounds.is_empty() => json!({ of: bounds }),
                _ => json!(bounds),
            })
        }),
    ]
}

/// Grants of administration, each with the reason that it needs where the bounds do not reach it.
fn admin_grants(scopes: &[&str], bounds: Option<&serde_json::Value>) -> Vec<GrantDraft> {
    let grant = |scope: &&str| {
        let product = ["account:", "plan:"].iter().any(|resource| scope.starts_with(resource));
        let general = bounds.is_some_and(|bounds| bounds.get("owner").or(bounds.get("audience")).is_some());
        let attached = bounds.is_some_and(|bounds| bounds.get(*scope).is_some());
        let reached = attached || (general && (scope.starts_with("clients") || scope.starts_with("secrets")));
        let whole = scope.ends_with('*') && bounds.is_some() && !general;
        GrantDraft {
            unbounded: (bounds.is_some() && (!reached || whole)).then(|| "It has to.".to_owned()),
            ..grant_for(if product { DOCUMINT } else { ADMINISTRATION }, scope)
        }
    };
    scopes.iter().map(grant).collect()
}

fn any_scopes() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(SCOPES.to_vec(), 1..4)
}

fn any_owner() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["operators".to_owned(), "team-a".to_owned(), "team-b".to_owned()])
}

fn any_end() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["10d".to_owned(), "50d".to_owned(), "100d".to_owned(), "200d".to_owned()])
}

fn any_admin(id: impl Strategy<Value = &'static str>) -> impl Strategy<Value = ClientDraft> {
    (id, any_tenants(), any_scopes(), any_bounds(), any_owner(), any_end()).prop_map(
        |(id, tenants, scopes, bounds, owner, end)| ClientDraft {
            tenants,
            grants: admin_grants(&scopes, bounds.as_ref()),
            unbounded: bounds.is_none().then(|| "All of it.".to_owned()),
            bounds,
            owner: Some(owner),
            expires_at: Some(end),
            ..admin(id, "acme", &[])
        },
    )
}

/// One that can do everything but keys, within its bounds.
fn any_strong_admin() -> impl Strategy<Value = ClientDraft> {
    let tenant = prop_oneof![Just("chancery"), Just("acme")];
    (tenant, any_bounds(), any_end()).prop_map(|(tenant, bounds, end)| ClientDraft {
        grants: admin_grants(&["clients:*", "secrets:*"], bounds.as_ref()),
        unbounded: bounds.is_none().then(|| "All of it.".to_owned()),
        bounds,
        expires_at: Some(end),
        ..admin("start", tenant, &[])
    })
}

fn any_draft() -> impl Strategy<Value = ClientDraft> {
    let id = || proptest::sample::select(IDS[5..].to_vec());
    let audience = proptest::sample::select(vec![DOCUMINT, ARCHIVE]);
    let plain =
        (id(), any_tenants(), any_owner(), audience).prop_map(|(id, tenants, owner, audience)| ClientDraft {
            tenants,
            owner: Some(owner),
            grants: vec![grant_for(audience, "invoices:read")],
            ..service(id)
        });
    prop_oneof![3 => any_admin(id()), 1 => plain]
}

fn any_patch() -> impl Strategy<Value = ClientPatch> {
    let none = ClientPatch::default;
    prop_oneof![
        any_owner().prop_map(move |owner| ClientPatch { owner: Some(owner), ..none() }),
        any_tenants().prop_map(move |tenants| ClientPatch { tenants: Some(tenants), ..none() }),
        any_end().prop_map(move |end| ClientPatch { expires_at: Some(end), ..none() }),
        (any_scopes(), any_bounds()).prop_map(move |(scopes, bounds)| ClientPatch {
            grants: Some(admin_grants(&scopes, bounds.as_ref())),
            unbounded: bounds.is_none().then(|| "All of it.".to_owned()),
            bounds,
            ..none()
        }),
        proptest::sample::select(vec![DOCUMINT, ARCHIVE]).prop_map(move |audience| ClientPatch {
            grants: Some(vec![grant_for(audience, "invoices:read")]),
            ..none()
        }),
    ]
}

fn any_act() -> impl Strategy<Value = Act> {
    let step = prop_oneof![
        4 => any_draft().prop_map(Step::Create),
        4 => any_patch().prop_map(Step::Update),
        1 => Just(Step::Disable),
        1 => Just(Step::Enable),
        2 => Just(Step::AddSecret),
        1 => Just(Step::DropSecret),
    ];
    (any::<usize>(), any::<usize>(), step)
}

/// What a client may do, one by one: with each scope, on the records of each owner and audience.
fn may(client: &Client) -> BTreeSet<(String, String, String, String)> {
    let catalog = catalog();
    let mut all = BTreeSet::new();
    for grant in &client.grants {
        let Some(product) = catalog.product(&grant.audience) else { continue };
        for entry in product.scopes().filter(|entry| entry.covered_by(&grant.scope)) {
            for owner in ["operators", "team-a", "team-b", "other"] {
                for audience in [ADMINISTRATION, DOCUMINT, ARCHIVE] {
                    if admits(client, entry.scope(), owner, audience) {
                        let record = (owner.to_owned(), audience.to_owned());
                        all.insert((grant.audience.clone(), entry.scope().to_string(), record.0, record.1));
                    }
                }
            }
        }
    }
    all
}

fn admits(client: &Client, scope: &Scope, owner: &str, audience: &str) -> bool {
    let record = |axis: &str| match axis {
        "owner" => Value::Text(owner),
        "audience" => Value::Text(audience),
        _ => Value::Unknown,
    };
    client.reach.bounds().admit(std::slice::from_ref(scope), record).is_ok()
}

/// Whether `start` may have got hold of `got` under the scope with which it did; else which limit was passed.
fn judge(start: &Client, got: &Client, scope: &Scope) -> Result<(), &'static str> {
    if start.tenants[0].as_str() != "chancery" && got.tenants != start.tenants {
        return Err("tenant");
    }
    if got.grants.iter().any(|grant| !admits(start, scope, &got.owner, &grant.audience)) {
        return Err("bounds");
    }
    if got.kind == ClientKind::Admin {
        if got.expires_at > start.expires_at {
            return Err("end");
        }
        let everywhere = |client: &Client| Client { reach: unbounded(), ..client.clone() };
        if !may(&everywhere(got)).is_subset(&may(&everywhere(start))) {
            return Err("scope");
        }
        if !may(got).is_subset(&may(start)) {
            return Err("reach");
        }
    }
    Ok(())
}

/// What a sequence came to.
#[derive(Default)]
struct Tally {
    /// How many acts got somebody something.
    done: usize,
    /// The limits that a refused act would have passed.
    held_back: BTreeSet<&'static str>,
}

async fn play(start: ClientDraft, acts: Vec<Act>) -> Result<Tally, TestCaseError> {
    let mut tally = Tally::default();
    let world = World::new().await;
    let desk = world.desk();
    let draft = ClientDraft { tenants: start.tenants[..1].to_vec(), ..start };
    let Ok(start) = desk.create_client(&Authority::MasterKey, draft).await else { return Ok(tally) };
    let start = start.client;
    world.create(admin("root", "chancery", &ALL)).await;
    world.create(admin("acme-root", "acme", &ALL)).await;
    world.create(ClientDraft { tenants: vec!["globex".into()], ..service("theirs") }).await;
    world.create(ClientDraft { owner: Some("team-a".into()), ..service("ours") }).await;
    let mut before = BTreeMap::new();
    for client in all(&*world.store).await {
        before.insert(client.id.to_string(), client);
    }
    let mut at_hand: BTreeSet<String> = BTreeSet::from(["start".to_owned()]);
    for (actor, target, step) in acts {
        let actor = at_hand.iter().nth(actor % at_hand.len()).unwrap().clone();
        let record = world.stored(&actor).await;
        if record.kind != ClientKind::Admin {
            continue;
        }
        let tenant = record.tenants[target % record.tenants.len()].clone();
        let by = Authority::Administrator { client: record.into(), tenant };
        let id = name(IDS[target % IDS.len()]);
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let (got, scope) = match step {
            Step::Create(draft) => {
                let wanted = draft.clone().resolve(&world.catalog, &desk.defaults, NOW);
                let made = desk.create_client(&by, draft).await.map(|new| new.client);
                if let (Ok(wanted), Err(AdminRefusal::BeyondOneself { .. })) = (wanted, &made) {
                    tally.held_back.extend(judge(&start, &wanted, &scope("clients:create")).err());
                }
                (made, scope("clients:create"))
            }
            Step::Update(patch) => {
                (desk.update_client(&by, &id, patch).await.map(Effect::into_inner), scope("clients:update"))
            }
            Step::Enable => {
                (desk.enable_client(&by, &id).await.map(Effect::into_inner), scope("clients:update"))
            }
            Step::AddSecret => {
                (desk.add_secret(&by, &id).await.map(|new| new.client), scope("secrets:create"))
            }
            Step::Disable => {
                let _ = desk.disable_client(&by, &id, "It is not needed.").await;
                continue;
            }
            Step::DropSecret => {
                let secret =
                    world.store.client(&id).await.unwrap().map(|client| client.secrets[0].id.clone());
                let _ = desk.drop_secret(&by, &id, &secret.unwrap_or_default(), Exposure::Kept).await;
                continue;
            }
        };
        let Ok(got) = got else { continue };
        tally.done += 1;
        let judged = judge(&start, &got, &scope);
        prop_assert!(judged.is_ok(), "{judged:?} under {scope}: {start:?} got {got:?}");
        if matches!(scope.as_str(), "clients:create" | "secrets:create") {
            at_hand.insert(got.id.to_string());
        }
    }
    // Nothing that a tenant's administrator does is felt by another tenant.
    if start.tenants[0].as_str() != "chancery" {
        for client in before.values().filter(|client| client.tenants != start.tenants) {
            prop_assert_eq!(&world.stored(client.id.as_str()).await, client);
        }
    }
    // Everything at hand in the end, too: no change made later widened what was got before.
    for id in at_hand.iter().filter(|id| *id != "start") {
        let held = world.stored(id).await;
        if held.kind == ClientKind::Admin {
            let more: Vec<_> = may(&held).difference(&may(&start)).cloned().collect();
            prop_assert!(more.is_empty(), "{start:?} ends with {more:?} in {held:?}");
        }
    }
    let own = world.stored("start").await;
    prop_assert!(
        may(&own).is_subset(&may(&start)) && own.expires_at <= start.expires_at,
        "{start:?} {own:?}"
    );
    Ok(tally)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn r64_no_sequence_of_acts_gets_anybody_beyond_themselves(
        start in any_admin(Just("start")), acts in proptest::collection::vec(any_act(), 1..40),
    ) {
        runtime().block_on(play(start, acts))?;
    }

    #[test]
    fn r64_no_sequence_gets_a_strong_administrator_beyond_itself(
        start in any_strong_admin(), acts in proptest::collection::vec(any_act(), 20..60),
    ) {
        runtime().block_on(play(start, acts))?;
    }
}

#[test]
fn the_sequences_get_somewhere() {
    let start = admin("start", "chancery", &["clients:*", "secrets:*"]);
    let acts = vec![
        (0, 0, Step::Create(admin("c0", "acme", &["clients:*"]))),
        (1, 0, Step::Create(service("c1"))),
        (2, 5, Step::AddSecret),
        (2, 6, Step::Update(ClientPatch { owner: Some("team-b".into()), ..ClientPatch::default() })),
    ];
    assert_eq!(runtime().block_on(play(start, acts)).unwrap().done, 4);
}

/// Each limit is tried, so that a limit that does not hold would be seen above.
#[test]
fn the_sequences_try_what_is_forbidden() {
    let mut runner = TestRunner::deterministic();
    let acts = proptest::collection::vec(any_act(), 20..40);
    let mut held_back = BTreeSet::new();
    for _ in 0..150 {
        let start = any_strong_admin().new_tree(&mut runner).unwrap().current();
        let acts = acts.new_tree(&mut runner).unwrap().current();
        held_back.extend(runtime().block_on(play(start, acts)).unwrap().held_back);
    }
    assert_eq!(held_back, BTreeSet::from(["bounds", "end", "reach", "scope", "tenant"]));
}
