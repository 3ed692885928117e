//! What a page shows as TOML, read by whoever reads it in earnest.

use super::page::{Block, root};
use crate::support::{Chancery, Folder, Http, Server};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use toml::{Table, Value};

/// Panics where the block is not what its reader takes.
pub(super) fn read(place: &str, block: &Block) {
    let told: Table = block.body.parse().unwrap_or_else(|why| panic!("{place}: {why}"));
    if told.keys().all(|key| ["dependencies", "dev-dependencies"].contains(&key.as_str())) {
        for dependencies in told.values() {
            dependencies_fit(place, dependencies.as_table().unwrap());
        }
    } else if told.contains_key("product") {
        let folder = Folder::new();
        folder.write("catalog.toml", &block.body);
        let linted = Chancery::in_folder(&folder).run(&["catalog", "lint", "catalog.toml"]);
        assert_eq!(linted.code, 0, "{place}: {linted:?}");
    } else if told.contains_key("routes") {
        let folder = Folder::new();
        folder.write("gate.toml", &block.body);
        folder.write("routes.json", r#"[{"method": "GET", "path": "/a", "scopes": ["a:b"]}]"#);
        folder.write("gate.secret", "chs_live_of_the_test");
        let checked = Chancery::in_folder(&folder).run(&["gate", "--check"]);
        assert_eq!(checked.code, 0, "{place}: {checked:?}");
    } else if told.contains_key("owner") {
        let folder = initialised();
        folder.write("client.toml", &block.body);
        let words = ["client", "create", "--file", "client.toml", "--out", "client.secret"];
        let created = Chancery::in_folder(&folder).run(&words);
        assert_eq!(created.code, 0, "{place}: {created:?}");
    } else {
        configures(place, &told);
    }
}

fn initialised() -> Folder {
    let folder = Folder::new();
    Chancery::in_folder(&folder).run(&["init", "--example", "documint"]).expect(0);
    folder
}

/// Sections that take the place of those in the file that `init` makes: two issuers start with it, and are one.
fn configures(place: &str, sections: &Table) {
    let folder = initialised();
    let mut config: Table = folder.read("chancery.toml").parse().unwrap();
    config.extend(sections.clone());
    let mut chancery = Chancery::in_folder(&folder);
    // The shown server is not there, and its certificate would be one that the system knows.
    let mut redis = None;
    let store = config["store"].as_table_mut().unwrap();
    if let Some(shown) = store.get("redis").and_then(Value::as_str) {
        assert!(shown.starts_with("rediss://"), "{place}: passwords and keys would travel in the clear");
        let password = "of-the-test";
        let server = RedisServer::start(RedisOptions::default().durable().tls().password(password));
        let file = folder.write(store["password_file"].as_str().unwrap(), password);
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        store.insert("redis".to_owned(), server.tls_url().into());
        chancery = chancery.set("STORE__CA_FILE", server.ca_file().to_str().unwrap());
        redis = Some(server);
    }
    folder.write("chancery.toml", config.to_string());
    let servers = [Server::start(&chancery), Server::start(&chancery)];
    let checked = chancery.run(&["serve", "--check"]);
    assert_eq!(checked.code, 0, "{place}: {checked:?}");
    let http = Http::new();
    let [one, other] = servers.each_ref().map(|server| http.get(&server.at("/.well-known/jwks.json")).body);
    assert!(!one["keys"].as_array().unwrap().is_empty() && one == other, "{place}: {one} {other}");
    drop(servers);
    drop(redis);
}

/// Our crates are where they are said to be and have these features; of the others we use the version that is asked for.
fn dependencies_fit(place: &str, dependencies: &Table) {
    let lock: Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let locked: Vec<(&str, &str)> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["name"].as_str().unwrap(), package["version"].as_str().unwrap()))
        .collect();
    for (name, asked) in dependencies {
        if let Some(path) = asked.get("path").and_then(Value::as_str) {
            let (_, below) = path.split_once("crates/").unwrap_or_else(|| panic!("{place}: {path}"));
            let manifest = manifest(&root().join("crates").join(below));
            assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()), "{place}: {path}");
            let features = asked.get("features").and_then(Value::as_array).into_iter().flatten();
            for feature in features.map(|feature| feature.as_str().unwrap()) {
                assert!(manifest["features"].get(feature).is_some(), "{place}: {name} has no {feature}");
            }
        } else {
            let version = asked.get("version").unwrap_or(asked).as_str().unwrap();
            let fits = |found: &str| found == version || found.starts_with(&format!("{version}."));
            let used = locked.iter().any(|(package, found)| package == name && fits(found));
            assert!(used, "{place}: {name} {version} is not what this page was tried with");
        }
    }
}

fn manifest(folder: &Path) -> Table {
    let file = folder.join("Cargo.toml");
    fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display())).parse().unwrap()
}
