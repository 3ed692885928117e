use crate::support::{AUDIENCE, Chancery, Folder};
use chancery_examples::documint::{self, Archive};
use serde_json::{Value, json};

struct World {
    folder: Folder,
    chancery: Chancery,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        Self { folder, chancery }
    }

    /// DocuMint's table of routes, changed by `change`, as a file of this name.
    fn routes(&self, name: &str, change: impl FnOnce(&mut Vec<Value>)) {
        let table = documint::routes(Archive::new()).table();
        let mut rows: Vec<Value> = serde_json::from_value(serde_json::to_value(table).unwrap()).unwrap();
        change(&mut rows);
        self.folder.write(name, serde_json::to_vec(&rows).unwrap());
    }
}

const ROTTEN: &str = r#"
[product.shop]
audience = "https://shop.example"
[product.shop.resource.api-orders.action.get]
sentence = "Can manage orders."
owner = "team-orders"
risk = "read"
[product.shop.resource.orders.action.write]
sentence = "Can change and delete orders of the regions this app works for."
owner = "team-orders"
risk = "write"
"#;

#[test]
fn r12_the_catalogs_that_init_writes_and_that_is_built_in_pass_the_lint() {
    let world = World::new();
    let built_in = world.chancery.run(&["catalog", "lint"]).expect(0);
    assert!(
        built_in.out.contains("1 product") && built_in.out.contains("nothing to say"),
        "{}",
        built_in.out
    );
    for example in [&[][..], &["--example", "documint"]] {
        let world = World::new();
        world.chancery.run(&[&["init"], example].concat()).expect(0);
        assert_eq!(
            world.chancery.run(&["catalog", "lint", "--json"]).expect(0).json()["findings"],
            json!([])
        );
    }
}

#[test]
fn r12_the_lint_names_line_rule_reason_and_a_better_name_and_ends_with_1() {
    let World { chancery, folder } = World::new();
    folder.write("rotten.toml", ROTTEN);
    let ran = chancery.run(&["catalog", "lint", "rotten.toml"]).expect(1);
    for part in [
        "rotten.toml:4: api-orders:get [http_verb]",
        "better: orders:read",
        "rotten.toml:4: api-orders:get [path]",
        "[vague]",
        "rotten.toml:8: orders:write [broad]",
        "better: orders:create, orders:update",
        "[deletes]",
        "findings.",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let found = chancery.run(&["catalog", "lint", "rotten.toml", "--json"]).expect(1).json();
    assert_eq!(found["file"], "rotten.toml");
    let broad = found["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "broad").unwrap();
    assert_eq!(
        (&broad["line"], &broad["scope"], &broad["product"]),
        (&json!(8), &json!("orders:write"), &json!("shop"))
    );
    let rules = chancery.run(&["catalog", "lint", "--rules"]).expect(0);
    assert!(rules.out.lines().count() > 10 && rules.out.contains("needless_exception"), "{}", rules.out);
}

#[test]
fn a_catalog_with_faults_is_told_whole_with_lines_and_changes_nothing() {
    let World { chancery, folder } = World::new();
    folder.write(
        "broken.toml",
        "[product.p]\naudience = \"https://p.example\"\nlnit = 1\n[product.p.resource.r.action.read]\nsentence = \"Can.\"\nowner = \"o\"\nrisk = \"mild\"\nsunset = \"soon\"\n",
    );
    let before = folder.files();
    for verb in [&["catalog", "lint", "broken.toml"][..], &["catalog", "show", "broken.toml"]] {
        let ran = chancery.run(verb).expect(3);
        for part in ["broken.toml:3: ", "did you mean 'lint'?", "broken.toml:7: ", "broken.toml:8: "] {
            assert!(ran.err.contains(part), "{part}: {}", ran.err);
        }
    }
    let told = chancery.run(&["catalog", "lint", "broken.toml", "--json"]).expect(3).json();
    assert_eq!(told["reason"], "catalog_unknown_key");
    assert_eq!(
        chancery.run(&["catalog", "lint", "nowhere.toml", "--json"]).expect(3).json()["reason"],
        "catalog_unreadable"
    );
    assert_eq!(folder.files(), before);
    assert_eq!(
        chancery.clone().set("ISSUER__CATALOG", "broken.toml").run(&["serve", "--check"]).expect(3).out,
        ""
    );
}

#[test]
fn r11_show_tells_what_each_scope_allows_whose_it_is_and_how_much_harm_it_can_do() {
    let World { chancery, folder } = World::new();
    let shown = chancery.run(&["catalog", "show"]).expect(0).out;
    let line = shown.lines().find(|line| line.contains("invoices:delete")).unwrap();
    for part in ["destructive", "documint-billing", "for good"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(shown.contains("DocuMint (documint)") && shown.contains(AUDIENCE), "{shown}");
    assert!(shown.contains("clients:create"), "the administration is part of what is served: {shown}");
    let one = chancery.run(&["catalog", "show", "--product", "documint", "--json"]).expect(0).json();
    assert_eq!(one["products"].as_array().unwrap().len(), 1);
    assert_eq!(one["products"][0]["audience"], AUDIENCE);
    folder.write(
        "full.toml",
        ROTTEN.replace("risk = \"write\"", "risk = \"write\"\naliases = [\"sales:write\"]\nsunset = \"2027-06-30\"\napproval = { by = \"finance-leads\", lapses = \"8h\" }")
            + "[template.bot]\nsentence = \"Looks orders up.\"\n[template.bot.scope]\n\"api-orders:get\" = \"shows them\"\n",
    );
    let shown = chancery.run(&["catalog", "show", "full.toml"]).expect(0).out;
    for part in
        ["also called sales:write", "finance-leads, for 8h", "2027-06-30", "Looks orders up.", "shows them"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("clients:create"), "a file stands for itself: {shown}");
    let unknown = chancery.run(&["catalog", "show", "--product", "documnit", "--json"]).expect(2).json();
    assert_eq!(unknown["reason"], "product_unknown");
    assert!(unknown["fix"].as_str().unwrap().contains("documint"));
}

#[test]
fn r14_the_routes_of_documint_enforce_its_catalog() {
    let world = World::new();
    world.routes("routes.json", |_| {});
    let ran = world.chancery.run(&["catalog", "check-routes", "routes.json"]).expect(0);
    assert!(ran.out.contains("nothing to say"), "{}", ran.out);
    let json = world.chancery.run(&["catalog", "check-routes", "routes.json", "--json"]).expect(0).json();
    assert_eq!((&json["product"], &json["findings"]), (&json!("documint"), &json!([])));
}

#[test]
fn r14_routes_that_are_undeclared_unknown_or_never_enforced_fail_the_check() {
    let world = World::new();
    world.routes("routes.json", |rows| {
        for row in rows.iter_mut() {
            if row["path"] == "/customers" {
                row["scopes"] = json!([]);
            } else if row["path"] == "/customers/{number}" {
                row["scopes"] = json!(["customer:read"]);
            }
        }
    });
    let ran = world.chancery.run(&["catalog", "check-routes", "routes.json"]).expect(1);
    for part in [
        "GET /customers  [undeclared]",
        "GET /customers/{number}  customer:read  [unknown]",
        "Did you mean customers:read?",
        "customers:read  [never_enforced]  owner: documint-billing",
        "3 findings about DocuMint.",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn r14_a_route_added_to_an_existing_scope_asks_for_its_owner() {
    let world = World::new();
    world.routes("agreed.json", |_| {});
    world.routes("routes.json", |rows| {
        rows.push(
            json!({ "method": "GET", "path": "/invoices/all", "scopes": ["invoices:read"], "public": null }),
        );
    });
    let check =
        |more: &[&str]| world.chancery.run(&[&["catalog", "check-routes", "routes.json"], more].concat());
    check(&[]).expect(0);
    let ran = check(&["--since", "agreed.json"]).expect(1);
    for part in [
        "GET /invoices/all  invoices:read  [widened]",
        "documint-billing",
        "chancery client list --scope invoices:read",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn what_check_routes_cannot_use_is_refused_with_the_fix() {
    let World { chancery, folder } = World::new();
    let reason = |words: &[&str]| {
        let words = [&["catalog", "check-routes", "--json"], words].concat();
        chancery.run(&words).expect(2).json()["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(reason(&["nowhere.json"]), "routes_unreadable");
    folder.write("half.json", "[{\"method\": \"GET\",");
    assert_eq!(reason(&["half.json"]), "routes_unreadable");
    folder.write("none.json", "[]");
    assert_eq!(reason(&["none.json"]), "routes_empty");
    let two = ROTTEN.to_owned() + &ROTTEN.replace("shop", "store");
    folder.write("two.toml", two);
    folder.write("routes.json", r#"[{"method":"GET","path":"/","scopes":["orders:write"],"public":null}]"#);
    assert_eq!(reason(&["routes.json", "--catalog", "two.toml"]), "product_missing");
    assert_eq!(reason(&["routes.json", "--catalog", "two.toml", "--product", "none"]), "product_unknown");
    let words = ["catalog", "check-routes", "routes.json", "--catalog", "two.toml", "--product", "store"];
    chancery.run(&words).expect(1);
}
