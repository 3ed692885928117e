use super::{faults, scope};
use crate::Catalog;
use chancery_token::ClientId;

fn with(value: &str) -> String {
    scope("").replace(
        "audience = \"https://p.example\"",
        &format!("audience = \"https://p.example\"\nresource_servers = {value}"),
    )
}

#[test]
fn a_product_names_the_clients_that_are_its_resource_servers() {
    let catalog = Catalog::parse(&with(r#"["orders-api", "gateway"]"#), "c.toml").unwrap();
    let named: Vec<&str> = catalog.products()[0].resource_servers().iter().map(ClientId::as_str).collect();
    assert_eq!(named, ["orders-api", "gateway"]);
    for none in [scope(""), with("[]")] {
        assert!(Catalog::parse(&none, "c.toml").unwrap().products()[0].resource_servers().is_empty());
    }
    let view = serde_json::to_value(catalog.view(chancery_token::UnixTime::from_secs(0))).unwrap();
    assert_eq!(view["products"][0]["resource_servers"], serde_json::json!(["orders-api", "gateway"]));
}

#[test]
fn only_a_list_of_client_ids_names_resource_servers_and_each_once() {
    for (value, reason) in [
        ("\"orders-api\"", "catalog_wrong_kind"),
        ("[1]", "catalog_wrong_kind"),
        ("[\"orders api\"]", "catalog_wrong_value"),
        ("[\"\"]", "catalog_wrong_value"),
        ("[\"a:b\"]", "catalog_wrong_value"),
        ("[\"a\", \"a\"]", "catalog_wrong_value"),
    ] {
        assert_eq!(faults(&with(value)), [format!("3 {reason}")], "{value}");
    }
    let misspelt = with("[\"a\"]").replace("resource_servers", "resource_server");
    assert_eq!(faults(&misspelt), ["3 catalog_unknown_key"]);
}
