use super::*;
use crate::client::{Authentication, ClientKind, ClientState, DpopPolicy, Grant, Reach, Refresh};
use crate::grant::client_credentials;
use chancery_revocation::Sequence;
use chancery_token::bounds::Bound;
use chancery_token::{Bounds, Environment, Everything, FamilyId, ScopePattern, TokenId};
use proptest::prelude::*;
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const SHOP: &str = "https://shop.example";

fn catalog() -> Catalog {
    Catalog::parse(include_str!("../client_credentials/tests/catalog.toml"), "catalog.toml").unwrap()
}

fn settings() -> Settings {
    Settings {
        issuer: "https://auth.example".into(),
        environment: Environment::Test,
        max_lifetime: Duration::from_hours(1),
    }
}

fn client(scopes: &[&str], reach: Reach) -> Client {
    let grant = |scope: &&str| Grant {
        audience: SHOP.to_owned(),
        scope: ScopePattern::parse(scope, Everything::Refuse).unwrap(),
        reason: "It needs this.".into(),
        unbounded: None,
    };
    Client {
        id: "bot".parse().unwrap(),
        name: "bot".into(),
        purpose: "Tests".into(),
        owner: "team".into(),
        kind: ClientKind::Agent,
        tenants: vec!["acme".parse().unwrap()],
        grants: scopes.iter().map(grant).collect(),
        reach,
        lifetime: Duration::from_mins(15),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(24 * 365)),
        state: ClientState::Active,
        secrets: Vec::new(),
        authentication: Authentication::default(),
        keys: Vec::new(),
        dpop: DpopPolicy::default(),
        refresh: Some(Refresh::default()),
        may_delegate_to: Vec::new(),
        owes_entry: None,
    }
}

fn everything() -> Reach {
    Reach::Unbounded { reason: "Tests see everything.".into() }
}

fn begun(client: &Client, scope: &str) -> Family {
    let catalog = catalog();
    let request =
        client_credentials::Request { scope: Some(scope), ..client_credentials::Request::default() };
    let (jti, rvs) = (TokenId::from_bytes([1; 16]), Sequence::new(7));
    let granted = client_credentials::decide(&request, client, &catalog, &settings(), NOW, jti, rvs).unwrap();
    let id = FamilyId::from_bytes([9; 16]);
    Family::begin(id, &granted.claims, &Refresh::default(), client.expires_at)
}

fn refreshed(family: &Family, client: &Client, request: &Request<'_>) -> Result<Claims, GrantRefusal> {
    let at = At {
        now: NOW.plus(Duration::from_hours(5)),
        jti: TokenId::from_bytes([2; 16]),
        rvs: Sequence::new(9),
    };
    decide(request, family, client, &catalog(), &settings(), at).map(|granted| granted.claims)
}

fn asks(scope: &str) -> Request<'_> {
    Request { scope: Some(scope), ..Request::default() }
}

#[test]
fn a_token_of_a_family_names_it_and_the_entries_that_it_was_decided_after() {
    let client = client(&["orders:*"], everything());
    let family = begun(&client, "orders:read");
    let claims = refreshed(&family, &client, &Request::default()).unwrap();
    assert_eq!((claims.sid, claims.rvs, claims.anc.len()), (Some(family.id), 9, 0));
    assert_eq!(claims.exp.since(claims.iat), Duration::from_mins(15));
    assert_eq!(family.rvs0, Sequence::new(7), "what came after the family began ends it");
}

#[test]
fn bounds_are_those_of_the_family_and_of_the_client_now() {
    let at_most = |most| Bounds::default().with(None, "refund_max".parse().unwrap(), Bound::AtMost(most));
    let bounded = |most| client(&["orders:*"], Reach::Bounded(at_most(most)));
    let family = begun(&bounded(200), "orders:read");
    for (now, expected) in [(100, 100), (200, 200), (500, 200)] {
        let claims = refreshed(&family, &bounded(now), &Request::default()).unwrap();
        assert_eq!(claims.bounds, at_most(expected), "{now}");
    }
    let unbounded = refreshed(&family, &client(&["orders:*"], everything()), &Request::default()).unwrap();
    assert_eq!(unbounded.bounds, at_most(200));
}

#[test]
fn what_a_family_is_bound_to_its_tokens_are_and_another_key_binds_one_token_alone() {
    let client = client(&["orders:*"], everything());
    let (bound, other) = (Confirmation::DpopKey([1; 32]), Confirmation::DpopKey([2; 32]));
    let free = begun(&client, "orders:read");
    let family = Family { cnf: Some(bound.clone()), ..free.clone() };
    let with = |cnf| Request { cnf: Some(cnf), ..Request::default() };
    assert_eq!(refreshed(&family, &client, &with(&bound)).unwrap().cnf, Some(bound.clone()));
    assert_eq!(refreshed(&family, &client, &Request::default()).unwrap().cnf, Some(bound.clone()));
    assert_eq!(refreshed(&free, &client, &with(&other)).unwrap().cnf, Some(other));
    assert_eq!(refreshed(&free, &client, &Request::default()).unwrap().cnf, None);
}

#[test]
fn several_audiences_and_none_named_is_a_question() {
    let client = client(&["orders:*"], everything());
    let mut family = begun(&client, "orders:read");
    let more = family::Granted { audience: "https://other.example".into(), ..family.granted[0].clone() };
    family.granted.push(more);
    let asked = refreshed(&family, &client, &Request::default());
    assert!(matches!(asked, Err(GrantRefusal::ResourceRequired { .. })), "{asked:?}");
    let named = Request { resource: Some(SHOP), ..Request::default() };
    assert_eq!(refreshed(&family, &client, &named).unwrap().aud, SHOP);
}

#[test]
fn r13_a_scope_that_was_renamed_goes_on_under_both_names_within_the_bounds_of_the_family() {
    let before = r#"
        [product.bank]
        audience = "https://bank.example"
        [product.bank.resource.bills]
        axes = { amount = "number" }
        [product.bank.resource.bills.action.read]
        sentence = "Can view bills."
        owner = "bank"
        risk = "read"
    "#;
    let action = "risk = \"read\"\n        aliases = [\"bills:read\"]";
    let after =
        before.replace("bills.action", "invoices.action").replace("resource.bills]", "resource.invoices]");
    let after = after.replace("risk = \"read\"", action);
    let [before, after] = [before, &after].map(|text| Catalog::parse(text, "catalog.toml").unwrap());
    let at_most = |scope: Option<&str>, most| {
        let scope = scope.map(|scope| scope.parse().unwrap());
        Bounds::default().with(scope, "amount".parse().unwrap(), Bound::AtMost(most))
    };
    let bounded = |reach| {
        let mut client = client(&["bills:read"], Reach::Bounded(reach));
        client.grants[0].audience = "https://bank.example".to_owned();
        client
    };
    let (then, now) = (bounded(at_most(Some("bills:read"), 10)), bounded(at_most(None, 500)));
    let request = client_credentials::Request { scope: Some("bills:read"), ..Default::default() };
    let (jti, rvs) = (TokenId::from_bytes([1; 16]), Sequence::new(7));
    let first = client_credentials::decide(&request, &then, &before, &settings(), NOW, jti, rvs).unwrap();
    let id = FamilyId::from_bytes([9; 16]);
    let family = Family::begin(id, &first.claims, &Refresh::default(), then.expires_at);
    for (asked, scope) in [
        (Request::default(), "bills:read invoices:read"),
        (asks("bills:read"), "bills:read invoices:read"),
        (asks("invoices:read"), "invoices:read"),
    ] {
        let at = At { now: NOW, jti, rvs };
        let claims = decide(&asked, &family, &now, &after, &settings(), at).unwrap().claims;
        let mut names: Vec<&str> = claims.scope.iter().collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), scope);
        for name in names {
            let name: chancery_token::Scope = name.parse().unwrap();
            let bound = claims.bounds.iter().find(|(of, ..)| *of == Some(&name)).map(|(_, _, bound)| bound);
            assert_eq!(bound, Some(&Bound::AtMost(10)), "the family never widens, whatever it is called");
        }
    }
}

proptest! {
    #[test]
    fn no_refresh_gives_more_than_the_family_has_and_the_client_holds(
        began in proptest::sample::subsequence(vec!["orders:read", "orders:refund", "tickets:read"], 1..=3),
        holds in proptest::sample::subsequence(vec!["orders:read", "orders:refund", "tickets:read"], 0..=3),
        asked in proptest::sample::subsequence(vec!["orders:read", "orders:refund", "tickets:read"], 0..=3),
    ) {
        let all = client(&["orders:*", "tickets:*"], everything());
        let family = begun(&all, &began.join(" "));
        let now = client(&holds, everything());
        let asked = asked.join(" ");
        let request = if asked.is_empty() { Request::default() } else { asks(&asked) };
        if let Ok(claims) = refreshed(&family, &now, &request) {
            for scope in claims.scope.as_str().split(' ') {
                prop_assert!(began.contains(&scope) && holds.contains(&scope), "{scope}");
                prop_assert!(asked.is_empty() || asked.split(' ').any(|it| it == scope), "{scope}");
            }
        }
    }
}
