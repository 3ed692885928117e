use super::*;

/// The `bounds` of a token, as JSON.
fn bounds(held: &str, scope: &str) -> String {
    let mut bot = client(&[(SHOP, "orders:*"), (SHOP, "tickets:*"), (SHOP, "shared:read")]);
    bot.reach = Reach::Bounded(serde_json::from_str(held).unwrap());
    match decided(ask(scope, ""), &bot, &catalog()) {
        Ok(granted) => serde_json::to_string(&granted.claims.bounds).unwrap(),
        Err(refusal) => refusal.reason().to_owned(),
    }
}

#[test]
fn r20_a_bound_stands_where_the_records_know_its_axis() {
    for (held, scope, expected) in [
        // every granted scope's resource declares the axis: the bound is general
        (r#"{"region":["eu"]}"#, "orders:read tickets:read", r#"{"region":["eu"]}"#),
        (r#"{"region":["eu"],"refund_max":200}"#, "orders:refund", r#"{"refund_max":200,"region":["eu"]}"#),
        // one does not: the bound goes to those that do
        (r#"{"region":["eu"]}"#, "orders:read shared:read", r#"{"orders:read":{"region":["eu"]}}"#),
        (
            r#"{"region":["eu"],"refund_max":200}"#,
            "orders:refund tickets:write",
            r#"{"region":["eu"],"orders:refund":{"refund_max":200}}"#,
        ),
        // none does
        (r#"{"region":["eu"]}"#, "shared:read", "{}"),
        // a bound of one scope stays with it, and goes when the scope was not granted
        (
            r#"{"orders:refund":{"refund_max":200}}"#,
            "orders:refund",
            r#"{"orders:refund":{"refund_max":200}}"#,
        ),
        (r#"{"orders:refund":{"refund_max":200}}"#, "orders:read", "{}"),
        // both hold where both are
        (
            r#"{"region":["eu-*"],"orders:read":{"region":["eu-1"]}}"#,
            "orders:read tickets:read",
            r#"{"region":["eu-*"],"orders:read":{"region":["eu-1"]}}"#,
        ),
        (
            r#"{"region":["eu-*","us"],"orders:read":{"region":["eu-1","eu-2","ap"]}}"#,
            "orders:read shared:read",
            r#"{"orders:read":{"region":["eu-1","eu-2"]}}"#,
        ),
        (
            r#"{"region":["eu-1"],"orders:read":{"region":["eu*","e*"]}}"#,
            "orders:read shared:read",
            r#"{"orders:read":{"region":["eu-1"]}}"#,
        ),
        (
            r#"{"refund_max":200,"orders:refund":{"refund_max":50}}"#,
            "orders:refund tickets:write",
            r#"{"orders:refund":{"refund_max":50}}"#,
        ),
        (
            r#"{"region":["eu"],"orders:read":{"region":["us"]}}"#,
            "orders:read shared:read",
            "bounds_contradict",
        ),
        (r#"{"region":["eu"],"orders:read":{"region":5}}"#, "orders:read shared:read", "bounds_contradict"),
        ("{}", "orders:read", "{}"),
        // the catalog dropped the axis after the client was registered: nothing widens in silence
        (r#"{"colour":["red"]}"#, "orders:read", "bound_undeclared"),
        (r#"{"region":["eu"],"orders:refund":{"colour":["red"]}}"#, "orders:read", "bound_undeclared"),
    ] {
        assert_eq!(bounds(held, scope), expected, "{held} for {scope}");
    }
}

#[test]
fn r22_unbounded_is_written_in_the_client_and_leaves_the_claim_empty() {
    let bot = client(&[(SHOP, "orders:read")]);
    assert!(decided(ask("", ""), &bot, &catalog()).unwrap().claims.bounds.is_empty());
}

#[test]
fn r_6_1_a_token_over_four_kib_names_its_largest_claim() {
    let values: Vec<String> =
        (0..90).map(|n| format!("\"region-of-some-length-number-{n:03}-of-many\"")).collect();
    let mut bot = client(&[(SHOP, "orders:read")]);
    bot.reach =
        Reach::Bounded(serde_json::from_str(&format!("{{\"region\":[{}]}}", values.join(","))).unwrap());
    let catalog = catalog();
    let claims = decided(ask("", ""), &bot, &catalog).unwrap().claims;
    let key = chancery_token::SecretKey::from_seed(&[1; 32]);
    let kid = chancery_token::jwk::thumbprint(&key.public());
    let signer = std::sync::Arc::new(key.named(kid));
    let signer = chancery_token::TokenSigner::jwt(signer, chancery_token::AlgorithmName::EdDsa);
    let refused = signer.sign(&claims).unwrap_err();
    assert_eq!(refused.claim, "bounds");
    assert!(refused.bytes > 4096 && refused.claim_bytes > 3000, "{refused}");
}
