use super::*;
use crate::scratch::Scratch;
use std::fs;
use std::path::PathBuf;

async fn refused(settings: &RedisSettings) -> (&'static str, String) {
    let fault = RedisStore::open(settings).await.unwrap_err();
    (fault.reason(), fault.to_string())
}

struct Password {
    _folder: Scratch,
    file: PathBuf,
}

fn password(text: &str) -> Password {
    let folder = Scratch::new();
    let file = folder.path().join("redis.password");
    fs::write(&file, text).unwrap();
    Password { _folder: folder, file }
}

#[tokio::test]
async fn r_8_6_a_wrong_password_a_missing_one_and_one_too_many_are_told_apart() {
    let server = RedisServer::start(RedisOptions::default().password("correct horse"));
    let (right, wrong, empty) = (password("correct horse\n"), password("hunter2"), password("\n"));
    let with = |server: &RedisServer, file: Option<&Password>| RedisSettings {
        password_file: file.map(|password| password.file.clone()),
        ..settings(server)
    };
    assert!(RedisStore::open(&with(&server, Some(&right))).await.unwrap().ping().await.is_ok());
    let (reason, text) = refused(&with(&server, None)).await;
    assert_eq!(reason, "redis_password_missing");
    assert!(text.contains("store.password_file"), "{text}");
    let (reason, text) = refused(&with(&server, Some(&wrong))).await;
    assert_eq!(reason, "redis_password_wrong");
    assert!(!text.contains("hunter2") && text.contains("store.password_file"), "{text}");
    let (reason, _) = refused(&with(&server, Some(&empty))).await;
    assert_eq!(reason, "redis_password_file");
    let open = RedisServer::start(RedisOptions::default());
    let (reason, text) = refused(&with(&open, Some(&right))).await;
    assert_eq!(reason, "redis_password_unwanted");
    assert!(!text.contains("correct horse"), "{text}");
}

#[tokio::test]
async fn a_user_of_an_access_control_list_needs_what_the_refusal_names() {
    let server = RedisServer::start(RedisOptions::default());
    let file = password("correct horse");
    let user = RedisSettings {
        username: Some("chancery".into()),
        password_file: Some(file.file.clone()),
        ..settings(&server)
    };
    assert_eq!(refused(&user).await.0, "redis_password_wrong");
    server.ask(&["ACL", "SETUSER", "chancery", "on", ">correct horse", "~{chancery}:*", "+@read"]);
    let (reason, text) = refused(&user).await;
    assert_eq!(reason, "redis_forbidden");
    let rights = text.split("ACL SETUSER: ").nth(1).unwrap();
    let mut words = vec!["ACL", "SETUSER", "chancery", "reset", "on", ">correct horse"];
    words.extend(rights.split(' '));
    server.ask(&words);
    let store = RedisStore::open(&user).await.unwrap();
    store.initialise(&contract::identity(1)).await.unwrap();
    store.insert_client(&contract::client("a")).await.unwrap();
    store.replace_keyring(None, b"x").await.unwrap();
    assert_eq!(contract::all(&store).await.len(), 1);
    assert_eq!(store.ping().await, Ok(()));
    let mut second = user.clone();
    second.redis = server.url().replace("/0", "/1").parse().unwrap();
    assert!(RedisStore::open(&second).await.is_ok());
}

#[tokio::test]
async fn r_8_6_a_policy_that_evicts_is_refused() {
    let server = RedisServer::start(RedisOptions::default().set("maxmemory-policy", "allkeys-lru"));
    let (reason, text) = refused(&settings(&server)).await;
    assert_eq!(reason, "redis_evicts");
    let told = "the line 'maxmemory-policy noeviction' into redis.conf, and run CONFIG SET maxmemory-policy noeviction";
    assert!(text.contains("allkeys-lru") && text.contains(told), "{text}");
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    assert!(RedisStore::open(&settings(&server)).await.is_ok());
}

#[tokio::test]
async fn r_8_6_a_replica_is_refused_and_names_its_master() {
    let master = RedisServer::start(RedisOptions::default());
    let server = RedisServer::start(RedisOptions::default());
    server.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
    let (reason, text) = refused(&settings(&server)).await;
    assert_eq!(reason, "redis_replica");
    assert!(text.contains(&format!("127.0.0.1:{}", master.port())), "{text}");
}

#[tokio::test]
async fn a_database_that_there_is_not_is_refused() {
    let server = RedisServer::start(RedisOptions::default());
    let mut settings = settings(&server);
    settings.redis = server.url().replace("/0", "/99").parse().unwrap();
    assert_eq!(refused(&settings).await.0, "redis_database");
}

#[tokio::test]
async fn nobody_there_and_somebody_else_there_are_told_apart() {
    let mut server = RedisServer::start(RedisOptions::default());
    let settings = settings(&server);
    server.stop();
    assert_eq!(refused(&settings).await.0, "redis_unreachable");
    // A web server, for one, closes such a connection or says something of its own.
    let other = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("redis://{}/0", other.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        let (mut stream, _) = other.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let elsewhere = RedisSettings::new(address.parse().unwrap());
    let (reason, _) = refused(&elsewhere).await;
    assert!(matches!(reason, "redis_unreachable" | "redis_refused"), "{reason}");
    answering.await.unwrap();
}
