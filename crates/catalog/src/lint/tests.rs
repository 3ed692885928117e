//! A truth table a rule: what it speaks about, what it proposes, and what it leaves alone.

use super::{RULES, lint};
use crate::{Catalog, Finding};

const DOCUMINT: &str = include_str!("../../../examples/src/documint/catalog.toml");
const OF_INIT: &str = include_str!("../../../cli/src/init/catalog.toml");

/// One scope: its name, its sentence, its risk.
type Row<'r> = (&'r str, &'r str, &'r str);

const SOUND: &str = "Can carry parcels for the shops this app works for.";

fn catalog(rows: &[Row<'_>]) -> String {
    let table = |(scope, sentence, risk): &Row<'_>| {
        let (resource, action) = scope.split_once(':').unwrap();
        format!(
            "[product.shop.resource.{resource}.action.{action}]\nsentence = \"{sentence}\"\nowner = \"shop-team\"\nrisk = \"{risk}\"\n"
        )
    };
    let tables: Vec<String> = rows.iter().map(table).collect();
    format!("[product.shop]\naudience = \"https://shop.example\"\n{}", tables.concat())
}

fn findings(text: &str) -> Vec<Finding> {
    lint(&Catalog::parse(text, "catalog.toml").unwrap())
}

/// The findings of one rule, each as what it proposes.
fn found(rule: &str, text: &str) -> Vec<String> {
    let of_rule = |finding: &Finding| finding.rule == rule;
    findings(text).into_iter().filter(of_rule).map(|finding| finding.better.unwrap_or_default()).collect()
}

/// Holds a rule about one scope to its table: the part that a proposal must hold, or `None` for silence.
fn holds(rule: &str, table: &[(Row<'_>, Option<&str>)]) {
    for (row, expected) in table {
        let found = found(rule, &catalog(&[*row]));
        match expected {
            None => assert_eq!(found, Vec::<String>::new(), "{rule} speaks about {row:?}"),
            Some(better) => {
                assert_eq!(found.len(), 1, "{rule} about {row:?}: {found:?}");
                assert!(found[0].contains(better), "{rule} about {row:?} proposes {:?}", found[0]);
            }
        }
    }
}

#[test]
fn r12_the_catalogs_that_ship_pass() {
    for text in [DOCUMINT, OF_INIT] {
        assert_eq!(findings(text), []);
    }
}

#[test]
fn r12_a_route_path_is_no_scope() {
    holds(
        "path",
        &[
            (("api-invoices:read", SOUND, "read"), Some("invoices:read")),
            (("invoices-id:read", SOUND, "read"), Some("invoices:read")),
            (("rest:read", SOUND, "read"), Some("a noun")),
            (("invoices:read", "Can call /invoices/{id} for customers.", "read"), Some("Can view invoices")),
            (("invoices:read", "Can call https://shop.example/x for customers.", "read"), Some("Can view")),
            (("invoices:read", "Can view invoices and/or the notes on them.", "read"), None),
            (("endpoints:read", "Can view the endpoints of the projects this app works for.", "read"), None),
            (("rapid-tests:read", SOUND, "read"), None),
            (("api-keys:read", SOUND, "read"), None),
        ],
    );
}

#[test]
fn r12_an_http_verb_is_no_scope() {
    holds(
        "http_verb",
        &[
            (("invoices:get", SOUND, "read"), Some("invoices:read")),
            (("invoices:post", SOUND, "write"), Some("invoices:create")),
            (("invoices:put", SOUND, "write"), Some("invoices:update")),
            (("invoices:patch-lines", SOUND, "write"), Some("invoices:update-lines")),
            (("get-invoices:read", SOUND, "read"), Some("invoices:read")),
            (("posts:publish", SOUND, "write"), None),
            (("invoices:delete", SOUND, "destructive"), None),
            (("invoices:read", SOUND, "read"), None),
        ],
    );
}

#[test]
fn r12_one_name_is_proposed_for_all_that_is_wrong_with_a_name() {
    let text = catalog(&[("shop-api-orders-v2:get", SOUND, "read")]);
    for rule in ["path", "version", "http_verb", "service_name"] {
        assert_eq!(found(rule, &text), ["orders:read"], "{rule}");
    }
}

#[test]
fn r12_a_version_is_no_scope() {
    holds(
        "version",
        &[
            (("invoices-v2:read", SOUND, "read"), Some("invoices:read")),
            (("invoicesv2:read", SOUND, "read"), Some("invoices:read")),
            (("invoices:read-2024", SOUND, "read"), Some("invoices:read")),
            (("v1:read", SOUND, "read"), Some("a noun")),
            (("invoices:read", "Can view invoices through v2 of the shop.", "read"), Some("Can view")),
            (("ipv6-ranges:read", SOUND, "read"), None),
            (("mp3:read", SOUND, "read"), None),
            (("archives:read", SOUND, "read"), None),
        ],
    );
}

#[test]
fn r12_a_service_name_is_no_scope() {
    holds(
        "service_name",
        &[
            (("invoice-service:read", SOUND, "read"), Some("invoice:read")),
            (("billing_backend:read", SOUND, "read"), Some("billing:read")),
            (("shop-invoices:read", SOUND, "read"), Some("invoices:read")),
            (("svc:read", SOUND, "read"), Some("a noun")),
            (("shop:read", SOUND, "read"), None),
            (("shopping-lists:read", SOUND, "read"), None),
            (("services:read", SOUND, "read"), None),
        ],
    );
}

#[test]
fn r12_a_scope_names_the_noun_first() {
    holds(
        "reversed",
        &[
            (("read:invoices", SOUND, "read"), Some("invoices:read")),
            (("delete:users", SOUND, "destructive"), Some("users:delete")),
            (("list:read", SOUND, "read"), None),
            (("archive:open", SOUND, "read"), None),
            (("invoices:pack", SOUND, "write"), None),
        ],
    );
}

#[test]
fn r12_a_write_scope_names_its_task() {
    holds(
        "broad",
        &[
            (("orders:write", SOUND, "write"), Some("orders:create, orders:update")),
            (
                ("orders:manage", SOUND, "write"),
                Some("orders:read, orders:create, orders:update, orders:delete"),
            ),
            (("orders:all", SOUND, "write"), Some("orders:create")),
            (("orders:manage-lines", SOUND, "write"), Some("orders:create")),
            (("orders:read-write", SOUND, "write"), Some("orders:create")),
            (("data:read", SOUND, "read"), Some("noun of yours")),
            (("orders:refund", SOUND, "write"), None),
            (("orders:create", SOUND, "write"), None),
            (("account:administer", SOUND, "admin"), None),
        ],
    );
}

#[test]
fn r12_a_vague_sentence_is_told_with_an_example() {
    holds(
        "vague",
        &[
            (
                ("orders:read", "Can access orders of the regions this app works for.", "read"),
                Some("Can view orders"),
            ),
            (("orders:update", "Can manage orders.", "write"), Some("Can change orders")),
            (("orders:read", "Full access to orders and more.", "read"), Some("Can view")),
            (("orders:read", "Can view orders, customers etc.", "read"), Some("Can view")),
            (("orders:read", "Can view orders.", "read"), Some("Can view orders of the")),
            (("orders:read", "Can read all the orders.", "read"), Some("Can view")),
            (
                ("orders:create", "Can upsert orders of the regions this app works for.", "write"),
                Some("Can create"),
            ),
            (("orders:read", "Can view orders of a region. Also shows their prices.", "read"), Some("docs")),
            (("orders:read", "Can view orders of the regions this app manages.", "read"), None),
            (("endpoints:read", "Can view the endpoints of the projects this app watches.", "read"), None),
            (("orders:read", "Can view orders up to 3.50 in the regions of this app.", "read"), None),
        ],
    );
}

#[test]
fn r12_no_example_is_made_of_a_name_that_is_no_verb() {
    let rows = [("orders:all", "Can do all with orders of the shops.", "admin")];
    assert_eq!(found("vague", &catalog(&rows)), ["\"Can … orders of the … this app works for.\""]);
}

#[test]
fn r12_a_write_that_also_deletes_is_split() {
    holds(
        "deletes",
        &[
            (("orders:update", "Can change and delete orders of a region.", "write"), Some("orders:delete")),
            (("orders:create", "Creates orders, removes old ones.", "write"), Some("orders:delete")),
            (("orders:purge", "Can create orders and purge them.", "destructive"), Some("orders:delete")),
            (("orders:update", "Can change orders of a region, but not delete them.", "write"), None),
            (("orders:read", "Can view deleted orders of a region.", "read"), None),
            (("orders:delete", "Can delete orders of a region for good.", "destructive"), None),
        ],
    );
}

#[test]
fn r11_a_risk_that_name_and_sentence_both_contradict_is_told_once() {
    for row in [
        ("orders:delete", "Can delete orders of the shops this app works for.", "read"),
        ("orders:update", "Can remove orders of the shops this app works for.", "read"),
    ] {
        assert_eq!(found("risk", &catalog(&[row])).len(), 1, "{row:?}");
    }
}

#[test]
fn r11_the_risk_fits_the_verb() {
    holds(
        "risk",
        &[
            (("orders:read", SOUND, "write"), Some("risk = \"read\"")),
            (("orders:list", SOUND, "destructive"), Some("orders:delete")),
            (("orders:create", SOUND, "read"), Some("write")),
            (("orders:refund", SOUND, "read"), Some("write")),
            (("orders:delete", SOUND, "write"), Some("destructive")),
            (("orders:export", SOUND, "read"), Some("destructive")),
            (("orders:administer", SOUND, "write"), Some("admin")),
            (("orders:overview", "Sends orders to the regions this app works for.", "read"), None),
            (
                ("orders:overview", "Can send orders to the regions this app works for.", "read"),
                Some("write"),
            ),
            (("orders:refund", SOUND, "destructive"), None),
            (("orders:read", SOUND, "read"), None),
            (("account:read", SOUND, "admin"), None),
            (("orders:ship", SOUND, "write"), None),
        ],
    );
}

#[test]
fn r15_what_changes_who_may_do_what_is_administration() {
    holds(
        "admin_apart",
        &[
            (("members:invite", SOUND, "write"), Some("risk = \"admin\"")),
            (("credentials:delete", SOUND, "destructive"), Some("risk = \"admin\"")),
            (("members:read", SOUND, "read"), None),
            (("account:administer", SOUND, "admin"), None),
            (("orders:refund", SOUND, "write"), None),
        ],
    );
}

#[test]
fn r13_an_alias_must_not_turn_a_harmless_name_into_a_dangerous_scope() {
    let with = |row: Row<'_>, alias: &str| catalog(&[row]) + &format!("aliases = [\"{alias}\"]\n");
    let delete = ("orders:delete", "Can delete orders of a region for good.", "destructive");
    assert_eq!(found("alias", &with(delete, "orders.view")).len(), 1);
    assert_eq!(found("alias", &with(delete, "sales:create")).len(), 1);
    assert_eq!(found("alias", &with(delete, "sales:remove")), Vec::<String>::new());
    assert_eq!(found("alias", &with(("orders:read", SOUND, "read"), "sales:write")), Vec::<String>::new());
    assert_eq!(found("alias", &with(delete, "orders.void")), Vec::<String>::new());
}

#[test]
fn r12_two_scopes_for_one_act_are_told_once() {
    let two = |a: Row<'_>, b: Row<'_>| found("overlap", &catalog(&[a, b]));
    let other = "Can carry letters for the shops this app works for.";
    let read = ("orders:read", SOUND, "read");
    assert_eq!(
        two(read, ("orders:view", other, "read")),
        ["orders:read alone, with aliases = [\"orders:view\"]"]
    );
    assert_eq!(two(("orders:update", SOUND, "write"), ("orders:edit", other, "write")).len(), 1);
    let write = ("orders:write", other, "write");
    assert_eq!(two(("orders:update", SOUND, "write"), write), ["orders:update, and no orders:write"]);
    assert_eq!(two(write, ("orders:create", SOUND, "write")), ["orders:create, and no orders:write"]);
    assert_eq!(two(read, ("order:read", other, "read")).len(), 1, "singular and plural");
    assert_eq!(two(read, ("tickets:read", SOUND, "read")).len(), 1, "the same sentence");
    assert_eq!(two(read, ("tickets:read", other, "read")), Vec::<String>::new());
    assert_eq!(two(read, ("orders:search", other, "read")), Vec::<String>::new());
    assert_eq!(two(read, write), Vec::<String>::new(), "reading apart from writing is right");
}

#[test]
fn r11_an_owner_is_somebody() {
    let owned = |owner: &str| catalog(&[("orders:read", SOUND, "read")]).replace("shop-team", owner);
    for nobody in ["todo", "TBD", "unknown", "n/a", "everyone"] {
        assert_eq!(found("owner", &owned(nobody)).len(), 1, "{nobody}");
    }
    for somebody in ["shop-team", "Ann Lee", "team-orders"] {
        assert_eq!(found("owner", &owned(somebody)), Vec::<String>::new(), "{somebody}");
    }
}

#[test]
fn r10_a_product_has_so_many_scopes_as_people_can_understand() {
    let nouns = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map(|noun| format!("{noun}:read"));
    let sentences = nouns.clone().map(|noun| format!("Can view {noun} of the shops this app works for."));
    let rows: Vec<Row<'_>> =
        nouns.iter().zip(&sentences).map(|(noun, sentence)| (&**noun, &**sentence, "read")).collect();
    assert_eq!(found("too_many", &catalog(&rows)).len(), 1);
    assert_eq!(found("too_many", &catalog(&rows[..10])), Vec::<String>::new());
    let excused = catalog(&rows).replacen('\n', "\nlint = { too_many = \"A migration, until June.\" }\n", 1);
    assert_eq!(findings(&excused), []);
}

#[test]
fn r16_a_template_is_smaller_than_its_product() {
    let rows = [
        ("orders:read", SOUND, "read"),
        ("orders:create", "Can place orders for shops.", "write"),
        ("account:administer", "Can change the plan of shops.", "admin"),
    ];
    let template = |scopes: &[&str]| {
        let lines: Vec<String> =
            scopes.iter().map(|scope| format!("\"{scope}\" = \"It is needed.\"\n")).collect();
        catalog(&rows)
            + "[template.bot]\nsentence = \"Places orders.\"\n[template.bot.scope]\n"
            + &lines.concat()
    };
    assert_eq!(found("too_many", &template(&["orders:read", "orders:create"])).len(), 1);
    assert_eq!(found("too_many", &template(&["orders:read"])), Vec::<String>::new());
}

#[test]
fn r12_an_exception_holds_for_its_rule_and_place_and_must_be_needed() {
    let write = catalog(&[("orders:write", SOUND, "write")]);
    assert_eq!(found("broad", &write).len(), 1);
    let excused = write.clone() + "lint = { broad = \"The source of this product has one.\" }\n";
    assert_eq!(findings(&excused), []);
    let other = write + "lint = { vague = \"Because.\" }\n";
    assert_eq!(found("broad", &other).len(), 1);
    assert_eq!(found("needless_exception", &other).len(), 1);
    let needless = catalog(&[("orders:read", SOUND, "read")]) + "lint = { broad = \"No.\" }\n";
    let findings = findings(&needless);
    assert_eq!((findings.len(), findings[0].rule, findings[0].line), (1, "needless_exception", 7));
}

#[test]
fn r12_a_finding_names_file_line_scope_and_a_better_name() {
    let found = &findings(&catalog(&[("invoices-v2:read", SOUND, "read")]))[0];
    assert_eq!((found.file.as_str(), found.line), ("catalog.toml", 3));
    assert_eq!((found.product.as_deref(), found.scope.as_deref()), (Some("shop"), Some("invoices-v2:read")));
    assert_eq!(found.better.as_deref(), Some("invoices:read"));
    assert!(found.message.contains("'v2' is a version"), "{}", found.message);
}

#[test]
fn r12_every_rule_explains_itself_under_a_name_of_its_own() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert!(names.is_sorted());
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    assert!(RULES.iter().all(|rule| rule.why.len() > 40 && rule.why.ends_with('.')));
}

#[test]
fn the_administration_of_the_issuer_is_not_linted() {
    let served = Catalog::parse(DOCUMINT, "c.toml").unwrap().served_by("https://auth.example").unwrap();
    assert_eq!(lint(&served), []);
}
