//! One agent hands its token to another, over the catalog of the client-credentials tests.

mod chains;
mod families;
mod own;
mod refusals;

use super::{At, Begin, ExchangeRefusal, Exchanged, Parent, Request, decide};
use crate::client::{Authentication, Client, ClientKind, ClientState, DpopPolicy, Grant, Reach, Refresh};
use crate::family::{Family, FamilyState, Generation, Granted, Rotations};
use crate::grant::Settings;
use chancery_catalog::Catalog;
use chancery_revocation::Sequence;
use chancery_token::bounds::Bound;
use chancery_token::{
    Bounds, Claims, Confirmation, Environment, Everything, FamilyId, ScopePattern, ScopeSet, TokenId,
    UnixTime,
};
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const SHOP: &str = "https://shop.example";
const KEY: Confirmation = Confirmation::DpopKey([5; 32]);

fn catalog() -> Catalog {
    Catalog::parse(include_str!("../client_credentials/tests/catalog.toml"), "catalog.toml").unwrap()
}

fn client(id: &str, scopes: &[&str], delegates: &[&str]) -> Client {
    let grant = |scope: &&str| Grant {
        audience: SHOP.to_owned(),
        scope: ScopePattern::parse(scope, Everything::Refuse).unwrap(),
        reason: "It needs this.".into(),
        unbounded: None,
    };
    Client {
        id: id.parse().unwrap(),
        name: id.into(),
        purpose: "Tests".into(),
        owner: "team".into(),
        kind: ClientKind::Agent,
        tenants: vec!["acme".parse().unwrap()],
        grants: scopes.iter().map(grant).collect(),
        reach: Reach::Unbounded { reason: "Tests see everything.".into() },
        lifetime: Duration::from_mins(15),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(24 * 365)),
        state: ClientState::Active,
        secrets: Vec::new(),
        authentication: Authentication::default(),
        keys: Vec::new(),
        dpop: DpopPolicy::default(),
        refresh: Some(Refresh::default()),
        may_delegate_to: delegates.iter().map(|id| id.parse().unwrap()).collect(),
        owes_entry: None,
    }
}

fn planner() -> Client {
    client("planner", &["orders:*", "tickets:*"], &["worker"])
}

fn worker() -> Client {
    client("worker", &["orders:read", "tickets:*", "shared:read"], &["helper"])
}

/// A token of `planner` for itself.
fn subject_token() -> Claims {
    Claims {
        iss: "https://auth.example".into(),
        aud: SHOP.into(),
        sub: "planner".parse().unwrap(),
        client_id: "planner".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(Duration::from_mins(10)),
        nbf: None,
        jti: TokenId::from_bytes([1; 16]),
        scope: ScopeSet::parse("orders:read orders:refund tickets:read").unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: Bounds::default(),
        sid: Some(FamilyId::from_bytes([2; 16])),
        rvs: 42,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Test,
    }
}

/// The family that it comes from.
fn family() -> Family {
    Family {
        id: FamilyId::from_bytes([2; 16]),
        client: "planner".parse().unwrap(),
        tenant: "acme".parse().unwrap(),
        sub: None,
        act: Vec::new(),
        ancestors: Vec::new(),
        granted: vec![Granted { audience: SHOP.into(), scopes: subject_token().scope }],
        bounds: Bounds::default(),
        cnf: None,
        rvs0: Sequence::new(40),
        created_at: NOW,
        absolute_end: NOW.plus(Duration::from_hours(24 * 7)),
        idle: Duration::from_hours(24),
        idle_end: NOW.plus(Duration::from_hours(24)),
        generation: Generation(0),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
    }
}

fn at(number: u8) -> At {
    At { now: NOW, jti: TokenId::from_bytes([number; 16]), rvs: Sequence::new(43) }
}

fn settings() -> Settings {
    Settings {
        issuer: "https://auth.example".into(),
        environment: Environment::Test,
        max_lifetime: Duration::from_hours(1),
    }
}

/// What `client` gets for `from`, a token of `planner`.
fn exchanged(
    request: &Request<'_>,
    from: &Claims,
    client: &Client,
) -> Result<(Claims, Option<Box<Family>>), ExchangeRefusal> {
    let (planner, family) = (planner(), family());
    decided(request, &Parent { claims: from, client: &planner, family: Some(&family) }, client, at(9))
}

fn decided(
    request: &Request<'_>,
    parent: &Parent<'_>,
    client: &Client,
    at: At,
) -> Result<(Claims, Option<Box<Family>>), ExchangeRefusal> {
    let catalog = catalog();
    let Exchanged { granted, begins } = decide(request, parent, client, &catalog, &settings(), at)?;
    Ok((granted.claims, begins))
}

fn asking(scope: &str) -> Request<'_> {
    Request { scope: Some(scope), ..Request::default() }
}

fn region(name: &str) -> Bounds {
    Bounds::default().with(None, "region".parse().unwrap(), Bound::AnyOf(vec![name.parse().unwrap()]))
}

#[test]
fn the_new_token_speaks_for_the_same_and_says_who_acts_and_where_it_comes_from() {
    let (from, worker) = (subject_token(), worker());
    let (claims, begins) = exchanged(&Request::default(), &from, &worker).unwrap();
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), ("planner", "worker"));
    assert_eq!(claims.act, ["worker".parse().unwrap()]);
    assert_eq!((claims.sid, claims.anc.as_slice()), (from.sid, [from.jti].as_slice()));
    assert_eq!((claims.aud, claims.tenant), (from.aud, from.tenant));
    assert_eq!((claims.iat, claims.exp, claims.rvs), (NOW, from.exp, 43));
    assert_eq!((claims.jti, claims.cnf, begins), (TokenId::from_bytes([9; 16]), None, None));
    // What both have: the refund is not the worker's, the shared reading not the token's.
    assert_eq!(claims.scope.as_str(), "orders:read tickets:read");
}

#[test]
fn a_scope_is_had_where_the_token_and_the_client_both_have_it() {
    let refused = |scope| exchanged(&asking(scope), &subject_token(), &worker()).unwrap_err();
    let (claims, _) = exchanged(&asking("tickets:read"), &subject_token(), &worker()).unwrap();
    assert_eq!(claims.scope.as_str(), "tickets:read");
    for (scope, why) in [
        ("tickets:read shared:read", "shared:read is not in what the token comes from"),
        ("tickets:write", "tickets:write is not in what the token comes from"),
        ("orders:refund", "orders:refund is not granted to the client"),
        ("orders:burn", "orders:burn is unknown"),
    ] {
        let refusal = refused(scope);
        assert_eq!(refusal.reason(), "scopes_refused");
        assert_eq!(refusal.to_string(), format!("refused scopes: {why}"));
    }
}

#[test]
fn both_bounds_hold_and_what_they_exclude_between_them_is_refused() {
    let from = Claims { bounds: region("eu*"), ..subject_token() };
    let mut worker = worker();
    worker.reach = Reach::Bounded(region("eu-west"));
    let (claims, _) = exchanged(&asking("tickets:read"), &from, &worker).unwrap();
    assert_eq!(claims.bounds, region("eu-west"));
    worker.reach = Reach::Unbounded { reason: "Tests.".into() };
    let (claims, _) = exchanged(&asking("tickets:read"), &from, &worker).unwrap();
    assert_eq!(claims.bounds, region("eu*"));
    worker.reach = Reach::Bounded(region("us"));
    let refusal = exchanged(&asking("tickets:read"), &from, &worker).unwrap_err();
    assert_eq!(refusal.reason(), "bounds_contradict");
}

#[test]
fn no_lifetime_is_longer_than_any_that_somebody_set() {
    let until = |from: &Claims, client: &Client| {
        exchanged(&Request::default(), from, client).unwrap().0.exp.since(NOW)
    };
    let long = Claims { exp: NOW.plus(Duration::from_hours(1)), ..subject_token() };
    assert_eq!(until(&long, &worker()), Duration::from_mins(15));
    let brief = Claims { exp: NOW.plus(Duration::from_secs(7)), ..subject_token() };
    assert_eq!(until(&brief, &worker()), Duration::from_secs(7));
    let ends = Client { expires_at: NOW.plus(Duration::from_secs(3)), ..worker() };
    assert_eq!(until(&long, &ends), Duration::from_secs(3));
}

#[test]
fn what_is_bound_to_a_key_stays_bound_to_it() {
    let bound = Claims { cnf: Some(KEY), ..subject_token() };
    let with = |cnf| Request { cnf, ..Request::default() };
    assert_eq!(exchanged(&with(Some(&KEY)), &bound, &worker()).unwrap().0.cnf, Some(KEY));
    let other = Confirmation::DpopKey([6; 32]);
    for proved in [None, Some(&other)] {
        let refusal = exchanged(&with(proved), &bound, &worker()).unwrap_err();
        assert_eq!(refusal, ExchangeRefusal::KeyNotProved);
    }
    // The client's own key binds what was not bound.
    assert_eq!(exchanged(&with(Some(&other)), &subject_token(), &worker()).unwrap().0.cnf, Some(other));
}
