use super::*;
use crate::client::DisabledBy;

fn refused(request: &Request<'_>, from: &Claims, client: &Client) -> &'static str {
    exchanged(request, from, client).unwrap_err().reason()
}

#[test]
fn whoever_is_not_listed_is_refused_before_anything_else_is_looked_at() {
    let other = client("other", &["orders:*"], &[]);
    let elsewhere = Request { audience: Some("https://elsewhere.example"), ..asking("orders:burn") };
    assert_eq!(refused(&elsewhere, &subject_token(), &other), "delegation_not_allowed");
    let refusal = exchanged(&Request::default(), &subject_token(), &other).unwrap_err();
    assert_eq!(refusal.error(), "unauthorized_client");
}

#[test]
fn neither_client_may_be_switched_off_or_over() {
    let disabled = ClientState::Disabled { at: NOW, reason: "Tests.".into(), by: DisabledBy::Operator };
    let off = Client { state: disabled.clone(), ..worker() };
    assert_eq!(refused(&Request::default(), &subject_token(), &off), "client_disabled");
    let parents = [Client { state: disabled, ..planner() }, Client { expires_at: NOW, ..planner() }];
    for planner in parents {
        let from = subject_token();
        let parent = Parent { claims: &from, client: &planner, family: None };
        let answer = decided(&Request::default(), &parent, &worker(), at(9));
        assert_eq!(answer.unwrap_err(), ExchangeRefusal::ParentClientOver);
    }
}

#[test]
fn audience_resource_and_tenant_are_those_of_the_subject_token() {
    let same =
        Request { audience: Some(SHOP), resource: Some(SHOP), tenant: Some("acme"), ..Request::default() };
    assert!(exchanged(&same, &subject_token(), &worker()).is_ok());
    let docs = Some("https://docs.example");
    for request in [Request { audience: docs, ..same }, Request { resource: docs, ..same }] {
        let refusal = exchanged(&request, &subject_token(), &worker()).unwrap_err();
        assert_eq!(refusal.reason(), "target_not_of_subject_token");
        assert_eq!(refusal.error(), "invalid_target");
    }
    let umbrella = Request { tenant: Some("umbrella"), ..same };
    assert_eq!(refused(&umbrella, &subject_token(), &worker()), "tenant_not_of_subject_token");
    let elsewhere = Client { tenants: vec!["umbrella".parse().unwrap()], ..worker() };
    assert_eq!(refused(&same, &subject_token(), &elsewhere), "tenant_not_allowed");
    let dropped = Claims { aud: "https://gone.example".into(), ..subject_token() };
    assert_eq!(refused(&Request::default(), &dropped, &worker()), "subject_token_target_unknown");
}

#[test]
fn r15_administration_is_not_handed_on() {
    let catalog = catalog().served_by("https://auth.example").unwrap();
    let product = catalog.products().iter().find(|product| product.is_administration()).unwrap();
    let from = Claims { aud: product.audience().to_owned(), ..subject_token() };
    let planner = planner();
    let parent = Parent { claims: &from, client: &planner, family: None };
    let answer = decide(&Request::default(), &parent, &worker(), &catalog, &settings(), at(9));
    assert_eq!(answer.unwrap_err(), ExchangeRefusal::Administration);
}

#[test]
fn a_token_that_holds_nothing_of_the_clients_own_is_refused() {
    let stranger = client("worker", &["shared:read"], &[]);
    let refusal = exchanged(&Request::default(), &subject_token(), &stranger).unwrap_err();
    assert_eq!(refusal.reason(), "scopes_refused");
    assert!(refusal.to_string().contains("orders:read is not granted to the client"), "{refusal}");
}
