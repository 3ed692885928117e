use crate::support::{Chancery, Folder, Server};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn ready() -> (Folder, Chancery) {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery.run(&["init", "--example", "documint"]).expect(0);
    (folder, chancery)
}

/// Both the start and the check must say so.
fn refused(chancery: &Chancery, code: i32, told: &[&str]) {
    for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["serve", "--check"]] {
        let ran = chancery.run(words).expect(code);
        for part in told {
            assert!(ran.err.contains(part), "{part}: {}", ran.err);
        }
    }
}

#[test]
fn a_broken_configuration_names_every_line_and_the_fix() {
    let (folder, chancery) = ready();
    let text = folder
        .read("chancery.toml")
        .replace("[listen]", "[lisen]")
        .replace("level = \"info\"", "level = \"loud\"");
    folder.write("chancery.toml", &text);
    let line = |needle: &str| 1 + text.lines().position(|line| line.contains(needle)).unwrap();
    let (address, level) = (line("address ="), line("level ="));
    refused(
        &chancery,
        3,
        &[&format!("chancery.toml:{address}"), "[listen]", &format!("chancery.toml:{level}"), "loud"],
    );
    folder.write("chancery.toml", "[issuer\n");
    refused(&chancery, 3, &["chancery.toml:1", "TOML"]);
    chancery.run(&["serve", "--config", "nowhere.toml"]).expect(3);
}

#[test]
fn a_broken_setting_in_the_environment_is_named() {
    let (_folder, chancery) = ready();
    refused(&chancery.set("KEYS__PUBLISH_LEAD", "soon"), 3, &["CHANCERY_CONFIG__KEYS__PUBLISH_LEAD"]);
}

#[test]
fn a_broken_catalog_names_its_line() {
    let (folder, chancery) = ready();
    let text = folder.read("catalog.toml").replacen("risk = \"write\"", "risk = \"wild\"", 1);
    folder.write("catalog.toml", &text);
    let line = 1 + text.lines().position(|line| line.contains("wild")).unwrap();
    refused(&chancery, 3, &[&format!("catalog.toml:{line}"), "wild"]);
    fs::remove_file(folder.file("catalog.toml")).unwrap();
    refused(&chancery, 3, &["catalog.toml"]);
}

#[test]
fn a_broken_missing_exposed_or_foreign_master_key_stops_the_start() {
    let (folder, chancery) = ready();
    let key = folder.file("keys/master.key");
    let good = folder.read("keys/master.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&chancery, 4, &["chmod 600"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, good.replace("chm_", "chm_x")).unwrap();
    refused(&chancery, 4, &["master.key"]);
    fs::remove_file(&key).unwrap();
    refused(&chancery, 4, &["there is no master key", "backup"]);
    assert!(!key.exists(), "a store in use never gets a new key");
    let (other, _) = ready();
    fs::copy(other.file("keys/master.key"), &key).unwrap();
    refused(&chancery, 4, &["master key"]);
    fs::write(&key, good).unwrap();
    chancery.run(&["serve", "--check"]).expect(0);
}

#[test]
fn a_broken_or_foreign_store_stops_the_start() {
    let (folder, chancery) = ready();
    let store = folder.file(".chancery/store.db");
    let good = fs::read(&store).unwrap();
    fs::write(&store, "this is a letter, not a database").unwrap();
    refused(&chancery, 5, &["store.db"]);
    fs::write(&store, "").unwrap();
    refused(&chancery, 5, &["empty"]);
    let mut cut = good.clone();
    cut.truncate(4096);
    fs::write(&store, cut).unwrap();
    refused(&chancery, 5, &["store"]);
    fs::write(&store, good).unwrap();
    chancery.run(&["serve", "--check"]).expect(0);
}

#[test]
fn a_store_of_another_issuer_or_world_is_refused() {
    let (_folder, chancery) = ready();
    refused(&chancery.clone().set("ISSUER__URL", "https://other.example.com"), 3, &["http://127.0.0.1:8420"]);
    refused(&chancery.set("ISSUER__ENVIRONMENT", "live"), 3, &["test"]);
}

#[test]
fn an_address_that_is_taken_is_told_with_its_own_code() {
    let (folder, other) = (Folder::new(), Folder::new());
    let server = Server::start(&Chancery::in_folder(&folder));
    let address = server.url.trim_start_matches("http://");
    let ran = Chancery::in_folder(&other).run(&["serve", "--listen", address]).expect(6);
    assert!(ran.err.contains(address) && ran.err.contains("--listen"), "{ran:?}");
    assert!(other.files().is_empty(), "nothing was made: {:?}", other.files());
}

#[test]
fn an_issuer_that_others_reach_must_say_its_url() {
    let folder = Folder::new();
    let ran = Chancery::in_folder(&folder).run(&["serve", "--listen", "0.0.0.0:0"]).expect(3);
    assert!(ran.err.contains("ISSUER__URL"), "{ran:?}");
    let checked = Chancery::in_folder(&folder).run(&["serve", "--check", "--listen", "0.0.0.0:0"]).expect(3);
    assert!(checked.err.contains("ISSUER__URL"), "{checked:?}");
}

#[test]
fn a_check_is_of_the_issuer_that_would_start() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let server = Server::start(&chancery);
    let address = server.url.trim_start_matches("http://").to_owned();
    chancery.run(&["serve", "--check", "--listen", &address]).expect(0);
    chancery.run(&["serve", "--check", "--listen", "127.0.0.1:1"]).expect(3);
}

#[test]
fn a_check_of_a_new_folder_makes_nothing() {
    let folder = Folder::new();
    Chancery::in_folder(&folder).run(&["serve", "--check"]).expect(0);
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}
