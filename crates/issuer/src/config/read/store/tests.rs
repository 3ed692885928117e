use super::super::tests::{load, refused};
use crate::config::StoreConfig;
use std::path::Path;
use std::time::Duration;

#[test]
fn a_redis_is_read_with_all_there_is_to_say_of_it() {
    let text = r#"
[store]
redis = "rediss://redis.example.com:6390/3"
username = "chancery"
password_file = "redis.password"
ca_file = "/etc/redis-ca.pem"
connect_timeout = "2s"
command_timeout = "3s"
"#;
    let config = load(text, &[]).unwrap();
    let StoreConfig::Redis(redis) = config.store else { panic!("{:?}", config.store) };
    assert_eq!(redis.redis.to_string(), "rediss://redis.example.com:6390/3");
    assert_eq!(redis.username.as_deref(), Some("chancery"));
    assert!(redis.password_file.unwrap().ends_with("redis.password"));
    assert_eq!(redis.ca_file.as_deref(), Some(Path::new("/etc/redis-ca.pem")));
    assert_eq!(redis.connect_timeout, Duration::from_secs(2));
    assert_eq!(redis.command_timeout, Duration::from_secs(3));
    assert_eq!(config.admin.secret_file, Path::new(".chancery/admin.secret"));
}

#[test]
fn r_8_1_every_time_has_a_default_that_is_ours() {
    let config = load("[store]\nredis = \"redis://localhost\"\n", &[]).unwrap();
    let StoreConfig::Redis(redis) = config.store else { panic!("{:?}", config.store) };
    assert_eq!(redis.redis.to_string(), "redis://localhost:6379/0");
    assert_eq!(
        (redis.connect_timeout, redis.command_timeout),
        (Duration::from_secs(1), Duration::from_secs(1))
    );
}

#[test]
fn a_store_is_in_one_place() {
    let both = "[store]\npath = \"store.db\"\nredis = \"redis://localhost\"\n";
    let told = refused(both);
    assert!(told.starts_with("chancery.toml:3: ") && told.contains("both path and redis"), "{told}");
    let file = "[store]\npath = \"store.db\"\n";
    let over = load(file, &[("CHANCERY_CONFIG__STORE__REDIS", "redis://localhost")]).unwrap();
    assert!(matches!(over.store, StoreConfig::Redis(_)), "{:?}", over.store);
    let file = "[store]\nredis = \"redis://localhost\"\n";
    let over = load(file, &[("CHANCERY_CONFIG__STORE__PATH", "store.db")]).unwrap();
    assert_eq!(over.store, StoreConfig::Sqlite { path: "store.db".into() });
    assert_eq!(over.admin.secret_file, Path::new("admin.secret"));
}

#[test]
fn r08_a_password_in_the_address_is_refused_and_not_repeated() {
    for address in ["redis://:hunter2@localhost", "rediss://chancery:hunter2@redis.example.com:6379/0"] {
        for key in ["redis", "path"] {
            let told = refused(&format!("[store]\n{key} = \"{address}\"\n"));
            assert!(!told.contains("hunter2"), "{told}");
        }
        let told = refused(&format!("[store]\nredis = \"{address}\"\n"));
        assert!(told.contains("password_file"), "{told}");
    }
    let told = refused("[store]\nredis = \"redis://localhost\"\npassword = \"hunter2\"\n");
    assert!(told.contains("write password_file") && !told.contains("hunter2"), "{told}");
}

#[test]
fn what_is_no_address_is_refused_with_the_form_that_is_one() {
    for (address, says) in [
        ("localhost:6379", "redis://host:6379/0"),
        ("http://localhost", "redis://host:6379/0"),
        ("redis://", "redis://host:6379/0"),
        ("redis://localhost?db=1", "redis://host:6379/0"),
        ("redis://chancery@localhost", "[store] username"),
        ("redis://localhost/main", "number of a database"),
        ("redis://localhost/70000", "number of a database"),
        ("redis://localhost/-1", "number of a database"),
    ] {
        let told = refused(&format!("[store]\nredis = \"{address}\"\n"));
        assert!(told.contains(says) && told.lines().count() == 1, "{address}: {told}");
    }
}

#[test]
fn what_is_for_a_redis_alone_is_refused_without_one() {
    let told = refused("[store]\npath = \"store.db\"\npassword_file = \"redis.password\"\n");
    assert!(told.starts_with("chancery.toml:3: [store] password_file is for a Redis"), "{told}");
    let told = refused("[store]\nredis = \"redis://localhost\"\ncommand_timeout = \"2m\"\n");
    assert!(told.contains("it may be 1s to 1m"), "{told}");
}

#[test]
fn a_loopback_address_is_told_from_others() {
    let is_loopback = |text: &str| text.parse::<crate::config::RedisUrl>().unwrap().is_loopback();
    for near in ["redis://127.0.0.1", "redis://localhost:1", "redis://[::1]:6379/2", "rediss://127.9.9.9"] {
        assert!(is_loopback(near), "{near}");
    }
    for far in ["redis://10.0.0.1", "redis://redis", "redis://[2001:db8::1]"] {
        assert!(!is_loopback(far), "{far}");
    }
    assert_eq!(
        "redis://[::1]".parse::<crate::config::RedisUrl>().unwrap().to_string(),
        "redis://[::1]:6379/0"
    );
}
