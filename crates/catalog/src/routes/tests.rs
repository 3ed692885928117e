use super::{RouteTable, RouteTableFault, check_routes};
use crate::Catalog;
use chancery_token::UnixTime;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

const SHOP: &str = r#"
[product.shop]
audience = "https://shop.example"
[product.shop.resource.orders.action.read]
sentence = "Can view orders of the regions this app works for."
owner = "team-orders"
risk = "read"
aliases = ["sales:read", "orders.read"]
[product.shop.resource.orders.action.create]
sentence = "Can place orders in the regions this app works for."
owner = "team-orders"
risk = "write"
[product.shop.resource.reports.action.read]
sentence = "Can view the reports of the regions this app works for."
owner = "team-reports"
risk = "read"
sunset = "2026-01-01"
"#;

fn table(rows: &[(&str, &str, &[&str])]) -> RouteTable {
    let rows: Vec<_> = rows
        .iter()
        .map(|(method, path, scopes)| {
            let public = scopes.is_empty().then_some("everybody may");
            serde_json::json!({ "method": method, "path": path, "scopes": scopes, "public": public })
        })
        .collect();
    RouteTable::parse(&serde_json::to_string(&rows).unwrap(), "routes.json").unwrap()
}

/// The findings, as `rule route scope`.
fn found(now: &RouteTable, before: Option<&RouteTable>) -> Vec<String> {
    let catalog = Catalog::parse(SHOP, "c.toml").unwrap();
    let findings = check_routes(&catalog.products()[0], now, before, NOW);
    let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    findings.iter().map(|one| format!("{} {} {}", one.rule, told(&one.route), told(&one.scope))).collect()
}

const SOUND: [(&str, &str, &[&str]); 3] =
    [("GET", "/orders", &["orders:read"]), ("POST", "/orders", &["orders:create"]), ("GET", "/healthz", &[])];

#[test]
fn r14_a_service_that_enforces_its_catalog_passes() {
    assert_eq!(found(&table(&SOUND), None), Vec::<String>::new());
    assert_eq!(found(&table(&SOUND), Some(&table(&SOUND))), Vec::<String>::new());
}

#[test]
fn r14_a_route_that_does_not_say_who_may_use_it_is_told() {
    for public in ["null", "\" \""] {
        let rows = format!(
            r#"[{{"method":"GET","path":"/orders","scopes":["orders:read"],"public":null}},
            {{"method":"POST","path":"/orders","scopes":["orders:create"]}},
            {{"method":"PUT","path":"/orders","scopes":[],"public":{public}}}]"#
        );
        assert_eq!(found(&RouteTable::parse(&rows, "r").unwrap(), None), ["undeclared PUT /orders -"]);
    }
}

#[test]
fn r14_a_scope_that_the_catalog_lacks_is_told_with_the_nearest_name() {
    let rows =
        table(&[("GET", "/orders", &["order:read", "orders:read"]), ("POST", "/orders", &["orders:create"])]);
    assert_eq!(found(&rows, None), ["unknown GET /orders order:read"]);
    let catalog = Catalog::parse(SHOP, "c.toml").unwrap();
    let finding = &check_routes(&catalog.products()[0], &rows, None, NOW)[0];
    assert!(finding.fix.contains("Did you mean orders:read?"), "{}", finding.fix);
}

#[test]
fn r14_a_scope_that_no_route_enforces_is_told_with_its_owner() {
    let rows = table(&SOUND[..1]);
    assert_eq!(found(&rows, None), ["never_enforced - orders:create"]);
    let catalog = Catalog::parse(SHOP, "c.toml").unwrap();
    let finding = &check_routes(&catalog.products()[0], &rows, None, NOW)[0];
    assert_eq!(finding.owner.as_deref(), Some("team-orders"));
}

#[test]
fn r13_an_older_name_counts_as_enforced_and_is_told() {
    let rows = table(&[("GET", "/orders", &["sales:read"]), SOUND[1]]);
    assert_eq!(found(&rows, None), ["alias GET /orders sales:read"]);
}

#[test]
fn r13_a_retired_scope_is_told_and_need_not_be_enforced() {
    let rows = table(&[SOUND[0], SOUND[1], ("GET", "/reports", &["reports:read"])]);
    assert_eq!(found(&rows, None), ["retired GET /reports reports:read"]);
}

#[test]
fn r14_a_route_added_to_an_existing_scope_is_a_widening() {
    let with = |more: &[(&str, &str, &[&str])]| table(&[&SOUND[..], more].concat());
    let before = table(&SOUND);
    let all = ("GET", "/orders/all", &["orders:read"][..]);
    assert_eq!(found(&with(&[all]), Some(&before)), ["widened GET /orders/all orders:read"]);
    let both = ("GET", "/orders/all", &["orders:read", "orders:create"][..]);
    let told = ["widened GET /orders/all orders:read", "widened GET /orders/all orders:create"];
    assert_eq!(found(&with(&[both]), Some(&before)), told);
    // Nobody could hold what nothing asked for.
    let fewer = table(&SOUND[..1]);
    assert_eq!(found(&table(&SOUND), Some(&fewer)), Vec::<String>::new());
    assert_eq!(found(&with(&[("GET", "/about", &[])]), Some(&before)), Vec::<String>::new());
}

#[test]
fn r14_a_route_that_asks_for_less_than_before_is_a_widening() {
    let before = table(&[SOUND[1], ("GET", "/orders", &["orders:read", "orders:create"])]);
    let told = found(&table(&SOUND), Some(&before));
    assert_eq!(told, ["widened GET /orders orders:read"]);
    let open = table(&[SOUND[0], ("POST", "/orders", &[])]);
    let told = found(&open, Some(&table(&SOUND)));
    assert_eq!(told, ["widened POST /orders orders:create", "never_enforced - orders:create"]);
}

#[test]
fn r14_asking_for_more_and_asking_under_the_new_name_widen_nothing() {
    let before = table(&[("GET", "/orders", &["sales:read"]), SOUND[1], SOUND[2]]);
    assert_eq!(found(&table(&SOUND), Some(&before)), Vec::<String>::new());
    let narrower = table(&[("GET", "/orders", &["orders:read", "orders:create"]), SOUND[1]]);
    assert_eq!(found(&narrower, Some(&table(&SOUND))), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_table_of_routes_is_refused_with_its_line() {
    let refused = |text: &str| RouteTable::parse(text, "routes.json").unwrap_err();
    for text in
        ["", "{}", "[1]", "[{\"method\":\"GET\"}]", "[{\"method\":\"GET\",\"path\":\"/\",\"scope\":[]}]"]
    {
        assert_eq!(refused(text).reason(), "routes_unreadable", "{text}");
    }
    let RouteTableFault::Shape { line, .. } = refused("[\n\n  7]") else { panic!() };
    assert_eq!(line, 3);
    assert_eq!(refused("[]").reason(), "routes_empty");
    let row = r#"{"method":"GET","path":"/","scopes":["a:b"],"public":null}"#;
    assert_eq!(refused(&format!("[{row},{row}]")).reason(), "routes_repeated");
    assert_eq!(refused(&format!("[{}]", row.replace("null", "\"why\""))).reason(), "routes_contradictory");
}
