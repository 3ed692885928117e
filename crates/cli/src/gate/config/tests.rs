use super::written::Written;
use super::{Config, RevocationConfig, read};
use chancery_issuer::config::{LogFormat, LogLevel};
use chancery_token::{Environment, Format};
use chancery_verifier::Freshness;
use chancery_verifier::follow::DiskState;
use std::path::Path;
use std::time::Duration;

const SMALLEST: &str = r#"issuer = "https://auth.example.com"
audience = "https://api.example.com"
routes = "routes.json"
state = "nowhere"
[revocation]
max_staleness = 60
"#;

fn config(text: &str) -> Result<Config, String> {
    let written = Written::of_text(Path::new("etc/gate.toml"), text);
    written.and_then(read::config).map_err(|why| why.to_string())
}

/// The smallest one with this line in the place of the one that begins alike, or at the end.
fn with(line: &str) -> String {
    let key = line.split(' ').next().unwrap();
    let replaced = SMALLEST.lines().any(|old| old.starts_with(key));
    let lines = SMALLEST.lines().map(|old| if old.starts_with(key) { line } else { old });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if !replaced {
        text = format!("{line}\n{text}");
    }
    text
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let told = config(text).expect_err("it is taken");
    assert!(told.contains(expected), "expected {expected:?} in:\n{told}");
}

#[test]
fn the_smallest_one_is_enough_and_the_defaults_are_what_the_guide_says() {
    let config = config(SMALLEST).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8422".parse().unwrap());
    assert_eq!((config.environment, config.format), (Environment::Live, Format::Jwt));
    assert_eq!((config.leeway, config.max_lifetime), (Duration::from_secs(30), Duration::from_hours(1)));
    assert_eq!(config.routes, Path::new("etc/routes.json"), "paths begin at the file's folder");
    assert_eq!(config.state, DiskState::Nowhere);
    assert_eq!((config.log.format, config.log.level), (LogFormat::Json, LogLevel::Info));
    let freshness = Freshness::MaxStaleness(Duration::from_mins(1));
    assert_eq!(config.revocation, RevocationConfig::Follow { freshness, introduced: None });
}

#[test]
fn every_setting_is_read() {
    let config = config(
        r#"
listen = "0.0.0.0:9000"
issuer = "http://127.0.0.1:8420"
audience = "invoices"
environment = "test"
format = "paseto"
routes = "/etc/routes.json"
leeway = 0
max_lifetime = "15m"
state = "kept"
[revocation]
max_staleness = "10s"
policy = "strict"
name = "gate-1"
client_id = "gate"
secret_file = "gate.secret"
[log]
format = "text"
level = "debug"
"#,
    )
    .unwrap();
    assert_eq!(config.listen, "0.0.0.0:9000".parse().unwrap());
    assert_eq!((&*config.issuer, &*config.audience), ("http://127.0.0.1:8420", "invoices"));
    assert_eq!((config.environment, config.format), (Environment::Test, Format::Paseto));
    assert_eq!(config.routes, Path::new("/etc/routes.json"));
    assert_eq!((config.leeway, config.max_lifetime), (Duration::ZERO, Duration::from_mins(15)));
    assert_eq!(config.state, DiskState::Directory("etc/kept".into()));
    assert_eq!((config.log.format, config.log.level), (LogFormat::Text, LogLevel::Debug));
    let RevocationConfig::Follow { freshness, introduced: Some(introduced) } = config.revocation else {
        panic!("{config:?}")
    };
    assert_eq!(freshness, Freshness::Strict { max_staleness: Duration::from_secs(10) });
    assert_eq!((introduced.name.as_str(), introduced.client_id.as_str()), ("gate-1", "gate"));
    assert_eq!(introduced.secret_file, Path::new("etc/gate.secret"));
}

#[test]
fn whoever_ignores_revocation_says_why() {
    let ignoring = SMALLEST.replace("max_staleness = 60", "ignore_because = \"tokens live a minute\"");
    let because = "tokens live a minute".to_owned();
    assert_eq!(config(&ignoring).unwrap().revocation, RevocationConfig::Ignore { because });
    refused(
        &ignoring.replace("tokens live a minute", " "),
        "etc/gate.toml:6: [revocation] ignore_because is empty",
    );
    refused(
        &format!("{ignoring}name = \"gate-1\""),
        "etc/gate.toml:7: [revocation] name is for a gate that follows",
    );
}

#[test]
fn what_has_no_default_is_asked_for_all_at_once() {
    let told = config("").unwrap_err();
    for missing in [
        "issuer is missing",
        "audience is missing",
        "routes is missing",
        "state is missing",
        "max_staleness = 60",
    ] {
        assert!(told.contains(missing), "{missing}: {told}");
    }
    assert_eq!(told.lines().count(), 5, "{told}");
    refused(
        &SMALLEST.replace("max_staleness = 60\n", ""),
        "etc/gate.toml:5: nothing says what to do about revocation",
    );
}

#[test]
fn every_fault_is_told_with_its_line_in_the_order_of_the_file() {
    let told = config(
        "listen = 8422\nissuer = \"http://auth.example.com\"\naudience = \" \"\nroutes = \"\"\nstate = true\n\
         leeway = 301\n[revocation]\nmax_staleness = 2\npolicy = \"fresh\"\n[log]\nlevel = \"loud\"\n",
    )
    .unwrap_err();
    let lines: Vec<&str> = told.lines().collect();
    for (line, (number, begins)) in lines.iter().zip([
        (1, "listen is a number; write a text in quotes"),
        (2, "issuer: plain http to 'auth.example.com'"),
        (3, "audience is empty"),
        (4, "routes is empty"),
        (5, "state is true or false; write a text in quotes"),
        (6, "leeway is 301; write seconds, 0s to 5m: leeway = 30"),
        (8, "[revocation] max_staleness is 2; write seconds, 3s to 7d: max_staleness = 30"),
        (9, "[revocation] policy is one of 'max_staleness', 'strict', not 'fresh'"),
        (11, "[log] level is one of"),
    ]) {
        assert!(line.starts_with(&format!("etc/gate.toml:{number}: {begins}")), "{number} {begins}: {line}");
    }
    assert_eq!(lines.len(), 9, "{told}");
}

#[test]
fn an_unknown_name_is_refused_and_the_one_that_was_meant_is_told() {
    for (line, expected) in [
        ("isuer = \"https://auth.example.com\"", "there is no 'isuer'; did you mean 'issuer'?"),
        ("max_staleness = 5", "there is no 'max_staleness'; it belongs under [revocation]"),
        ("secret = \"hunter2\"", "secrets are read from files alone; write secret_file and the path"),
        ("banana = 1", "there are audience, environment,"),
    ] {
        let told = config(&format!("{line}\n{SMALLEST}")).unwrap_err();
        assert!(told.starts_with("etc/gate.toml:1: ") && told.contains(expected), "{expected}: {told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
    let below = |more: &str| format!("{SMALLEST}{more}");
    refused(
        &below("routes = \"r.json\""),
        "[revocation] has no 'routes'; it belongs above the first [section]",
    );
    refused(
        "revocation = 60",
        "etc/gate.toml:1: revocation is a section; write [revocation] and its lines below it",
    );
    refused(
        &below("[revocations]\nname = \"a\""),
        "there is no section [revocations]; did you mean [revocation]?",
    );
    refused(
        &with("issuer = { url = \"https://auth.example.com\" }"),
        "issuer is a table; write a text in quotes",
    );
}

#[test]
fn a_gate_says_its_whole_name_or_none() {
    let named = |lines: &str| format!("{SMALLEST}{lines}");
    refused(&named("name = \"gate-1\""), "etc/gate.toml:7: [revocation] client_id is missing");
    refused(
        &named("client_id = \"gate\"\nsecret_file = \"s\""),
        "etc/gate.toml:7: [revocation] name is missing",
    );
    let all = "name = \"gate 1\"\nclient_id = \"a:b\"\nsecret_file = \"chs_live_abc\"";
    let told = config(&named(all)).unwrap_err();
    assert!(told.contains("etc/gate.toml:7: [revocation] name: a verifier's name"), "{told}");
    assert!(told.contains("etc/gate.toml:8: [revocation] client_id: "), "{told}");
    assert!(told.contains("etc/gate.toml:9: [revocation] secret_file holds a secret"), "{told}");
    assert!(!told.contains("chs_live_abc"), "{told}");
}

#[test]
fn spans_are_seconds_or_written_as_in_the_issuers_configuration() {
    let leeway = |line: &str| config(&with(line)).map(|config| config.leeway.as_secs());
    assert_eq!(leeway("leeway = 30"), Ok(30));
    assert_eq!(leeway("leeway = \"1m\""), Ok(60));
    for bad in
        ["leeway = -1", "leeway = 1.5", "leeway = \"30\"", "leeway = 99999999999999999999", "leeway = true"]
    {
        refused(&with(bad), "etc/gate.toml:1: ");
    }
    refused(&with("max_lifetime = 7200"), "max_lifetime is 7200; write seconds, 1s to 1h");
    refused(&with("max_lifetime = 0"), "max_lifetime is 0");
}

#[test]
fn what_is_no_toml_or_not_there_is_told_once() {
    refused("\nissuer = auth.example.com\n", "etc/gate.toml:2: this is not TOML");
    refused(
        &format!("{SMALLEST}policy = \"strict\"\npolicy = \"strict\"\n"),
        "etc/gate.toml:8: this is not TOML: duplicate key",
    );
    let told = Config::read(Path::new("/nowhere/gate.toml")).unwrap_err().to_string();
    assert!(told.starts_with("/nowhere/gate.toml:1: the configuration cannot be read: "), "{told}");
    assert_eq!(told.lines().count(), 1);
}
