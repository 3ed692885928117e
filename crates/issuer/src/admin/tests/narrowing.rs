//! Whatever a token could carry before a change, and could not after it, ends.

use super::world::{ARCHIVE, DOCUMINT, NOW, World, catalog, held, name, unbounded};
use crate::admin::narrowing::Narrowing;
use crate::client::{Client, ClientKind, ClientState, DisabledBy, Grant, Reach};
use crate::grant::client_credentials::{Request, decide};
use crate::grant::{Granted, Settings};
use chancery_catalog::Catalog;
use chancery_revocation::Sequence;
use chancery_token::bounds::Value;
use chancery_token::{Environment, Scope, TokenId};
use proptest::prelude::*;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TENANTS: [&str; 3] = ["acme", "globex", "initech"];
const SCOPES: [(&str, &str); 7] = [
    (DOCUMINT, "invoices:read"),
    (DOCUMINT, "invoices:create"),
    (DOCUMINT, "invoices:*"),
    (DOCUMINT, "*:read"),
    (DOCUMINT, "customers:read"),
    (DOCUMINT, "quotes:read"),
    (ARCHIVE, "invoices:read"),
];

fn any_grants() -> impl Strategy<Value = Vec<Grant>> {
    let chosen = proptest::sample::subsequence(SCOPES.to_vec(), 0..=SCOPES.len());
    chosen.prop_map(|chosen| chosen.into_iter().map(|(audience, scope)| held(audience, scope)).collect())
}

fn any_reach() -> impl Strategy<Value = Reach> {
    let project = proptest::sample::select(vec![
        json!(["a"]),
        json!(["a", "b"]),
        json!(["ab"]),
        json!(["a*"]),
        json!(["ab*", "b"]),
        json!(["c"]),
    ]);
    let amount = proptest::sample::select(vec![json!(1), json!(10)]);
    let axes = (proptest::option::of(project), proptest::option::weighted(0.3, amount)).prop_map(
        |(project, amount)| {
            let mut axes = serde_json::Map::new();
            axes.extend(project.map(|project| ("project".to_owned(), project)));
            axes.extend(amount.map(|amount| ("amount_max".to_owned(), amount)));
            axes
        },
    );
    let of = proptest::sample::select(vec![
        None,
        Some("invoices:read"),
        Some("bills:read"),
        Some("invoices:create"),
    ]);
    let bounds = (axes.clone(), of, axes).prop_map(|(mut bounds, of, attached)| {
        if let Some(of) = of
            && !attached.is_empty()
        {
            bounds.insert(of.to_owned(), attached.into());
        }
        Reach::Bounded(serde_json::from_value(bounds.into()).unwrap())
    });
    prop_oneof![1 => Just(unbounded()), 4 => bounds]
}

fn any_client() -> impl Strategy<Value = Client> {
    let tenants = proptest::sample::subsequence(TENANTS.to_vec(), 1..=3);
    let lifetime = proptest::sample::select(vec![60_u64, 300, 900]);
    let days = proptest::sample::select(vec![0_u64, 1, 30]);
    let state = proptest::bool::weighted(0.1);
    (tenants, any_grants(), any_reach(), lifetime, days, state).prop_map(
        |(tenants, grants, reach, lifetime, days, is_off)| Client {
            id: name("bot"),
            name: "Bot".into(),
            purpose: "Tests.".into(),
            owner: "team".into(),
            kind: ClientKind::Service,
            tenants: tenants.into_iter().map(|tenant| tenant.parse().unwrap()).collect(),
            grants,
            reach,
            lifetime: Duration::from_secs(lifetime),
            created_at: NOW.minus(Duration::from_hours(24)),
            expires_at: NOW.plus(Duration::from_secs(100)).plus(Duration::from_hours(24 * days)),
            state: if is_off {
                ClientState::Disabled { at: NOW, reason: "Off.".into(), by: DisabledBy::Operator }
            } else {
                ClientState::Active
            },
            secrets: Vec::new(),
            authentication: crate::client::Authentication::default(),
            keys: Vec::new(),
            dpop: crate::client::DpopPolicy::default(),
            refresh: None,
            may_delegate_to: Vec::new(),
            owes_entry: None,
        },
    )
}

fn token<'c>(client: &Client, asked: &Request<'_>, catalog: &'c Catalog) -> Option<Granted<'c>> {
    let settings = Settings {
        issuer: super::world::ISSUER.into(),
        environment: Environment::Test,
        max_lifetime: Duration::from_hours(1),
    };
    decide(asked, client, catalog, &settings, NOW, TokenId::from_bytes([1; 16]), Sequence::new(1)).ok()
}

/// Whether some token of `before` opens what none of `after` does, or lives longer.
fn loses(before: &Client, after: &Client, catalog: &Catalog) -> bool {
    let scopes = [
        "invoices:read",
        "invoices:create",
        "bills:read",
        "customers:read",
        "quotes:read",
        "invoices:read invoices:create",
    ];
    for (audience, scope) in
        [DOCUMINT, ARCHIVE].into_iter().flat_map(|audience| scopes.map(|scope| (audience, scope)))
    {
        for tenant in TENANTS {
            let asked =
                Request { scope: Some(scope), resource: Some(audience), tenant: Some(tenant), cnf: None };
            let Some(had) = token(before, &asked, catalog) else { continue };
            let Some(has) = token(after, &asked, catalog) else { return true };
            if has.claims.exp < had.claims.exp || closes(&had, &has) {
                return true;
            }
        }
    }
    false
}

/// Whether a record is open to the one token and not to the other.
fn closes(had: &Granted<'_>, has: &Granted<'_>) -> bool {
    let scopes: Vec<Scope> = had.claims.scope.iter().map(|scope| scope.parse().unwrap()).collect();
    let records = ["a", "ab", "abc", "b", "c", ""]
        .into_iter()
        .flat_map(|project| [0, 1, 5, 10, 11].map(|amount| (project, amount)));
    let mut used = scopes.iter().map(std::slice::from_ref);
    used.any(|used| {
        records.clone().any(|(project, amount)| {
            let admits = |granted: &Granted<'_>| {
                let value = |axis: &str| match axis {
                    "project" => Value::Text(project),
                    "amount_max" => Value::Number(amount),
                    _ => Value::Unknown,
                };
                granted.claims.bounds.admit(used, value).is_ok()
            };
            admits(had) && !admits(has)
        })
    })
}

#[test]
fn whatever_a_token_could_carry_before_and_not_after_counts_as_narrowing() {
    let catalog = catalog();
    let (lost, kept) = (AtomicUsize::new(0), AtomicUsize::new(0));
    proptest!(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() }, |(before in any_client(), after in any_client(), mix in 0_u8..64)| {
        // Mostly alike, so that it is one difference that counts.
        let take = |bit: u8| mix & (1 << bit) != 0;
        let after = Client {
            tenants: if take(0) { after.tenants } else { before.tenants.clone() },
            grants: if take(1) { after.grants } else { before.grants.clone() },
            reach: if take(2) { after.reach } else { before.reach.clone() },
            lifetime: if take(3) { after.lifetime } else { before.lifetime },
            expires_at: if take(4) { after.expires_at } else { before.expires_at },
            state: if take(5) { after.state } else { before.state.clone() },
            ..before.clone()
        };
        let told = Narrowing::between(&before, &after);
        if loses(&before, &after, &catalog) {
            lost.fetch_add(1, Ordering::Relaxed);
            prop_assert_eq!(told, Narrowing::Some, "{:?} became {:?}", before, after);
        } else if told == Narrowing::None {
            kept.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (lost, kept) = (lost.into_inner(), kept.into_inner());
    assert!(lost > 300 && kept > 300, "{lost} lost something, {kept} were told to lose nothing");
}

#[tokio::test]
async fn what_is_no_less_than_before_ends_nothing() {
    let world = World::new().await;
    let client = world.create(super::world::service("x")).await.client;
    let bounds = |text: &str| Reach::Bounded(serde_json::from_str(text).unwrap());
    let bounded = Client {
        reach: bounds(r#"{"project":["a*"],"invoices:read":{"project":["ab"]}}"#),
        ..client.clone()
    };
    let mut wider = client.clone();
    wider.tenants.push("globex".parse().unwrap());
    wider.grants.insert(0, held(DOCUMINT, "customers:read"));
    let pattern = Client { grants: vec![held(DOCUMINT, "invoices:*")], ..client.clone() };
    for (before, after) in [
        (&client, &client),
        (&client, &wider),
        (&client, &pattern),
        (
            &client,
            &Client { owner: "others".into(), name: "Y".into(), purpose: "Other.".into(), ..client.clone() },
        ),
        (&client, &Client { lifetime: client.lifetime * 2, ..client.clone() }),
        (&client, &Client { expires_at: client.expires_at.plus(Duration::from_secs(1)), ..client.clone() }),
        (&client, &Client { reach: Reach::Unbounded { reason: "Another.".into() }, ..client.clone() }),
        (&bounded, &client),
        (&bounded, &Client { reach: bounds(r#"{"project":["a*"]}"#), ..client.clone() }),
        (
            &bounded,
            &Client {
                reach: bounds(r#"{"project":["a*","b"],"invoices:read":{"project":["ab","b"]}}"#),
                ..client.clone()
            },
        ),
        (&client.clone().disable(NOW, "Off.", DisabledBy::Tenant), &client),
        (
            &client.clone().disable(NOW, "Off.", DisabledBy::Tenant),
            &client.clone().disable(NOW, "Off.", DisabledBy::Operator),
        ),
    ] {
        assert_eq!(Narrowing::between(before, after), Narrowing::None, "{before:?} became {after:?}");
    }
    for (before, after) in [(&wider, &client), (&pattern, &client), (&client, &bounded)] {
        assert_eq!(Narrowing::between(before, after), Narrowing::Some, "{before:?} became {after:?}");
    }
}
