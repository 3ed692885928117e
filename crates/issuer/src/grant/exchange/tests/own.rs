//! A client that narrows a token of its own, for what it starts itself.

use super::*;
use crate::client::DisabledBy;
use chancery_token::Subject;

/// What `planner` gets for `from`, a token of its own. It names nobody whom it delegates to.
fn narrowed(request: &Request<'_>, from: &Claims, planner: &Client) -> Result<Claims, ExchangeRefusal> {
    let parent = Parent { claims: from, client: planner, family: None };
    decided(request, &parent, planner, at(9)).map(|(claims, _)| claims)
}

fn alone() -> Client {
    Client { may_delegate_to: Vec::new(), ..planner() }
}

#[test]
fn a_client_exchanges_its_own_token_without_being_listed_and_adds_nobody_who_acts() {
    let from = Claims { bounds: region("eu"), ..subject_token() };
    let claims = narrowed(&asking("orders:read"), &from, &alone()).unwrap();
    assert_eq!((claims.scope.as_str(), &claims.bounds), ("orders:read", &from.bounds));
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), ("planner", "planner"));
    assert_eq!((claims.act.len(), claims.anc.as_slice()), (0, [from.jti].as_slice()));
    assert_eq!((claims.sid, claims.exp), (from.sid, from.exp));
    assert_eq!((&claims.aud, &claims.tenant), (&from.aud, &from.tenant));
}

#[test]
fn a_delegate_narrows_what_it_got_and_stands_in_the_chain_once() {
    let worker = Client { may_delegate_to: Vec::new(), ..worker() };
    let (own, _) = exchanged(&Request::default(), &subject_token(), &worker).unwrap();
    let parent = Parent { claims: &own, client: &worker, family: None };
    let (claims, _) = decided(&asking("tickets:read"), &parent, &worker, at(10)).unwrap();
    assert_eq!(
        (claims.sub.as_str(), claims.act.as_slice()),
        ("planner", ["worker".parse().unwrap()].as_slice())
    );
    assert_eq!(claims.anc, [own.jti, subject_token().jti]);
    // One that acts for a person is named the first time.
    let alice: Subject = "user:alice".parse().unwrap();
    let from = Claims { sub: alice.clone(), ..subject_token() };
    let first = narrowed(&Request::default(), &from, &alone()).unwrap();
    let second = narrowed(&Request::default(), &first, &alone()).unwrap();
    assert_eq!((&second.sub, second.act.as_slice()), (&alice, ["planner".parse().unwrap()].as_slice()));
}

#[test]
fn whose_token_it_is_its_client_id_says_and_nothing_else() {
    // The worker's, which speaks for the planner: to the planner that is another client's.
    let (from, _) = exchanged(&Request::default(), &subject_token(), &worker()).unwrap();
    let worker = worker();
    let parent = Parent { claims: &from, client: &worker, family: None };
    let refusal = decided(&Request::default(), &parent, &alone(), at(10)).unwrap_err();
    assert_eq!(refusal, ExchangeRefusal::NotListed);
}

#[test]
fn it_is_never_more_than_the_token_has_and_the_client_holds_now() {
    let reason = |from: &Claims, scope, client: &Client| {
        let refusal = narrowed(&asking(scope), from, client).unwrap_err();
        (refusal.reason(), refusal.to_string())
    };
    let beyond = "refused scopes: tickets:write is not in what the token comes from";
    assert_eq!(reason(&subject_token(), "tickets:write", &alone()), ("scopes_refused", beyond.to_owned()));
    let fewer = client("planner", &["tickets:*"], &[]);
    let lost = "refused scopes: orders:read is not granted to the client";
    assert_eq!(reason(&subject_token(), "orders:read", &fewer), ("scopes_refused", lost.to_owned()));
    assert_eq!(
        narrowed(&Request::default(), &subject_token(), &fewer).unwrap().scope.as_str(),
        "tickets:read"
    );
    let bounded = Client { reach: Reach::Bounded(region("us")), ..alone() };
    let from = Claims { bounds: region("eu"), ..subject_token() };
    assert_eq!(reason(&from, "tickets:read", &bounded).0, "bounds_contradict");
    let later = At { now: NOW.plus(Duration::from_mins(9)), ..at(9) };
    let (planner, from) = (alone(), subject_token());
    let parent = Parent { claims: &from, client: &planner, family: None };
    let (claims, _) = decided(&Request::default(), &parent, &planner, later).unwrap();
    assert_eq!(claims.exp, from.exp, "no lifetime begins anew");
}

#[test]
fn its_key_is_proved_as_anybody_proves_it() {
    let bound = Claims { cnf: Some(KEY), ..subject_token() };
    let with = |cnf| Request { cnf, ..Request::default() };
    let other = Confirmation::DpopKey([6; 32]);
    for proved in [None, Some(&other)] {
        let refusal = narrowed(&with(proved), &bound, &alone()).unwrap_err();
        assert_eq!(refusal, ExchangeRefusal::KeyNotProved);
    }
    assert_eq!(narrowed(&with(Some(&KEY)), &bound, &alone()).unwrap().cnf, Some(KEY));
}

#[test]
fn a_client_that_is_over_narrows_nothing() {
    let reason =
        |client: Client| narrowed(&Request::default(), &subject_token(), &client).unwrap_err().reason();
    let disabled = ClientState::Disabled { at: NOW, reason: "Tests.".into(), by: DisabledBy::Operator };
    assert_eq!(reason(Client { state: disabled, ..alone() }), "client_disabled");
    assert_eq!(reason(Client { expires_at: NOW, ..alone() }), "client_expired");
    let elsewhere = Client { tenants: vec!["umbrella".parse().unwrap()], ..alone() };
    assert_eq!(reason(elsewhere), "tenant_not_allowed");
}

#[test]
fn r15_an_administrator_does_not_narrow_its_own_token_either() {
    let catalog = catalog().served_by("https://auth.example").unwrap();
    let product = catalog.products().iter().find(|product| product.is_administration()).unwrap();
    let from = Claims { aud: product.audience().to_owned(), ..subject_token() };
    let root = Client { kind: ClientKind::Admin, ..alone() };
    let parent = Parent { claims: &from, client: &root, family: None };
    let answer = decide(&Request::default(), &parent, &root, &catalog, &settings(), at(9));
    assert_eq!(answer.unwrap_err(), ExchangeRefusal::Administration);
}
