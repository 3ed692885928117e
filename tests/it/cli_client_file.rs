use crate::support::{Administered, Chancery, Folder};
use serde_json::json;

const BILLING: &str = r#"
id = "billing"
owner = "team-billing"
purpose = "Mirrors invoices into the ledger."
tenants = ["acme"]
expires = 2099-06-30
lifetime = "5m"

[scope]
"invoices:read" = "reads what is to be mirrored"

[bounds]
project = ["acme-*"]
"#;

#[test]
fn a_client_file_registers_what_the_same_flags_register_through_both_doors() {
    let office = Administered::start();
    let flags = ["client", "create", "flags", "--owner", "team-billing", "--tenant", "acme"];
    let more =
        ["--purpose", "Mirrors invoices into the ledger.", "--expires", "2099-06-30", "--lifetime", "5m"];
    let scope = ["--scope", "invoices:read=reads what is to be mirrored", "--bound", "project=acme-*"];
    office.local(&[&flags[..], &more, &scope, &["--out", "flags.secret"]].concat()).expect(0);
    office.folder.write("billing.toml", BILLING);
    office.folder.write("second.toml", BILLING.replace("\"billing\"", "\"second\""));
    office.local(&["client", "create", "--file", "billing.toml", "--out", "billing.secret"]).expect(0);
    office.remote(&["client", "create", "--file", "second.toml", "--out", "second.secret"]).expect(0);
    let show = |id: &str| {
        let mut shown = office.local(&["client", "show", id, "--json"]).expect(0).json();
        for member in ["id", "name", "created_at", "secrets"] {
            shown.as_object_mut().unwrap().remove(member);
        }
        shown
    };
    assert_eq!(show("billing"), show("flags"));
    assert_eq!(show("second"), show("flags"));
    assert_eq!(show("billing")["lifetime_secs"], 300);
}

#[test]
fn a_client_file_with_any_error_changes_nothing_and_every_error_has_its_line() {
    let office = Administered::start();
    let broken = BILLING
        .replace("owner = ", "ownr = ")
        .replace("\"5m\"", "\"2h\"")
        .replace("invoices:read", "invoices:burn")
        .replace("project", "planet");
    office.folder.write("billing.toml", &broken);
    let before = office.folder.files();
    let words = ["client", "create", "--file", "billing.toml", "--out", "billing.secret"];
    let local = office.local(&words).expect(2);
    for fault in ["billing.toml:3: a client has no 'ownr'; did you mean 'owner'?", "billing.toml:10: "] {
        assert!(local.err.contains(fault), "{fault}: {}", local.err);
    }
    assert!(local.err.contains("billing.toml:7: tokens of a client"), "{}", local.err);
    let remote = office.remote(&words).expect(2);
    assert!(remote.err.contains("billing.toml:3: a client has no 'ownr'"), "{}", remote.err);
    // What only the catalog knows comes with its line over HTTP too.
    office.folder.write("billing.toml", broken.replace("ownr", "owner"));
    let (local, remote) = (office.local(&words).expect(2), office.remote(&words).expect(2));
    assert_eq!(local.err, remote.err);
    assert!(
        local.err.contains("billing.toml:10: no product knows the scope 'invoices:burn'"),
        "{}",
        local.err
    );
    office.folder.write("billing.toml", "id = \"billing\nowner = 1\n");
    assert!(office.remote(&words).expect(2).err.contains("billing.toml:1: this is not TOML"));
    assert_eq!((office.ids(), office.folder.files()), (Vec::<String>::new(), before));
}

#[test]
fn a_client_file_stands_alone_but_for_its_id() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery.run(&["init", "--example", "documint"]).expect(0);
    folder.write("billing.toml", BILLING);
    let words = ["client", "create", "--file", "billing.toml", "--out", "billing.secret"];
    chancery.run(&[&words[..], &["--owner", "me"]].concat()).expect(2);
    chancery.run(&[&words[..], &["--kind", "agent"]].concat()).expect(2);
    let other =
        chancery.run(&["client", "create", "other", "--file", "billing.toml", "--out", "x"]).expect(2);
    assert!(other.err.contains("the file is about 'billing', not 'other'"), "{other:?}");
    let missing =
        chancery.run(&["client", "create", "--file", "nowhere.toml", "--out", "x", "--json"]).expect(2);
    assert_eq!(missing.json()["reason"], "client_file_unreadable");
    let without_out = chancery.run(&["client", "create", "--file", "billing.toml"]).expect(2);
    assert!(without_out.err.contains("--out FILE is missing"), "{without_out:?}");
    folder.write("nameless.toml", BILLING.replace("id = \"billing\"", ""));
    let named = ["client", "create", "named", "--file", "nameless.toml", "--out", "named.secret", "--json"];
    assert_eq!(chancery.run(&named).expect(0).json()["id"], "named");
}

#[test]
fn r16_a_template_brings_its_scopes_and_their_reasons() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery.run(&["init"]).expect(0);
    let catalog = folder.read("catalog.toml");
    let template = "\n[template.teller]\nsentence = \"Reads orders to whoever asks.\"\nlifetime = \"7m\"\n\
                    [template.teller.scope]\n\"orders:read\" = \"tells customers about their orders\"\n";
    if !catalog.contains("[template.teller]") {
        folder.write("catalog.toml", catalog + template);
    }
    let words = ["client", "create", "teller", "--template", "teller", "--owner", "o", "--purpose", "p"];
    let more =
        ["--tenant", "acme", "--unbounded", "u", "--expires", "1d", "--out", "teller.secret", "--json"];
    let made = chancery.run(&[&words[..], &more].concat()).expect(0).json();
    assert_eq!(made["grants"][0]["scope"], "orders:read");
    assert_eq!(made["grants"][0]["reason"], "tells customers about their orders");
    assert_eq!(made["lifetime_secs"], json!(420));
    let mut unknown = [&words[..], &more].concat();
    unknown[4] = "tellr";
    let refused = chancery.run(&unknown).expect(2).json();
    assert_eq!(refused["reason"], "client_refused");
    assert!(refused["detail"].as_str().unwrap().contains("has no template 'tellr'"), "{refused}");
}

#[test]
fn r04_what_is_wrong_with_a_file_and_what_the_issuer_finds_wrong_is_told_at_once() {
    let office = Administered::start();
    let broken = BILLING
        .replace("owner = ", "ownr = ")
        .replace("\"5m\"", "\"2h\"")
        .replace("invoices:read", "invoices:burn")
        .replace("tenants = [\"acme\"]", "tenants = [\"acme\", \"acme\"]");
    office.folder.write("billing.toml", &broken);
    let before = office.folder.files();
    let words = ["client", "create", "--file", "billing.toml"];
    let (local, remote) = (office.local(&words).expect(2), office.remote(&words).expect(2));
    for told in [
        "--out FILE is missing",
        "billing.toml:3: a client has no 'ownr'",
        "billing.toml:5: the tenant 'acme' is named twice",
        "billing.toml:7: tokens of a client",
        "billing.toml:10: no product knows the scope 'invoices:burn'",
    ] {
        assert!(remote.err.contains(told), "{told}: {}", remote.err);
    }
    assert_eq!(local.err, remote.err);
    let json = [&words[..], &["--json"]].concat();
    let (local, remote) = (office.local(&json).expect(2).json(), office.remote(&json).expect(2).json());
    assert_eq!(local, remote);
    let faults = remote["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 5, "{remote:#}");
    let of_scope = faults.iter().find(|fault| fault["reason"] == "no_such_scope").unwrap();
    assert_eq!((&of_scope["file"], &of_scope["line"]), (&json!("billing.toml"), &json!(10)));
    assert_eq!(of_scope["pointer"], "/grants/0/scope");
    // Asking registers nothing, and a file that is whole is still registered.
    assert_eq!((office.ids(), office.folder.files()), (Vec::<String>::new(), before));
    let named = ["client", "create", "--file", "named.toml", "--out", "named.secret"];
    office.folder.write("named.toml", BILLING.replace("\"billing\"", "\"..\"").replace("\"5m\"", "5"));
    let refused = office.remote(&named).expect(2);
    assert!(
        refused.err.contains("named.toml:2: a client id") && refused.err.contains("named.toml:7: "),
        "{refused:?}"
    );
    office.folder.write("named.toml", BILLING);
    office.remote(&named).expect(0);
}

#[test]
fn every_refusal_that_tells_several_things_tells_them_one_by_one_to_programs() {
    let office = Administered::start();
    let create = [
        "client",
        "create",
        "x",
        "--owner",
        "\u{200b}x",
        "--purpose",
        "p",
        "--tenant",
        "acme",
        "--expires",
        "1d",
    ];
    let more = ["--scope", "clients:create=r", "--unbounded", "u", "--out", "x.secret", "--json"];
    let words = [&create[..], &more].concat();
    for refused in [office.local(&words).expect(2).json(), office.remote(&words).expect(2).json()] {
        let faults = refused["faults"].as_array().unwrap();
        let told = |reason: &str| {
            let found = faults.iter().find(|fault| fault["reason"] == reason);
            found.unwrap_or_else(|| panic!("{reason}: {refused:#}"))["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(faults.len(), 2, "{refused:#}");
        assert!(told("text").contains("U+200B") && told("text").contains("--owner"), "{refused:#}");
        let apart = told("admin_scope");
        assert!(apart.contains("R15") && apart.contains("kind admin"), "{apart}");
        assert!(
            faults
                .iter()
                .all(|fault| refused["detail"].as_str().unwrap().contains(fault["detail"].as_str().unwrap()))
        );
    }
    let folder = Folder::new();
    folder.write("chancery.toml", "[issuer]\nurl = 7\n[nonsense]\nx = 1\n");
    let refused = Chancery::in_folder(&folder).run(&["client", "list", "--json"]).expect(3).json();
    let faults = refused["faults"].as_array().unwrap();
    assert!(faults.len() >= 2 && faults.iter().all(|fault| fault["file"] == "chancery.toml"), "{refused:#}");
    folder.write("chancery.toml", "[issuer]\ncatalog = \"catalog.toml\"\n");
    folder.write("catalog.toml", "[product.a]\naudiance = \"x\"\n[product.b]\n");
    let refused = Chancery::in_folder(&folder).run(&["catalog", "show", "--json"]).expect(3).json();
    let faults = refused["faults"].as_array().unwrap();
    assert!(
        faults.len() >= 2 && faults.iter().any(|fault| fault["reason"] == "catalog_unknown_key"),
        "{refused:#}"
    );
    let whole = Chancery::in_folder(&Folder::new()).run(&["serve", "--check", "--json"]).expect(0).json();
    assert_eq!(whole["first_start"], true);
}
