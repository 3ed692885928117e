mod final_form;
mod resource_servers;

use crate::{AxisKind, Catalog, Fault, Risk};
use chancery_token::{AlgorithmName, Format};
use std::time::Duration;

const DOCUMINT: &str = include_str!("../../../examples/src/documint/catalog.toml");

fn scope(extra: &str) -> String {
    format!(
        "[product.p]\naudience = \"https://p.example\"\n[product.p.resource.r.action.read]\nsentence = \"Can look.\"\nowner = \"o\"\nrisk = \"read\"\n{extra}"
    )
}

/// The faults of a text, as `line reason`.
fn faults(text: &str) -> Vec<String> {
    let errors = Catalog::parse(text, "c.toml").unwrap_err();
    errors.iter().map(|error| format!("{} {}", error.line, error.fault.reason())).collect()
}

#[test]
fn s1_documint_keeps_create_read_and_delete_apart_and_administration_in_a_resource_of_its_own() {
    let catalog = Catalog::parse(DOCUMINT, "catalog.toml").unwrap();
    let product = catalog.product("https://api.documint.example").unwrap();
    assert_eq!((product.name(), product.title(), product.format()), ("documint", "DocuMint", Format::Jwt));
    let risk = |scope: &str| product.scope(scope).unwrap().risk();
    assert_eq!(risk("invoices:create"), Risk::Write);
    assert_eq!(risk("invoices:read"), Risk::Read);
    assert_eq!(risk("invoices:delete"), Risk::Destructive);
    assert_eq!(risk("account:administer"), Risk::Admin);
    assert!(product.resource("account").unwrap().scopes().all(|entry| entry.risk() == Risk::Admin));
    assert_eq!(product.resource("invoices").unwrap().axis(&"project".parse().unwrap()), Some(AxisKind::Text));
    assert_eq!(product.resource("customers").unwrap().axis(&"project".parse().unwrap()), None);
}

#[test]
fn what_the_file_says_is_what_the_catalog_holds() {
    let text = r#"
[product.shop]
title = "The shop"
audience = "urn:example:shop"
format = "paseto"
max_lifetime = "10m"
[product.shop.resource.orders]
axes = { region = "text", refund_max = "number" }
[product.shop.resource.orders.action.refund]
sentence = "Can pay money back."
owner = "payments"
risk = "write"
docs = "https://docs.example/refund"
max_lifetime = "90s"
[product.other]
audience = "https://other.example"
algorithm = "Ed25519"
[product.other.resource.orders.action.refund]
sentence = "Can pay money back elsewhere."
owner = "payments"
risk = "write"
"#;
    let catalog = Catalog::parse(text, "c.toml").unwrap();
    assert_eq!(catalog.products().len(), 2);
    let shop = catalog.product("urn:example:shop").unwrap();
    assert_eq!((shop.format(), shop.max_lifetime()), (Format::Paseto, Some(Duration::from_mins(10))));
    let refund = shop.scope("orders:refund").unwrap();
    assert_eq!(refund.max_lifetime(), Some(Duration::from_secs(90)));
    assert_eq!((refund.owner(), refund.docs()), ("payments", Some("https://docs.example/refund")));
    let axis = |name: &str| shop.resource("orders").unwrap().axis(&name.parse().unwrap());
    assert_eq!((axis("region"), axis("refund_max")), (Some(AxisKind::Text), Some(AxisKind::Number)));
    let other = catalog.product("https://other.example").unwrap();
    assert_eq!((other.title(), other.algorithm()), ("other", Some(AlgorithmName::Ed25519)));
    let names: Vec<&str> = catalog.scope("orders:refund").map(|(product, _)| product.name()).collect();
    assert_eq!(names, ["shop", "other"]);
}

#[test]
fn r05_an_administrative_scope_lives_five_minutes_at_most() {
    let admin = |lifetime: &str| {
        format!(
            "[product.p]\naudience = \"https://p.example\"\n[product.p.resource.account.action.administer]\nsentence = \"Can do all.\"\nowner = \"o\"\nrisk = \"admin\"\n{lifetime}"
        )
    };
    let catalog = Catalog::parse(&admin(""), "c.toml").unwrap();
    let entry = catalog.products()[0].scope("account:administer").unwrap();
    assert_eq!(entry.max_lifetime(), Some(Duration::from_mins(5)));
    assert!(Catalog::parse(&admin("max_lifetime = \"4m\""), "c.toml").is_ok());
    assert_eq!(faults(&admin("max_lifetime = \"6m\"")), ["3 catalog_admin_too_long"]);
}

#[test]
fn r15_an_administrative_action_stands_in_a_resource_of_its_own() {
    let text = scope(
        "[product.p.resource.r.action.administer]\nsentence = \"Can do all.\"\nowner = \"o\"\nrisk = \"admin\"\n",
    );
    assert_eq!(faults(&text), ["7 catalog_admin_not_apart"]);
}

#[test]
fn r11_every_scope_has_a_sentence_an_owner_and_a_risk() {
    let text = "[product.p]\naudience = \"https://p.example\"\n\n[product.p.resource.r.action.read]\n";
    assert_eq!(faults(text), ["4 catalog_missing_key"; 3]);
    let blank = scope("").replace("\"o\"", "\"  \"").replace("\"Can look.\"", "\"\"");
    assert_eq!(faults(&blank), ["4 catalog_wrong_value", "5 catalog_wrong_value"]);
}

#[test]
fn all_faults_are_told_at_once_each_with_its_line() {
    let text = "\
[product.Bad]
audience = \"relative\"
format = \"jot\"
audiense = \"x\"
[product.p]
audience = \"https://p.example\"
max_lifetime = \"2h\"
algorithm = \"RS256\"
[product.p.resource.r]
axes = { \"A\" = \"text\", b = \"float\" }
[product.p.resource.r.action.READ]
sentence = \"Can look.\"
owner = 7
risk = \"mild\"
docs = \"ftp://x\"
[product.q]
audience = \"https://p.example\"
[product.chancery]
audience = \"https://c.example\"
resource = 1
[produkt]
";
    assert_eq!(
        faults(text),
        [
            "1 catalog_name",
            "1 catalog_empty",
            "2 catalog_wrong_value",
            "3 catalog_wrong_value",
            "4 catalog_unknown_key",
            "7 catalog_wrong_value",
            "8 catalog_wrong_value",
            "10 catalog_name",
            "10 catalog_wrong_value",
            "11 catalog_name",
            "13 catalog_wrong_kind",
            "14 catalog_wrong_value",
            "15 catalog_wrong_value",
            "16 catalog_empty",
            "17 catalog_shared_audience",
            "18 catalog_reserved",
            "18 catalog_empty",
            "20 catalog_wrong_kind",
            "21 catalog_unknown_key",
        ]
    );
}

#[test]
fn a_fault_names_file_line_and_remedy() {
    let errors = Catalog::parse(&scope("riks = \"read\""), "my/catalog.toml").unwrap_err();
    assert_eq!(errors[0].to_string(), "my/catalog.toml:7: 'riks' means nothing here; did you mean 'risk'?");
}

#[test]
fn a_text_that_is_not_toml_is_refused_with_its_line() {
    assert_eq!(faults("[product.p]\naudience = \n"), ["2 catalog_syntax"]);
    assert_eq!(faults("[product.p]\n[product.p]\n"), ["2 catalog_syntax"]);
}

#[test]
fn an_empty_catalog_is_refused() {
    assert_eq!(faults(""), ["1 catalog_no_product"]);
    assert_eq!(faults("[product]\n"), ["1 catalog_no_product"]);
}

#[test]
fn an_audience_is_an_absolute_uri() {
    for bad in
        ["", "x", "//x", "https://", "https:", "https://x/#f", "https://x/a b", "1x:y", "https://ü.example"]
    {
        let text = scope("").replace("https://p.example", bad);
        assert_eq!(faults(&text), ["2 catalog_wrong_value"], "{bad}");
    }
    for good in ["https://x", "urn:x", "http://127.0.0.1:8421/", "https://x/path?tenant=1"] {
        assert!(Catalog::parse(&scope("").replace("https://p.example", good), "c.toml").is_ok(), "{good}");
    }
}

#[test]
fn r_5_5_no_product_takes_the_name_or_the_administration_of_its_issuer_as_audience() {
    let served = |audience: &str, issuer: &str| {
        let text = scope("").replace("https://p.example", audience);
        Catalog::parse(&text, "c.toml").unwrap().served_by(issuer).map_err(|errors| {
            assert_eq!((errors.len(), errors[0].line), (1, 2));
            assert!(matches!(errors[0].fault, Fault::Reserved { .. }));
        })
    };
    assert!(served("https://i.example", "https://i.example").is_err());
    assert!(served("https://i.example/", "https://i.example").is_err());
    assert!(served("https://i.example/admin", "https://i.example").is_err());
    assert!(served("https://i.example/admin", "https://i.example/").is_err());
    assert!(served("https://i.example/api", "https://i.example").is_ok());
}
