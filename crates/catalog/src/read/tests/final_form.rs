//! Aliases, sunset, approval, exceptions, templates.

use super::{faults, scope};
use crate::{Catalog, Risk};
use chancery_token::UnixTime;
use std::time::Duration;

const FULL: &str = r#"
[product.documint]
audience = "https://api.documint.example"
[product.documint.resource.invoices.action.read]
sentence = "Can view invoices of the projects this app manages."
owner = "billing"
risk = "read"
aliases = ["bills:read", "invoices.read"]
sunset = "2027-06-30"
approval = { by = "finance-leads", lapses = "8h" }
[product.documint.resource.invoices.action.create]
sentence = "Can create invoices in the projects this app manages."
owner = "billing"
risk = "write"
sunset = 2027-06-30
[product.shop]
audience = "https://shop.example"
[product.shop.resource.invoices.action.read]
sentence = "Can view invoices of the shop."
owner = "shop"
risk = "read"
[template.support-tool]
sentence = "Looks invoices up for customers who call."
lifetime = "10m"
[template.support-tool.scope]
"documint/bills:read" = "shows the invoice to whoever asks about it"
"shop/invoices:read" = "shows what was bought"
"invoices:create" = "corrects it"
"#;

#[test]
fn r13_a_scope_is_found_by_its_aliases_and_ends_on_its_date() {
    let catalog = Catalog::parse(FULL, "c.toml").unwrap();
    let product = &catalog.products()[0];
    for (text, alias) in [
        ("invoices:read", None),
        ("bills:read", Some("bills:read")),
        ("invoices.read", Some("invoices.read")),
    ] {
        let found = product.find(text).unwrap();
        assert_eq!((found.entry.scope().as_str(), found.alias), ("invoices:read", alias));
    }
    assert!(product.find("bills:create").is_none() && product.scope("bills:read").is_none());
    let entry = product.scope("invoices:read").unwrap();
    let midnight = UnixTime::from_rfc3339("2027-06-30T00:00:00Z").unwrap();
    assert_eq!(entry.sunset(), Some(midnight));
    assert!(entry.is_retired(midnight) && !entry.is_retired(midnight.minus(Duration::from_secs(1))));
    assert_eq!(
        product.scope("invoices:create").unwrap().sunset(),
        Some(midnight),
        "TOML has dates of its own"
    );
    let held = |pattern: &str| entry.covered_by(&serde_json::from_str(&format!("\"{pattern}\"")).unwrap());
    assert!(held("bills:read") && held("bills:*") && held("invoices:read") && !held("bills:create"));
    let owners: Vec<_> = catalog.find("invoices:read").map(|(product, _)| product.name()).collect();
    assert_eq!(owners, ["documint", "shop"]);
}

#[test]
fn r30_a_scope_can_demand_approval_by_somebody_for_a_time() {
    let catalog = Catalog::parse(FULL, "c.toml").unwrap();
    let approval = catalog.products()[0].scope("invoices:read").unwrap().approval().unwrap();
    assert_eq!((approval.by(), approval.lapses()), ("finance-leads", Duration::from_hours(8)));
    for (text, fault) in [
        ("approval = true", "7 catalog_wrong_kind"),
        ("approval = { lapses = \"8h\" }", "7 catalog_missing_key"),
        ("approval = { by = \"x\" }", "7 catalog_missing_key"),
        ("approval = { by = \" \", lapses = \"1h\" }", "7 catalog_wrong_value"),
        ("approval = { by = \"x\", lapses = \"31d\" }", "7 catalog_wrong_value"),
        ("approval = { by = \"x\", lapses = \"0s\" }", "7 catalog_wrong_value"),
        ("approval = { by = \"x\", lapses = \"1h\", lapse = 1 }", "7 catalog_unknown_key"),
    ] {
        assert_eq!(faults(&scope(text)), [fault], "{text}");
    }
}

#[test]
fn r16_a_template_holds_scopes_of_any_product_with_a_reason_each() {
    let catalog = Catalog::parse(FULL, "c.toml").unwrap();
    let template = catalog.template("support-tool").unwrap();
    assert_eq!(template.sentence(), "Looks invoices up for customers who call.");
    assert_eq!(template.lifetime(), Some(Duration::from_mins(10)));
    let grants: Vec<_> =
        template.grants().iter().map(|grant| (grant.audience.as_str(), grant.scope.as_str())).collect();
    let expected = [
        ("https://api.documint.example", "invoices:read"),
        ("https://shop.example", "invoices:read"),
        ("https://api.documint.example", "invoices:create"),
    ];
    assert_eq!(grants, expected);
    assert_eq!(template.grants()[2].reason, "corrects it");
    assert_eq!(catalog.templates().len(), 1);
    assert!(catalog.template("support").is_none());
}

#[test]
fn faults_of_templates_are_told_with_their_lines() {
    let template = |lines: &str| format!("{FULL}[template.t]\nsentence = \"Does it.\"\n{lines}");
    let at = FULL.lines().count() + 1;
    for (lines, line, reason) in [
        ("", 0, "catalog_empty"),
        ("scope = 1", 2, "catalog_wrong_kind"),
        ("[template.t.scope]\n\"invoices:raed\" = \"why\"", 3, "catalog_unknown_scope"),
        ("[template.t.scope]\n\"nope/invoices:read\" = \"why\"", 3, "catalog_unknown_scope"),
        ("[template.t.scope]\n\"chancery/clients:read\" = \"why\"", 3, "catalog_unknown_scope"),
        ("[template.t.scope]\n\"invoices:read\" = \"why\"", 3, "catalog_ambiguous_scope"),
        ("[template.t.scope]\n\"invoices:create\" = \" \"", 3, "catalog_wrong_value"),
        ("[template.t.scope]\n\"invoices:create\" = 1", 3, "catalog_wrong_kind"),
        ("lifetime = \"2h\"\n[template.t.scope]\n\"invoices:create\" = \"why\"", 2, "catalog_wrong_value"),
        ("lifetim = \"2m\"\n[template.t.scope]\n\"invoices:create\" = \"why\"", 2, "catalog_unknown_key"),
        (
            "[template.t.scope]\n\"bills:read\" = \"a\"\n\"documint/invoices:read\" = \"b\"",
            4,
            "catalog_scope_twice",
        ),
    ] {
        assert_eq!(faults(&template(lines)), [format!("{} {reason}", at + line)], "{lines}");
    }
    let errors =
        Catalog::parse(&template("[template.t.scope]\n\"invoices:creat\" = \"why\""), "c").unwrap_err();
    assert!(errors[0].to_string().ends_with("did you mean 'invoices:create'?"), "{}", errors[0]);
}

#[test]
fn r15_a_template_does_not_mix_administration_with_data() {
    let text = scope(
        "[product.p.resource.account.action.administer]\nsentence = \"Can do all.\"\nowner = \"o\"\nrisk = \"admin\"\n[template.t]\nsentence = \"Does it.\"\n[template.t.scope]\n\"r:read\" = \"a\"\n\"account:administer\" = \"b\"\n",
    );
    assert_eq!(faults(&text), ["11 catalog_template_mixes_admin"]);
}

#[test]
fn r13_an_alias_means_one_scope_and_can_stand_in_a_request() {
    let second =
        "[product.p.resource.r.action.write]\nsentence = \"Can.\"\nowner = \"o\"\nrisk = \"write\"\n";
    for (aliases, fault) in [
        ("\"r.read\"", "7 catalog_wrong_kind"),
        ("[1]", "7 catalog_wrong_kind"),
        ("[\"a b\"]", "7 catalog_name"),
        ("[\"\"]", "7 catalog_name"),
        ("[\"*:read\"]", "7 catalog_name"),
        ("[\"chs_live_x\"]", "7 catalog_name"),
        ("[\"a\", \"a\"]", "7 catalog_alias_taken"),
        ("[\"r:read\"]", "7 catalog_alias_taken"),
        ("[\n\"x\",\n\"r:write\"]", "9 catalog_alias_taken"),
    ] {
        assert_eq!(faults(&scope(&format!("aliases = {aliases}\n{second}"))), [fault], "{aliases}");
    }
    let shared = scope(&format!("aliases = [\"x\"]\n{second}aliases = [\"x\"]\n"));
    assert_eq!(faults(&shared), ["12 catalog_alias_taken"]);
    let good = scope(&format!("aliases = [\"https://shop.example/auth/orders.readonly\"]\n{second}"));
    assert!(Catalog::parse(&good, "c.toml").is_ok());
}

#[test]
fn r13_a_sunset_is_a_date() {
    for sunset in ["\"2027-02-30\"", "\"soon\"", "\"2027-06-30T12:00:00Z\"", "2027-06-30T12:00:00Z", "\"\""] {
        assert_eq!(faults(&scope(&format!("sunset = {sunset}"))), ["7 catalog_wrong_value"], "{sunset}");
    }
    assert_eq!(faults(&scope("sunset = 2027")), ["7 catalog_wrong_kind"]);
}

#[test]
fn an_exception_names_a_rule_and_a_reason() {
    for (lint, fault) in [
        ("true", "catalog_wrong_kind"),
        ("{ brood = \"x\" }", "catalog_unknown_key"),
        ("{ too_many = \"x\" }", "catalog_unknown_key"),
        ("{ broad = true }", "catalog_wrong_kind"),
        ("{ broad = \" \" }", "catalog_wrong_value"),
    ] {
        assert_eq!(faults(&scope(&format!("lint = {lint}"))), [format!("7 {fault}")], "{lint}");
    }
}

#[test]
fn a_served_catalog_has_the_administration_as_its_last_product_and_one_alone() {
    let catalog = Catalog::parse(FULL, "c.toml").unwrap();
    let served = catalog.served_by("https://a.example/").unwrap().served_by("https://b.example").unwrap();
    let audiences: Vec<_> = served.products().iter().map(crate::Product::audience).collect();
    let expected = ["https://api.documint.example", "https://shop.example", "https://b.example/admin"];
    assert_eq!(audiences, expected);
    let admin = served.product("https://b.example/admin").unwrap();
    assert!(admin.is_administration() && !served.products()[0].is_administration());
    assert_eq!((admin.name(), admin.max_lifetime()), ("chancery", Some(Duration::from_mins(5))));
    let scopes: Vec<_> = admin.scopes().map(|entry| entry.scope().as_str()).collect();
    let expected = [
        "clients:read",
        "clients:create",
        "clients:update",
        "clients:disable",
        "secrets:create",
        "secrets:delete",
        "keys:read",
        "keys:rotate",
        "revocations:read",
        "revocations:create",
    ];
    assert_eq!(scopes, expected);
    assert!(admin.scopes().all(|entry| entry.risk() == Risk::Admin && entry.owner() == "chancery"));
    for resource in ["clients", "secrets", "revocations"] {
        let axes: Vec<_> =
            admin.resource(resource).unwrap().axes().iter().map(|(axis, _)| axis.as_str()).collect();
        assert_eq!(axes, ["owner", "audience"]);
    }
    assert!(admin.resource("keys").unwrap().axes().is_empty());
    assert_eq!(served.scope("clients:read").count(), 1);
}

#[test]
fn a_catalog_can_be_read_by_programs() {
    let catalog = Catalog::parse(FULL, "c.toml").unwrap();
    let now = UnixTime::from_rfc3339("2027-06-30T00:00:00Z").unwrap();
    let view = serde_json::to_value(catalog.view(now)).unwrap();
    let read = &view["products"][0]["scopes"][0];
    assert_eq!(read["retired"], true);
    assert_eq!(read["scope"], "invoices:read");
    assert_eq!(read["sunset"], "2027-06-30T00:00:00Z");
    assert_eq!(read["approval"], serde_json::json!({ "by": "finance-leads", "lapses_secs": 28800 }));
    assert_eq!(view["templates"][0]["grants"][2]["reason"], "corrects it");
    let other = &view["products"][1]["scopes"][0];
    assert_eq!((&other["aliases"], other.get("sunset")), (&serde_json::json!([]), None));
}

#[test]
fn a_template_does_not_blame_its_scope_for_a_fault_that_stands_elsewhere() {
    let text = "\
[product.p]
audience = \"https://p.example\"
[product.p.resource.r.action.read]
sentence = \"Can look.\"
owner = \"o\"
risk = \"mild\"
[template.t]
sentence = \"Looks.\"
[template.t.scope]
\"r:read\" = \"it looks\"
\"r:raed\" = \"it looks\"
";
    let errors = Catalog::parse(text, "c.toml").unwrap_err();
    let told: Vec<_> = errors.iter().map(|error| (error.line, error.fault.reason())).collect();
    assert_eq!(told, [(6, "catalog_wrong_value"), (11, "catalog_unknown_scope")]);
}
