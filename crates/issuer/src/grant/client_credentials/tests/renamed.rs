//! Scopes that were renamed, are about to end, or need somebody's approval.

use super::*;

const BILLS: &str = "https://bills.example";
/// The midnight after [`NOW`], which is one too.
const SUNSET: UnixTime = UnixTime::from_secs(1_795_305_600 + 86_400);

/// `bills:read` was renamed to `invoices:read`, reports end at the sunset, payouts need approval.
fn catalog() -> Catalog {
    Catalog::parse(include_str!("renamed.toml"), "renamed.toml").unwrap()
}

fn at(now: UnixTime, client: &Client, scope: &str) -> Result<chancery_token::Claims, GrantRefusal> {
    let (catalog, jti) = (catalog(), TokenId::from_bytes([0; 16]));
    let decided = decide(&ask(scope, ""), client, &catalog, &settings(), now, jti, Sequence::new(0));
    decided.map(|granted| granted.claims)
}

fn scopes(client: &Client, scope: &str) -> String {
    at(NOW, client, scope)
        .map_or_else(|refusal| refusal.reason().to_owned(), |claims| claims.scope.to_string())
}

fn why(now: UnixTime, client: &Client, scope: &str) -> WhyRefused {
    match at(now, client, scope).unwrap_err() {
        GrantRefusal::ScopesRefused { refused } => refused[0].why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn r13_whoever_holds_or_asks_by_either_name_gets_the_scope() {
    for held in ["invoices:read", "bills:read", "bills:*", "invoices:*", "*:read"] {
        let bot = client(&[(BILLS, held)]);
        for (asked, carried) in [
            ("invoices:read", "invoices:read"),
            // A service that enforces the older name still lets it pass.
            ("bills:read", "invoices:read bills:read"),
            // No service can enforce what is no scope.
            ("invoices.read", "invoices:read"),
            ("invoices:read bills:read invoices.read", "invoices:read bills:read"),
        ] {
            assert_eq!(scopes(&bot, asked), carried, "{held} {asked}");
        }
        let default = scopes(&bot, "");
        assert!(default.starts_with("invoices:read") && !default.contains("bills"), "{held} {default}");
    }
}

#[test]
fn r13_an_alias_opens_nothing_to_those_who_hold_neither_name() {
    let bot = client(&[(BILLS, "invoices:create")]);
    for asked in ["invoices:read", "bills:read", "invoices.read"] {
        assert_eq!(why(NOW, &bot, asked), WhyRefused::NotGranted, "{asked}");
    }
    assert_eq!(why(NOW, &bot, "bills:create"), WhyRefused::Unknown);
    assert_eq!(why(NOW, &bot, "invoices.create"), WhyRefused::Malformed);
    assert_eq!(scopes(&client(&[(BILLS, "bills:update")]), "invoices:read"), "scopes_refused");
}

#[test]
fn r13_a_bound_under_either_name_binds_every_name_in_the_token() {
    for bounded in ["bills:read", "invoices:read"] {
        let mut bot = client(&[(BILLS, "invoices:*")]);
        let bounds = format!("{{\"{bounded}\":{{\"region\":[\"eu\"]}}}}");
        bot.reach = Reach::Bounded(serde_json::from_str(&bounds).unwrap());
        let claims = at(NOW, &bot, "bills:read").unwrap();
        let written = serde_json::to_value(&claims.bounds).unwrap();
        let expected =
            serde_json::json!({ "bills:read": {"region": ["eu"]}, "invoices:read": {"region": ["eu"]} });
        assert_eq!(written, expected, "{bounded}");
        let written = serde_json::to_value(at(NOW, &bot, "invoices:read").unwrap().bounds).unwrap();
        assert_eq!(written, serde_json::json!({ "invoices:read": {"region": ["eu"]} }), "{bounded}");
    }
}

#[test]
fn r13_bounds_under_both_names_hold_together() {
    let mut bot = client(&[(BILLS, "invoices:*")]);
    let bound = |text: &str| Reach::Bounded(serde_json::from_str(text).unwrap());
    bot.reach = bound(r#"{"bills:read":{"region":["eu-*"]},"invoices:read":{"region":["eu-west","us"]}}"#);
    let written = serde_json::to_value(at(NOW, &bot, "").unwrap().bounds).unwrap();
    assert_eq!(written, serde_json::json!({ "invoices:read": {"region": ["eu-west"]} }));
    bot.reach = bound(r#"{"bills:read":{"region":["eu"]},"invoices:read":{"region":["us"]}}"#);
    assert_eq!(at(NOW, &bot, "").unwrap_err().reason(), "bounds_contradict");
}

#[test]
fn r06_a_bound_for_a_scope_that_the_catalog_dropped_does_not_vanish_in_silence() {
    let mut bot = client(&[(BILLS, "invoices:*")]);
    bot.reach = Reach::Bounded(serde_json::from_str(r#"{"receipts:read":{"region":["eu"]}}"#).unwrap());
    let refusal = at(NOW, &bot, "invoices:read").unwrap_err();
    assert_eq!(refusal.reason(), "bound_undeclared");
    assert!(refusal.to_string().contains("receipts:read/region"), "{refusal}");
}

#[test]
fn r13_a_retired_scope_is_in_no_token_from_its_sunset_on() {
    let mut bot = client(&[(BILLS, "*:read")]);
    bot.expires_at = SUNSET.plus(Duration::from_hours(1));
    let last = SUNSET.minus(Duration::from_secs(1));
    // A token does not outlive the scopes that it carries.
    let quarter = Duration::from_mins(15);
    assert_eq!(at(NOW, &bot, "reports:read").unwrap().exp, NOW.plus(quarter));
    assert_eq!(at(last, &bot, "reports:read").unwrap().exp, SUNSET);
    assert_eq!(at(last, &bot, "invoices:read").unwrap().exp, last.plus(quarter));
    assert_eq!(why(SUNSET, &bot, "reports:read"), WhyRefused::Retired);
    assert_eq!(at(last, &bot, "").unwrap().scope.as_str(), "invoices:read reports:read");
    assert_eq!(at(SUNSET, &bot, "").unwrap().scope.as_str(), "invoices:read");
    // Not even whoever lacks it is sent to ask for it.
    bot.grants = grants(&[(BILLS, "invoices:read")]);
    assert_eq!(why(SUNSET, &bot, "reports:read"), WhyRefused::Retired);
}

#[test]
fn r30_a_scope_that_demands_approval_is_refused_while_nobody_can_approve() {
    let bot = client(&[(BILLS, "payouts:*")]);
    assert_eq!(why(NOW, &bot, "payouts:read"), WhyRefused::ApprovalRequired);
    assert_eq!(why(NOW, &bot, "payouts:export"), WhyRefused::ApprovalRequired);
    assert_eq!(at(NOW, &bot, "").unwrap_err().reason(), "scope_required", "it is in no default set either");
    let text = at(NOW, &bot, "payouts:export").unwrap_err().to_string();
    assert_eq!(text, "refused scopes: payouts:export needs an approval that nobody has given");
    assert_eq!(why(NOW, &client(&[(BILLS, "invoices:read")]), "payouts:export"), WhyRefused::NotGranted);
}

#[test]
fn r15_the_administration_is_asked_for_like_every_product_by_admin_clients_alone() {
    let catalog = catalog().served_by("https://auth.example").unwrap();
    let mut admin = client(&[("https://auth.example/admin", "clients:read")]);
    let ask = ask("clients:read", "https://auth.example/admin");
    let refused = decided(ask, &admin, &catalog).unwrap_err();
    assert_eq!(refused.to_string(), "refused scopes: clients:read is for administrative clients only");
    admin.kind = ClientKind::Admin;
    let claims = decided(ask, &admin, &catalog).unwrap().claims;
    assert_eq!((claims.aud.as_str(), claims.scope.as_str()), ("https://auth.example/admin", "clients:read"));
    assert_eq!(claims.exp, NOW.plus(Duration::from_mins(5)));
}
