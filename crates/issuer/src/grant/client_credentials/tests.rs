//! One table per rule. The catalog has two products that share words, as products of one company do.

mod bounds;
mod refusals;
mod renamed;

use super::{Request, decide};
use crate::client::{Client, ClientKind, ClientState, Grant, Reach};
use crate::grant::{GrantRefusal, Granted, Settings, WhyRefused};
use chancery_catalog::Catalog;
use chancery_revocation::Sequence;
use chancery_token::{Environment, Everything, ScopePattern, TokenId, UnixTime};
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const SHOP: &str = "https://shop.example";
const DOCS: &str = "https://docs.example";

fn catalog() -> Catalog {
    Catalog::parse(include_str!("tests/catalog.toml"), "catalog.toml").unwrap()
}

fn grants(held: &[(&str, &str)]) -> Vec<Grant> {
    let grant = |(audience, scope): &(&str, &str)| Grant {
        audience: (*audience).to_owned(),
        scope: ScopePattern::parse(scope, Everything::Refuse).unwrap(),
        reason: "It needs this.".into(),
        unbounded: None,
    };
    held.iter().map(grant).collect()
}

fn client(held: &[(&str, &str)]) -> Client {
    Client {
        id: "bot".parse().unwrap(),
        name: "Bot".into(),
        purpose: "Tests".into(),
        owner: "team".into(),
        kind: ClientKind::Service,
        tenants: vec!["acme".parse().unwrap()],
        grants: grants(held),
        reach: Reach::Unbounded { reason: "Tests see everything.".into() },
        lifetime: Duration::from_mins(15),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(24)),
        state: ClientState::Active,
        secrets: Vec::new(),
        authentication: crate::client::Authentication::default(),
        keys: Vec::new(),
        dpop: crate::client::DpopPolicy::default(),
        refresh: None,
        may_delegate_to: Vec::new(),
        owes_entry: None,
    }
}

fn settings() -> Settings {
    Settings {
        issuer: "https://auth.example".into(),
        environment: Environment::Test,
        max_lifetime: Duration::from_hours(1),
    }
}

fn ask<'r>(scope: &'r str, resource: &'r str) -> Request<'r> {
    let given = |text: &'r str| (!text.is_empty()).then_some(text);
    Request { scope: given(scope), resource: given(resource), tenant: None, cnf: None }
}

fn decided<'c>(
    request: Request<'_>,
    client: &Client,
    catalog: &'c Catalog,
) -> Result<Granted<'c>, GrantRefusal> {
    decide(&request, client, catalog, &settings(), NOW, TokenId::from_bytes([7; 16]), Sequence::new(42))
}

/// `aud scope` of a yes, `reason` of a no.
fn outcome(client: &Client, scope: &str, resource: &str) -> String {
    match decided(ask(scope, resource), client, &catalog()) {
        Ok(granted) => format!("{} {}", granted.claims.aud, granted.claims.scope),
        Err(refusal) => refusal.reason().to_owned(),
    }
}

#[test]
fn r02_a_token_holds_what_was_asked_for_and_granted_and_names_issuer_and_audience() {
    let catalog = catalog();
    let client = client(&[(SHOP, "orders:read"), (SHOP, "tickets:write"), (SHOP, "orders:refund")]);
    let granted = decided(ask("tickets:write orders:read", SHOP), &client, &catalog).unwrap();
    let claims = granted.claims;
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("https://auth.example", SHOP));
    assert_eq!(claims.scope.as_str(), "tickets:write orders:read");
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), ("bot", "bot"));
    assert_eq!((claims.iat, claims.exp), (NOW, NOW.plus(Duration::from_mins(15))));
    assert_eq!((claims.jti, claims.rvs), (TokenId::from_bytes([7; 16]), 42));
    assert_eq!((claims.tenant.as_str(), claims.env), ("acme", Environment::Test));
    assert_eq!((claims.nbf, claims.sid, claims.cnf), (None, None, None));
    assert!(claims.act.is_empty() && claims.anc.is_empty() && claims.bounds.is_empty());
    assert_eq!(granted.product.name(), "shop");
}

#[test]
fn r03_whoever_names_no_scope_gets_the_read_scopes_it_holds_and_nothing_else() {
    let reader = client(&[(SHOP, "orders:*"), (SHOP, "tickets:write"), (SHOP, "shared:read")]);
    assert_eq!(outcome(&reader, "", ""), format!("{SHOP} orders:read shared:read"));
    assert_eq!(outcome(&reader, "", SHOP), format!("{SHOP} orders:read shared:read"));
    let writer = client(&[(SHOP, "tickets:write")]);
    assert_eq!(outcome(&writer, "", ""), "scope_required");
}

#[test]
fn r_6_2_the_scopes_of_a_request_are_those_of_the_token_and_one_tenant_is_in_it() {
    let mut several = client(&[(SHOP, "orders:*"), (SHOP, "tickets:*")]);
    several.tenants = vec!["acme".parse().unwrap(), "umbrella".parse().unwrap()];
    let catalog = catalog();
    let request = Request { tenant: Some("umbrella"), ..ask("orders:read", "") };
    let claims = decided(request, &several, &catalog).unwrap().claims;
    assert_eq!((claims.scope.as_str(), claims.tenant.as_str()), ("orders:read", "umbrella"));
}

#[test]
fn r_5_5_the_audience_is_one_that_the_client_holds_byte_for_byte() {
    let both =
        client(&[(SHOP, "orders:*"), (DOCS, "pages:update"), (SHOP, "shared:read"), (DOCS, "shared:read")]);
    let shop_only = client(&[(SHOP, "orders:*")]);
    for (client, scope, resource, expected) in [
        // one resource, named
        (&both, "orders:read", SHOP, format!("{SHOP} orders:read")),
        (&both, "shared:read", DOCS, format!("{DOCS} shared:read")),
        (&both, "", DOCS, format!("{DOCS} shared:read")),
        // not named, but implied by the scopes
        (&both, "orders:read", "", format!("{SHOP} orders:read")),
        (&both, "pages:update shared:read", "", format!("{DOCS} pages:update shared:read")),
        (&shop_only, "orders:read orders:refund", "", format!("{SHOP} orders:read orders:refund")),
        // not named and not implied
        (&both, "shared:read", "", "resource_required".into()),
        (&both, "", "", "resource_required".into()),
        // across resources
        (&both, "orders:read pages:update", "", "scopes_span_resources".into()),
        (&both, "orders:read pages:update", SHOP, "scopes_refused".into()),
        // another spelling is another resource
        (&both, "orders:read", "https://shop.example/", "resource_not_granted".into()),
        (&both, "orders:read", "HTTPS://shop.example", "resource_not_granted".into()),
        (&both, "orders:read", "https://auth.example", "resource_not_granted".into()),
        (&shop_only, "", DOCS, "resource_not_granted".into()),
        (&shop_only, "pages:update", "", "scopes_refused".into()),
        (&client(&[]), "", "", "nothing_granted".into()),
        (&client(&[("https://gone.example", "orders:read")]), "orders:read", "", "nothing_granted".into()),
    ] {
        assert_eq!(outcome(client, scope, resource), expected, "scope={scope} resource={resource}");
    }
}

#[test]
fn r05_the_shortest_of_all_lifetimes_wins() {
    let catalog = catalog();
    let lifetime = |client: &Client, scope: &str, longest: u64| {
        let settings = Settings { max_lifetime: Duration::from_secs(longest), ..settings() };
        let request = ask(scope, "");
        let jti = TokenId::from_bytes([0; 16]);
        let granted = decide(&request, client, &catalog, &settings, NOW, jti, Sequence::new(0)).unwrap();
        granted.claims.exp.since(NOW).as_secs()
    };
    let mut shop = client(&[(SHOP, "orders:*")]);
    assert_eq!(lifetime(&shop, "orders:read", 3600), 900);
    assert_eq!(lifetime(&shop, "orders:read", 600), 600);
    assert_eq!(lifetime(&shop, "orders:read orders:refund", 3600), 120);
    shop.lifetime = Duration::from_mins(1);
    assert_eq!(lifetime(&shop, "orders:refund", 3600), 60);
    let mut docs = client(&[(DOCS, "pages:update"), (DOCS, "account:administer")]);
    assert_eq!(lifetime(&docs, "pages:update", 3600), 600);
    docs.kind = ClientKind::Admin;
    assert_eq!(lifetime(&docs, "account:administer", 3600), 300);
    docs.expires_at = NOW.plus(Duration::from_secs(30));
    assert_eq!(lifetime(&docs, "pages:update", 3600), 30, "a token never outlives its client");
}

#[test]
fn r06_the_grants_of_a_client_are_read_again_for_every_token() {
    let mut bot = client(&[(SHOP, "orders:*")]);
    assert_eq!(outcome(&bot, "orders:refund", ""), format!("{SHOP} orders:refund"));
    bot.grants = grants(&[(SHOP, "orders:read")]);
    assert_eq!(outcome(&bot, "orders:refund", ""), "scopes_refused");
    bot.grants = grants(&[(SHOP, "orders:read"), (SHOP, "tickets:write")]);
    assert_eq!(outcome(&bot, "tickets:write", ""), format!("{SHOP} tickets:write"));
}

#[test]
fn a_scope_that_is_asked_for_twice_stands_in_the_token_once() {
    assert_eq!(
        outcome(&client(&[(SHOP, "orders:*")]), "orders:read orders:read", ""),
        format!("{SHOP} orders:read")
    );
}

/// The refused scopes of a request, as `scope why`.
fn refused(client: &Client, scope: &str, resource: &str) -> Vec<(String, WhyRefused)> {
    match decided(ask(scope, resource), client, &catalog()) {
        Err(GrantRefusal::ScopesRefused { refused }) => refused
            .into_iter()
            .map(|one| (one.scope.unwrap_or_else(|| format!("#{}", one.position)), one.why))
            .collect(),
        other => panic!("{other:?}"),
    }
}
