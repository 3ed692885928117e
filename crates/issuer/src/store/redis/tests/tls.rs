use super::*;
use crate::scratch::Scratch;
use crate::store::contract::client;
use std::fs;

fn over_tls(server: &RedisServer) -> RedisSettings {
    RedisSettings { ca_file: Some(server.ca_file()), ..RedisSettings::new(server.tls_url().parse().unwrap()) }
}

#[tokio::test]
async fn a_store_is_kept_over_tls() {
    let mut server = RedisServer::start(RedisOptions::default().tls().durable());
    let store = RedisStore::open(&over_tls(&server)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    assert_eq!(store.client(&"a".parse().unwrap()).await, Ok(Some(client("a"))));
    // Also after it broke.
    server.kill9();
    server.restart();
    until("the store is back", async || store.ping().await == Ok(())).await;
    assert_eq!(contract::all(&store).await, [client("a")]);
    let mut by_address = over_tls(&server);
    by_address.redis = server.tls_url().replace("localhost", "127.0.0.1").parse().unwrap();
    assert!(RedisStore::open(&by_address).await.is_ok());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (server, other) = (
        RedisServer::start(RedisOptions::default().tls()),
        RedisServer::start(RedisOptions::default().tls()),
    );
    let without = RedisSettings { ca_file: None, ..over_tls(&server) };
    let wrong = RedisSettings { ca_file: Some(other.ca_file()), ..over_tls(&server) };
    for settings in [without, wrong] {
        let refused = RedisStore::open(&settings).await.unwrap_err();
        assert_eq!(refused.reason(), "redis_tls", "{refused}");
        assert!(refused.to_string().contains("store.ca_file"), "{refused}");
    }
}

#[tokio::test]
async fn certificates_that_are_none_are_named() {
    let (server, scratch) = (RedisServer::start(RedisOptions::default().tls()), Scratch::new());
    let file = scratch.path().join("ca.pem");
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n").unwrap();
    for file in [file, scratch.path().join("none.pem")] {
        let settings = RedisSettings { ca_file: Some(file), ..over_tls(&server) };
        assert_eq!(RedisStore::open(&settings).await.unwrap_err().reason(), "redis_ca_file");
    }
}

#[tokio::test]
async fn tls_where_there_is_none_and_none_where_there_is_tls_end_in_time() {
    let server = RedisServer::start(RedisOptions::default().tls());
    let mut crossed = RedisSettings { connect_timeout: Duration::from_millis(500), ..over_tls(&server) };
    crossed.redis = server.url().replace("redis://", "rediss://").parse().unwrap();
    let refused = RedisStore::open(&crossed).await.unwrap_err();
    assert!(matches!(refused.reason(), "redis_tls" | "redis_timed_out"), "{refused}");
    crossed.redis = server.tls_url().replace("rediss://", "redis://").parse().unwrap();
    let refused = RedisStore::open(&crossed).await.unwrap_err();
    assert!(matches!(refused.reason(), "redis_unreachable" | "redis_timed_out"), "{refused}");
}

#[tokio::test]
async fn a_name_without_an_address_and_an_address_without_a_server_are_no_faults_of_tls() {
    // RFC 6761 section 6.4: no name below .invalid is ever found.
    for url in ["rediss://redis.invalid:6379", "redis://redis.invalid:6379"] {
        let refused = RedisStore::open(&RedisSettings::new(url.parse().unwrap())).await.unwrap_err();
        assert_eq!(refused.reason(), "redis_name_unresolved", "{refused}");
        assert!(refused.to_string().contains("redis.invalid"), "{refused}");
    }
    let mut server = RedisServer::start(RedisOptions::default().tls());
    let settings = over_tls(&server);
    server.stop();
    assert_eq!(RedisStore::open(&settings).await.unwrap_err().reason(), "redis_unreachable");
}
