//! What documents weigh on the wire, compressed as HTTP does.

use crate::world::{NOW, RETENTION, append, log, minutes, signer};
use chancery_revocation::{Kill, Log};
use chancery_token::{FamilyId, TokenId};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

fn gzip(document: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(document.as_bytes()).unwrap();
    encoder.finish().unwrap().len()
}

/// Ids spread as random ones are.
fn random(at: u64) -> [u8; 16] {
    let mut state = at.wrapping_add(0x5851_f42d_4c95_7f2d);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    bytes[8..].copy_from_slice(&next().to_be_bytes());
    bytes
}

/// `ids` revocations over some minutes, one in four of a family.
fn revoked(ids: u64) -> Log {
    let kill = |at: u64| {
        let minute = at * 15 / ids;
        if at % 4 == 3 {
            Kill::family(FamilyId::from_bytes(random(at)), RETENTION.family_end(minutes(minute)))
        } else {
            Kill::token(TokenId::from_bytes(random(at)), minutes(minute + 1 + u64::from(random(at)[9]) % 15))
        }
    };
    append(&log(), &(0..ids).map(kill).collect::<Vec<_>>())
}

fn delta(log: &Log) -> usize {
    gzip(&signer().delta(&log.since(log.start()).unwrap(), NOW).unwrap())
}

fn snapshot(log: &Log) -> usize {
    gzip(&signer().snapshot(log, NOW).unwrap())
}

#[test]
fn a_revoked_id_weighs_at_most_sixteen_bytes_in_a_delta_and_eleven_in_a_snapshot() {
    for ids in [1000, 2500, 10_000, 60_000] {
        let log = revoked(ids);
        let count = usize::try_from(ids).unwrap();
        let (delta, snapshot) = (delta(&log), snapshot(&log));
        assert!(delta <= 16 * count, "{delta} bytes for {ids} ids in a delta");
        assert!(snapshot <= 11 * count, "{snapshot} bytes for {ids} ids in a snapshot");
    }
}

#[test]
fn a_heartbeat_weighs_at_most_six_hundred_bytes() {
    let log = revoked(10);
    let heartbeat = signer().delta(&log.since(log.position().sequence).unwrap(), NOW).unwrap();
    assert!(gzip(&heartbeat) <= 600, "{}", gzip(&heartbeat));
}

#[test]
fn a_tenant_weighs_at_most_a_hundred_and_twenty_bytes() {
    for ids in [1, 100, 2500] {
        let log = revoked(ids);
        let tenant = Kill::tenant(&"a-tenant-with-a-long-name".parse().unwrap(), RETENTION.family_end(NOW));
        let more = append(&log, &[tenant]);
        let (by_delta, by_snapshot) = (delta(&more) - delta(&log), snapshot(&more) - snapshot(&log));
        assert!(by_delta <= 120 && by_snapshot <= 120, "{by_delta} and {by_snapshot} bytes beside {ids} ids");
    }
}
