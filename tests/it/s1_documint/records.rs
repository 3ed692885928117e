//! What comes back where something does.

use super::asker::Ask;
use super::world::{Front, World};
use super::{IN_SHOP, IN_WEB};
use serde_json::{Value, json};

fn numbers(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect()
}

#[test]
fn r20_a_list_holds_what_the_token_is_for_and_no_trace_of_the_rest() {
    lists_hold_what_the_token_is_for(&World::new());
}

/// Asks for lists.
pub(crate) fn lists_hold_what_the_token_is_for<F: Front>(world: &World<F>) {
    let list = |id: &str, path: &str| world.asker.get(world.url(), path, &world.token(id)).json();
    assert_eq!(numbers(&list("support-tool", "/invoices")), ["A-1", "A-2", "A-3"]);
    assert_eq!(numbers(&list("invoice-robot", "/invoices")), ["A-2"]);
    assert_eq!(numbers(&list("support-tool", "/customers")), ["A-c1", "A-c2"]);
    let templates = list("print-shop", "/templates");
    assert_eq!((templates.as_array().unwrap().len(), &templates[0]["tenant"]), (1, &json!("acme")));
}

#[test]
fn r22_the_housekeeper_deletes_what_it_created_and_the_robots_invoice_stays() {
    the_housekeeper_deletes_what_it_created(&World::new());
}

/// Creates and deletes.
pub(crate) fn the_housekeeper_deletes_what_it_created<F: Front>(world: &World<F>) {
    let housekeeper = [format!("Bearer {}", world.token("housekeeper"))];
    let robot = [format!("Bearer {}", world.token("invoice-robot"))];
    let ask = |method, path: &str, body, who: &[String]| {
        world.asker.ask(world.url(), Ask { method, path, body }, who)
    };
    let sample = ask("POST", "/invoices", IN_WEB, &housekeeper);
    assert_eq!((sample.status, sample.header("location")), (201, "/invoices/A-4"));
    let expected = json!({
        "number": "A-4", "tenant": "acme", "project": "acme-web", "created_by": "housekeeper", "customer": "A-c1",
        "template": "plain", "lines": [{ "text": "Paint", "quantity": 1, "unit_cents": 90 }], "total_cents": 90,
    });
    assert_eq!(sample.json(), expected);
    let invoice = ask("POST", "/invoices", IN_SHOP, &robot);
    assert_eq!((invoice.status, invoice.json()["created_by"].as_str()), (201, Some("invoice-robot")));
    assert_eq!(ask("DELETE", "/invoices/A-5", "", &housekeeper).status, 403, "the robot's");
    assert_eq!(ask("DELETE", "/invoices/A-4", "", &housekeeper).status, 204, "its own");
    assert_eq!(ask("GET", "/invoices/A-5", "", &robot).json(), invoice.json(), "it stays");
}

#[test]
fn s1_what_the_print_shop_takes_out_is_a_pdf_with_the_address_on_it() {
    the_print_shop_gets_a_pdf(&World::new());
}

/// Takes an invoice out.
pub(crate) fn the_print_shop_gets_a_pdf<F: Front>(world: &World<F>) {
    let page = world.asker.get(world.url(), "/invoices/A-1/export", &world.token("print-shop"));
    assert_eq!((page.status, page.header("content-type")), (200, "application/pdf"));
    assert!(page.text.starts_with("%PDF-1.4\n") && page.text.ends_with("%%EOF\n"));
    assert!(page.text.contains("1 Canyon Road, Tucson") && page.text.contains("Total: 1200.00"));
}

#[test]
fn s1_the_account_is_administered_apart_from_all_data() {
    the_account_is_administered(&World::new());
}

/// Changes the plan. That an administrator can hold nothing else is the issuer's.
pub(crate) fn the_account_is_administered<F: Front>(world: &World<F>) {
    let admin = [format!("Bearer {}", world.token("account-admin"))];
    let ask = |method, body| {
        world.asker.ask(world.url(), Ask { method, path: "/account", body }, &admin).json()["plan"].clone()
    };
    assert_eq!(ask("GET", ""), "small");
    assert_eq!(ask("PATCH", super::PLAN), "large");
    assert_eq!(ask("GET", ""), "large");
    // Not even on the client's record: an administrator holds nothing else (R15).
    let words =
        ["client", "create", "both", "--owner", "o", "--purpose", "p", "--kind", "admin", "--tenant", "acme"];
    let grants = ["--scope", "account:administer=a", "--scope", "invoices:read=b", "--expires", "1d"];
    let rest = ["--unbounded", "all", "--out", "both.secret"];
    let ran = world.chancery.run(&[&words[..], &grants, &rest].concat()).expect(2);
    assert!(ran.err.contains("admin"), "{ran:?}");
}

#[test]
fn r41_the_link_of_a_missing_scope_leads_to_its_sentence() {
    let world = World::new();
    let token = world.token("support-tool");
    let refused = world.asker.ask(
        world.url(),
        Ask { method: "DELETE", path: "/invoices/A-1", body: "" },
        &[format!("Bearer {token}")],
    );
    let link = refused.json()["documentation"].as_str().unwrap().to_owned();
    let (page, anchor) = link.split_once('#').unwrap();
    assert_eq!((page, anchor), (&*format!("{}/scopes", world.issuer.url), "invoices:delete"));
    let page = world.asker.ask(page, Ask { method: "GET", path: "", body: "" }, &[]);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("id=\"invoices:delete\""), "{}", page.text);
    assert!(page.text.contains("Can delete invoices for good"), "{}", page.text);
}
