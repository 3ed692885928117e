use super::*;
use crate::config::{Durability, RevocationConfig, StoreConfig};
use crate::scratch::Scratch;
use chancery_revocation::OnUnprovableLoss;
use std::fs;
use std::path::Path;

fn nothing() -> Vec<(String, String)> {
    Vec::new()
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Reads a file with this text; paths in messages begin at its name.
pub(super) fn load(text: &str, pairs: &[(&str, &str)]) -> Result<Config, String> {
    let scratch = Scratch::new();
    let path = scratch.path().join("chancery.toml");
    fs::write(&path, text).unwrap();
    let folder = format!("{}/", scratch.path().display());
    Config::load(Some(&path), variables(pairs)).map_err(|bad| bad.to_string().replace(&folder, ""))
}

pub(super) fn refused(text: &str) -> String {
    load(text, &[]).unwrap_err()
}

#[test]
fn r07_without_any_configuration_it_is_a_test_issuer_on_this_machine() {
    let config = Config::load(None, nothing()).unwrap();
    assert_eq!(config.issuer.url, "http://127.0.0.1:8420");
    assert_eq!(config.issuer.environment, Environment::Test);
    assert_eq!(config.issuer.catalog, CatalogSource::BuiltIn);
    assert_eq!(config.listen.address, "127.0.0.1:8420".parse().unwrap());
    assert_eq!(config.store, StoreConfig::Sqlite { path: ".chancery/store.db".into() });
    assert_eq!(config.admin.secret_file, Path::new(".chancery/admin.secret"));
    assert_eq!(config.keys.master_key_file, Path::new("keys/master.key"));
    assert_eq!(config.tokens.max_lifetime, HOUR);
    assert_eq!(config.tokens.default_lifetime, Duration::from_mins(15));
    assert_eq!(config.keys.algorithm_name, AlgorithmName::EdDsa);
    assert!(config.keys.publish_lead > config.keys.jwks_max_age);
}

#[test]
fn every_setting_can_be_made_in_the_file() {
    let text = r#"
[issuer]
url = "https://auth.example.com"
environment = "live"
catalog = "catalog.toml"
[listen]
address = "[::1]:0"
[store]
path = "/var/lib/chancery/store.db"
[admin]
secret_file = "secrets/admin.secret"
[keys]
master_key_file = "secrets/master.key"
publish_lead = "30m"
jwks_max_age = "10m"
algorithm_name = "Ed25519"
[revocation]
on_unprovable_loss = "union"
journal_file = "state/journal"
max_blind = "5m"
[tokens]
max_lifetime = "20m"
default_lifetime = "5m"
[limits]
body_bytes = 4096
concurrent_requests = 10
cached_clients = "20"
request_timeout = "3s"
drain_timeout = "0s"
[log]
format = "text"
level = "debug"
"#;
    let scratch = Scratch::new();
    let path = scratch.path().join("chancery.toml");
    fs::write(&path, text).unwrap();
    let minutes = |count: u64| Duration::from_mins(count);
    let expected = Config {
        issuer: IssuerConfig {
            url: "https://auth.example.com".into(),
            environment: Environment::Live,
            catalog: CatalogSource::File(scratch.path().join("catalog.toml")),
        },
        listen: ListenConfig { address: "[::1]:0".parse().unwrap() },
        store: StoreConfig::Sqlite { path: "/var/lib/chancery/store.db".into() },
        admin: AdminConfig { secret_file: scratch.path().join("secrets/admin.secret") },
        keys: KeysConfig {
            master_key_file: scratch.path().join("secrets/master.key"),
            publish_lead: minutes(30),
            jwks_max_age: minutes(10),
            algorithm_name: AlgorithmName::Ed25519,
        },
        revocation: RevocationConfig {
            durability: Durability::Verified,
            on_unprovable_loss: OnUnprovableLoss::Union,
            journal_file: scratch.path().join("state/journal"),
            max_blind: minutes(5),
        },
        tokens: TokensConfig { max_lifetime: minutes(20), default_lifetime: minutes(5) },
        limits: LimitsConfig {
            body_bytes: 4096,
            concurrent_requests: 10,
            cached_clients: 20,
            request_timeout: Duration::from_secs(3),
            drain_timeout: Duration::ZERO,
        },
        log: LogConfig { format: LogFormat::Text, level: LogLevel::Debug },
    };
    assert_eq!(Config::load(Some(&path), nothing()).unwrap(), expected);
}

#[test]
fn the_environment_stands_over_the_file() {
    let text = "[issuer]\nurl = \"https://auth.example.com\"\n[limits]\nbody_bytes = 4096\n";
    let config = load(
        text,
        &[
            ("CHANCERY_CONFIG__ISSUER__URL", "https://other.example.com"),
            ("CHANCERY_CONFIG__STORE__PATH", "state/store.db"),
            ("CHANCERY_CONFIG__LIMITS__BODY_BYTES", "2048"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.issuer.url, "https://other.example.com");
    assert_eq!(config.store, StoreConfig::Sqlite { path: "state/store.db".into() });
    assert_eq!(config.limits.body_bytes, 2048);
}

#[test]
fn a_fault_in_the_environment_names_its_variable() {
    let refused = load(
        "",
        &[
            ("CHANCERY_CONFIG__KEYS__PUBLISH_LEED", "1h"),
            ("CHANCERY_CONFIG__KEYS__JWKS_MAX_AGE", "soon"),
            ("CHANCERY_CONFIG__URL", "x"),
        ],
    )
    .unwrap_err();
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines.len(), 3, "{refused}");
    assert!(refused.contains("environment variable CHANCERY_CONFIG__KEYS__PUBLISH_LEED: [keys] has no 'publish_leed'; did you mean 'publish_lead'?"), "{refused}");
    assert!(
        refused.contains("CHANCERY_CONFIG__KEYS__JWKS_MAX_AGE: [keys] jwks_max_age is 'soon'; a duration is"),
        "{refused}"
    );
    assert!(refused.contains("CHANCERY_CONFIG__URL: write CHANCERY_CONFIG__SECTION__KEY"), "{refused}");
}

#[test]
fn every_fault_is_told_with_its_line() {
    let text = "\
[issuer]
url = \"http://auth.example.com\"
enviroment = \"live\"

[keyz]
publish_lead = \"1h\"

[tokens]
max_lifetime = \"2h\"
[log]
format = 7
";
    let refused = refused(text);
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(
        lines,
        [
            "chancery.toml:2: [issuer] url: it begins with https:// (http:// is for this machine alone)",
            "chancery.toml:3: [issuer] has no 'enviroment'; did you mean 'environment'?",
            "chancery.toml:6: there is no section [keyz]; did you mean [keys]?",
            "chancery.toml:9: [tokens] max_lifetime is '2h'; it may be 1s to 1h",
            "chancery.toml:11: [log] format is a number; write a text in quotes",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    assert!(
        refused("[issuer]\n\nurl = \n").starts_with("chancery.toml:3: this is not TOML"),
        "{}",
        refused("[issuer]\n\nurl = \n")
    );
    assert!(refused("[log]\nformat = \"json\"\nformat = \"text\"\n").starts_with("chancery.toml:3: "));
    assert!(
        refused("url = \"https://a.example\"\n")
            .starts_with("chancery.toml:1: 'url' stands outside a section")
    );
    assert!(
        refused("\n[nonsense]\n")
            .starts_with("chancery.toml:2: there is no section [nonsense]; sections are admin, issuer")
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let bad = Config::load(Some(Path::new("/nowhere/chancery.toml")), nothing()).unwrap_err();
    assert!(
        bad.to_string().starts_with("/nowhere/chancery.toml:1: the configuration cannot be read"),
        "{bad}"
    );
}

#[test]
fn r_1_12_a_lead_shorter_than_max_age_is_refused_at_its_line() {
    let told = refused("[keys]\njwks_max_age = \"10m\"\npublish_lead = \"5m\"\n");
    assert!(told.starts_with("chancery.toml:3: [keys] publish_lead is 5m and jwks_max_age 10m"), "{told}");
    let told = refused("[keys]\njwks_max_age = \"2h\"\n");
    assert!(told.starts_with("chancery.toml:2: [keys] publish_lead is 1h and jwks_max_age 2h"), "{told}");
    assert!(load("[keys]\njwks_max_age = \"2h\"\npublish_lead = \"2h\"\n", &[]).is_ok());
}

#[test]
fn r07_a_live_issuer_says_its_own_url() {
    let told = refused("[issuer]\nenvironment = \"live\"\n");
    assert!(told.contains("a live issuer says its own url"), "{told}");
}

#[test]
fn an_issuer_url_is_one_that_verifiers_can_compare() {
    for good in [
        "https://auth.example.com",
        "https://auth.example.com/t/a",
        "http://127.0.0.1:8420",
        "http://[::1]:1",
        "http://localhost",
    ] {
        let config = load(&format!("[issuer]\nurl = \"{good}\"\n"), &[]);
        assert_eq!(config.map(|config| config.issuer.url).as_deref(), Ok(good));
    }
    for (bad, says) in [
        ("auth.example.com", "no URL"),
        ("ftp://auth.example.com", "https://"),
        ("http://10.0.0.1", "https://"),
        ("https://auth.example.com/", "slash"),
        ("https://auth.example.com?a", "query"),
        ("https://auth.example.com#a", "fragment"),
        ("https://u:p@auth.example.com", "user name"),
        ("https://AUTH.example.com", "write https://auth.example.com"),
        ("https://auth.example.com:443", "write https://auth.example.com"),
        ("https://auth.example.com/a/../b", "write https://auth.example.com/b"),
    ] {
        let told = refused(&format!("[issuer]\nurl = \"{bad}\"\n"));
        assert!(told.contains(says), "{bad}: {told}");
    }
}

#[test]
fn r08_a_secret_in_the_place_of_a_path_is_not_repeated() {
    let told = refused("[keys]\nmaster_key_file = \"chm_c2VjcmV0\"\n");
    assert!(told.contains("holds a secret") && !told.contains("c2VjcmV0"), "{told}");
    let told = refused("[keys]\nmaster_key = \"c2VjcmV0\"\n");
    assert!(told.contains("write master_key_file and the path") && !told.contains("c2VjcmV0"), "{told}");
}

#[test]
fn numbers_and_choices_keep_to_their_range() {
    for (text, says) in [
        ("[limits]\nbody_bytes = 5\n", "a whole number from 1024 to 16777216"),
        ("[limits]\nbody_bytes = -5\n", "a whole number"),
        ("[limits]\nbody_bytes = 1.5\n", "a whole number"),
        ("[limits]\nbody_bytes = \"many\"\n", "a whole number"),
        ("[log]\nlevel = \"loud\"\n", "one of 'error', 'warn', 'info', 'debug', 'trace', not 'loud'"),
        ("[listen]\naddress = \"localhost\"\n", "an IP address and a port"),
        ("[store]\npath = \"\"\n", "write a path"),
        ("[store]\npath = [\"a\"]\n", "path is a list"),
        ("[tokens]\nmax_lifetime = \"5m\"\ndefault_lifetime = \"6m\"\n", "make the first one shorter"),
        ("[tokens]\ndefault_lifetime = \"0s\"\n", "it may be 1s to 1h"),
    ] {
        let told = refused(text);
        assert!(told.contains(says) && told.lines().count() == 1, "{text}: {told}");
    }
}
