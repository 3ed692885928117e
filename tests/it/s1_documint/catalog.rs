//! The catalog, the routes and the client files agree.

use super::program::programs;
use super::world::World;
use crate::support::{Chancery, Folder};
use chancery_examples::documint::CATALOG;
use std::process::Command;

fn routes(folder: &Folder) -> String {
    let ran = Command::new(programs().join("documint")).arg("--routes").env_clear().output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let text = String::from_utf8(ran.stdout).unwrap();
    folder.write("routes.json", &text);
    text
}

#[test]
fn r12_the_catalog_passes_its_own_lint() {
    let folder = Folder::new();
    folder.write("catalog.toml", CATALOG);
    Chancery::in_folder(&folder).run(&["catalog", "lint", "catalog.toml"]).expect(0);
}

#[test]
fn r14_the_routes_that_documint_prints_fit_the_catalog_both_ways() {
    let folder = Folder::new();
    folder.write("catalog.toml", CATALOG);
    let printed = routes(&folder);
    assert!(printed.contains("\"/invoices/{number}/export\""), "{printed}");
    let chancery = Chancery::in_folder(&folder);
    let check =
        ["catalog", "check-routes", "routes.json", "--catalog", "catalog.toml", "--product", "documint"];
    chancery.run(&check).expect(0);
    // A route whose scope has another name than the catalog's, and with it a scope that nobody enforces.
    folder.write("routes.json", printed.replace("invoices:export", "invoices:print"));
    let ran = chancery.run(&check).expect(1);
    assert!(ran.out.contains("invoices:print") && ran.out.contains("invoices:export"), "{ran:?}");
}

#[test]
fn r13_a_client_that_holds_the_older_name_of_a_scope_gets_in_where_the_scope_is_asked_for() {
    let world = World::new();
    let words = ["client", "create", "ledger", "--owner", "team-ledger", "--purpose", "mirrors invoices"];
    let grant = ["--tenant", "acme", "--scope", "bills:read=reads what is mirrored", "--expires", "90d"];
    let rest = ["--unbounded", "mirrors every project", "--out", "ledger.secret"];
    world.chancery.run(&[&words[..], &grant, &rest].concat()).expect(0);
    let token = world.token("ledger");
    assert_eq!(world.asker.get(&world.documint.url, "/invoices/A-1", &token).status, 200);
    assert_eq!(world.asker.get(&world.documint.url, "/customers/A-c1", &token).status, 403);
}

#[test]
fn s1_documint_says_what_it_takes_and_what_is_wrong_with_a_command_line() {
    let run =
        |words: &[&str]| Command::new(programs().join("documint")).args(words).env_clear().output().unwrap();
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for word in ["--issuer", "--listen", "--state", "--routes", "--environment", "--leeway", "Exit codes"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert_eq!(run(&[]).status.code(), Some(2), "no issuer");
    assert_eq!(run(&["--issuer", "not a url"]).status.code(), Some(2));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = run(&["--issuer", "http://127.0.0.1:1", "--listen", &address]);
    assert_eq!(ran.status.code(), Some(6), "{ran:?}");
}
