use super::*;
use crate::grant::MAX_REQUESTED_SCOPES;

#[test]
fn r_5_3_each_refused_scope_is_named_with_its_fault_and_none_is_granted() {
    let bot = client(&[(SHOP, "orders:read"), (DOCS, "account:administer")]);
    let found = refused(
        &bot,
        "orders:read orders:refund orders:* nope:read Orders:Read pages:update account:administer",
        "",
    );
    let expected = [
        ("orders:refund", WhyRefused::NotGranted),
        ("orders:*", WhyRefused::Wildcard),
        ("nope:read", WhyRefused::Unknown),
        ("Orders:Read", WhyRefused::Malformed),
        ("pages:update", WhyRefused::NotGranted),
        ("account:administer", WhyRefused::AdminOnly),
    ];
    assert_eq!(found, expected.map(|(scope, why)| (scope.to_owned(), why)));
    let named = refused(&bot, "pages:update orders:read", SHOP);
    assert_eq!(named, [("pages:update".to_owned(), WhyRefused::OtherResource)]);
}

#[test]
fn r_5_3_the_description_names_each_refused_scope() {
    let bot = client(&[(SHOP, "orders:read")]);
    let refusal = decided(ask("orders:refund nope:read", ""), &bot, &catalog()).unwrap_err();
    let text = refusal.to_string();
    assert_eq!(text, "refused scopes: orders:refund is not granted to the client; nope:read is unknown");
}

#[test]
fn scopes_are_separated_by_single_spaces() {
    let bot = client(&[(SHOP, "orders:*")]);
    for request in
        [" orders:read", "orders:read ", "orders:read  orders:refund", "orders:read\torders:refund"]
    {
        assert!(
            refused(&bot, request, "").iter().all(|(_, why)| *why == WhyRefused::Malformed),
            "{request:?}"
        );
    }
    assert_eq!(refused(&bot, "orders:read\norders:refund", "").len(), 1);
}

#[test]
fn r08_a_text_that_may_be_a_credential_is_never_repeated() {
    let bot = client(&[(SHOP, "orders:*")]);
    let secret = format!("chs_test_{}", "Ab1-".repeat(12));
    let token = format!("eyJ{}", "a".repeat(30));
    for text in
        [&*secret, "chs_test_cut", &*token, "v4.public.abc", "a\"b", "a\\b", "ü:read", &*"x".repeat(41)]
    {
        let refusal = decided(ask(&format!("orders:read {text}"), ""), &bot, &catalog()).unwrap_err();
        let said = format!("{refusal} {refusal:?}");
        assert!(!said.contains(text) && refusal.to_string().contains("number 2"), "{said}");
    }
}

#[test]
fn so_many_scopes_fit_no_token() {
    let bot = client(&[(SHOP, "orders:*")]);
    let many = |count| vec!["orders:read"; count].join(" ");
    assert_eq!(outcome(&bot, &many(MAX_REQUESTED_SCOPES), ""), format!("{SHOP} orders:read"));
    assert_eq!(outcome(&bot, &many(MAX_REQUESTED_SCOPES + 1), ""), "too_many_scopes");
}

#[test]
fn r15_administrative_scopes_go_to_admin_clients_in_tokens_of_their_own() {
    let mut admin = client(&[(DOCS, "account:administer"), (DOCS, "shared:read")]);
    assert_eq!(
        refused(&admin, "account:administer", ""),
        [("account:administer".to_owned(), WhyRefused::AdminOnly)]
    );
    admin.kind = ClientKind::Admin;
    assert_eq!(outcome(&admin, "account:administer", ""), format!("{DOCS} account:administer"));
    assert_eq!(outcome(&admin, "account:administer shared:read", ""), "admin_scope_mixed");
}

#[test]
fn r20_a_token_names_one_tenant_of_those_that_the_client_serves() {
    let catalog = catalog();
    let mut bot = client(&[(SHOP, "orders:read")]);
    let with = |tenants: &[&str], bot: &mut Client, asked: Option<&str>| {
        bot.tenants = tenants.iter().map(|tenant| tenant.parse().unwrap()).collect();
        let request = Request { tenant: asked, ..ask("", "") };
        match decided(request, bot, &catalog) {
            Ok(granted) => granted.claims.tenant.to_string(),
            Err(refusal) => refusal.reason().to_owned(),
        }
    };
    for (tenants, asked, expected) in [
        (&["acme"][..], None, "acme"),
        (&["acme"], Some("acme"), "acme"),
        (&["acme"], Some("other"), "tenant_not_allowed"),
        (&["acme"], Some("Acme"), "tenant_not_allowed"),
        (&["acme", "umbrella"], Some("umbrella"), "umbrella"),
        (&["acme", "umbrella"], None, "tenant_required"),
        (&["acme", "umbrella"], Some("*"), "tenant_not_allowed"),
        (&[], None, "tenant_required"),
    ] {
        assert_eq!(with(tenants, &mut bot, asked), expected, "{tenants:?} {asked:?}");
    }
}

#[test]
fn r04_an_expired_or_disabled_client_gets_nothing() {
    let mut bot = client(&[(SHOP, "orders:read")]);
    bot.expires_at = NOW;
    assert_eq!(outcome(&bot, "", ""), "client_expired");
    bot.expires_at = NOW.plus(Duration::from_secs(1));
    assert_eq!(outcome(&bot, "", ""), format!("{SHOP} orders:read"));
    let off = bot.disable(NOW, "leaked", crate::client::DisabledBy::Tenant);
    assert_eq!(outcome(&off, "", ""), "client_disabled");
}
