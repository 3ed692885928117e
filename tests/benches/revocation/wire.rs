//! What documents weigh on their way, compressed as HTTP does.

use crate::check::number;
use crate::entries::{RETENTION, append};
use crate::order::Order;
use crate::report::{Figure, Report};
use chancery_revocation::{DocumentSigner, Kill, Log};
use chancery_token::{SecretKey, UnixTime, jwk};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::sync::Arc;

pub(crate) const ID: &str = "revocation.wire";
pub(crate) const ISSUER: &str = "https://auth.example.com";
/// How many ids a delta has at once: word of a leak, and of a burst. The issuer remembers 65,536 entries.
const DELTAS: [u64; 4] = [1000, 2500, 10_000, 60_000];
const SNAPSHOTS: [u64; 4] = [1000, 10_000, 100_000, 1_000_000];

/// The worst of several sizes counts: documents are the same in every run, so there are no rounds.
pub(crate) fn measure(now: UnixTime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let sizes = |all: [u64; 4]| if order.quick { vec![all[0]] } else { all.to_vec() };
    let mut each =
        |what: &str, sizes: Vec<u64>, limit: f64, weigh: fn(&Log, UnixTime) -> Result<f64, String>| {
            let weights = sizes.iter().map(|ids| weigh(&only_ids(*ids, now)?, now));
            let worst = weights.collect::<Result<Vec<f64>, String>>()?.into_iter().fold(0.0, f64::max);
            let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
            report.add(Figure {
                limit: Some(limit),
                note: format!("gzip; the worst of {} ids", sizes.join(", ")),
                ..Figure::new(format!("{ID}.{what}"), "B", vec![worst])
            });
            Ok::<(), String>(())
        };
    each("delta_bytes_per_id", sizes(DELTAS), 16.0, |log, now| Ok(delta(log, now)? / ids(log)))?;
    each("snapshot_bytes_per_id", sizes(SNAPSHOTS), 11.0, |log, now| Ok(snapshot(log, now)? / ids(log)))?;
    each("heartbeat_bytes", vec![1000], 600.0, |log, now| {
        weight_of_delta(log, log.position().sequence, now)
    })?;
    each("tenant_bytes", sizes([1, 100, 2500, 10_000]), 120.0, |log, now| {
        let tenant = "a-tenant-with-a-long-name".parse().map_err(|fault| format!("a tenant: {fault}"))?;
        let more = append(log, &[Kill::tenant(&tenant, RETENTION.family_end(now))])?;
        let (by_delta, by_snapshot) =
            (delta(&more, now)? - delta(log, now)?, snapshot(&more, now)? - snapshot(log, now)?);
        Ok(by_delta.max(by_snapshot))
    })
}

/// A log of tokens and families alone.
fn only_ids(ids: u64, now: UnixTime) -> Result<Log, String> {
    let empty = Log::begin(chancery_revocation::LogId::from_bytes([1; 16]), None, now, RETENTION);
    let kills: Vec<Kill> = (0..ids).map(|number| crate::entries::kill(number, now)).collect();
    append(&empty, &kills)
}

fn ids(log: &Log) -> f64 {
    number(log.published().ids())
}

fn delta(log: &Log, now: UnixTime) -> Result<f64, String> {
    weight_of_delta(log, log.start(), now)
}

fn weight_of_delta(log: &Log, after: chancery_revocation::Sequence, now: UnixTime) -> Result<f64, String> {
    let delta = log.since(after).ok_or("the log does not remember its beginning")?;
    gzip(&signer().delta(&delta, now).map_err(|fault| fault.to_string())?).map(number)
}

fn snapshot(log: &Log, now: UnixTime) -> Result<f64, String> {
    gzip(&signer().snapshot(log, now).map_err(|fault| fault.to_string())?).map(number)
}

/// The key of the log, which signs no token.
pub(crate) fn key() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}

/// Who signs documents.
pub(crate) fn signer() -> DocumentSigner {
    let key = key();
    let kid = jwk::thumbprint(&key.public());
    DocumentSigner::new(ISSUER, Arc::new(key.named(kid)))
}

/// How many bytes are left.
pub(crate) fn gzip(document: &str) -> Result<usize, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(document.as_bytes()).and_then(|()| encoder.finish());
    packed.map(|packed| packed.len()).map_err(|fault| format!("gzip: {fault}"))
}
