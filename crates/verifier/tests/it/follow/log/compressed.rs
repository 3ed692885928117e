//! Answers that are compressed on their way.

use super::world::{HOUR, World};
use crate::follow::office::{DELTA, LOG_KEYS, Reply, SNAPSHOT};
use crate::follow::world::{clock, issuer, keys_of};
use chancery_verifier::Freshness;
use chancery_verifier::clock::Clock as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::Duration;

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn gzip(body: impl Into<Vec<u8>>) -> Reply {
    Reply::ok(body.into()).header(http::header::CONTENT_ENCODING, "gzip")
}

/// A world that heard nothing yet, and whose office answers on `path` with `reply`.
async fn answered(path: &str, reply: Reply) -> World {
    let clock = clock();
    let office = super::world::office(&clock);
    office.publish(path, reply);
    let world = World::started(office, clock, Freshness::MaxStaleness(HOUR), |settings| settings);
    world.verifier.install_keys(issuer().keys()).unwrap();
    world.follower.poll_once().await;
    world
}

#[tokio::test]
async fn documents_may_be_compressed() {
    let clock = clock();
    let log = issuer().log().at(clock.now());
    let world = answered(SNAPSHOT, gzip(compressed(log.snapshot().as_bytes()))).await;
    assert!(world.office.accepts_gzip());
    assert_eq!((world.last_reason(), world.said(&world.token(1))), (None, "ok"));
    let token = world.token(1);
    let mut log = log.at(world.clock.now());
    let before = log.position().sequence;
    log.revoke_token(&token);
    world.office.publish(DELTA, gzip(compressed(log.delta(before).unwrap().as_bytes())));
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.said(&token), "revoked");
}

#[tokio::test]
async fn r_6_3_what_grows_past_the_limit_when_it_is_unpacked_is_refused() {
    // 64 KiB are the most for keys. These become a mebibyte, and travel as a kibibyte.
    let keys = compressed(&vec![b' '; 1024 * 1024]);
    assert!(keys.len() < 4096, "{}", keys.len());
    let world = answered(LOG_KEYS, gzip(keys)).await;
    assert_eq!(
        (world.last_reason(), world.said(&world.token(1))),
        (Some("too_large"), "revocation_never_heard")
    );
    // A document may have 64 MiB.
    let world = answered(SNAPSHOT, gzip(compressed(&vec![b'a'; 64 * 1024 * 1024 + 1]))).await;
    assert_eq!(
        (world.last_reason(), world.said(&world.token(1))),
        (Some("too_large"), "revocation_never_heard")
    );
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_an_answer_that_broke_off() {
    let snapshot = compressed(issuer().log().at(clock().now()).snapshot().as_bytes());
    let half = snapshot[..snapshot.len() / 2].to_vec();
    // Nothing at all is the compressed form of nothing.
    for (broken, said) in
        [(half, "interrupted"), (b"no gzip at all".to_vec(), "interrupted"), (Vec::new(), "segment_count")]
    {
        let world = answered(SNAPSHOT, gzip(broken.clone())).await;
        assert_eq!(world.last_reason(), Some(said), "{broken:?}");
        assert_eq!(world.said(&world.token(1)), "revocation_never_heard");
    }
}

#[tokio::test]
async fn the_keys_of_tokens_may_be_compressed() {
    let world = crate::follow::world::World::new().await;
    world.office.publish_keys(keys_of(&[1, 2]).compressed(compressed));
    world.pass(crate::follow::world::INTERVAL).await;
    assert_eq!(world.verifier.kids().len(), 2);
}
