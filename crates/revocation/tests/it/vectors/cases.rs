//! Documents in the order in which a follower gets them, and what it then says of tokens.

use super::{NOW, RETENTION, jti, log, seconds, sid, signer};
use chancery_revocation::{Kill, Log, LogId};
use serde_json::{Value, json};
use std::time::Duration;

fn append(log: &Log, kills: &[Kill]) -> Log {
    log.append(kills).map_or_else(|_| log.clone(), |(log, _)| log)
}

fn snapshot(log: &Log, at: u64) -> String {
    signer().snapshot(log, seconds(at)).unwrap_or_default()
}

/// What was appended to `after` since `before`.
fn delta(before: &Log, after: &Log, at: u64) -> String {
    let delta = after.since(before.position().sequence);
    delta.and_then(|delta| signer().delta(&delta, seconds(at)).ok()).unwrap_or_default()
}

fn heartbeat(log: &Log, at: u64) -> String {
    delta(log, log, at)
}

/// A document that arrives `now` seconds after the start, and the place it leads to.
fn step(document: &str, now: u64, outcome: &str, log: &Log, tokens: &[Value]) -> Value {
    let position = log.position();
    json!({
        "now": seconds(now).as_secs(), "document": document, "outcome": outcome,
        "sequence": position.sequence, "head": position.head, "tokens": tokens,
    })
}

/// A token of the client `invoice-sync` for itself and the tenant `acme`, with some members changed.
fn token(rvs: u64, changes: Value, verdict: &str, by: Option<&str>) -> Value {
    let mut token = json!({
        "jti": jti(200), "sid": null, "anc": [], "client_id": "invoice-sync", "sub": "invoice-sync", "act": [],
        "tenant": "acme", "kid": "token-key-1", "rvs": rvs, "policy": "max_staleness",
        "verdict": verdict, "by": by,
    });
    if let (Some(token), Value::Object(changes)) = (token.as_object_mut(), changes) {
        token.extend(changes);
    }
    token
}

fn good(rvs: u64, changes: Value) -> Value {
    token(rvs, changes, "good", None)
}

fn revoked(rvs: u64, changes: Value, by: &str) -> Value {
    token(rvs, changes, "revoked", Some(by))
}

pub(super) fn cases() -> Vec<Value> {
    vec![first(), deltas(), floor(), age(), order(), another_log(), branches(), many()]
}

fn end() -> chancery_token::UnixTime {
    RETENTION.family_end(NOW)
}

fn of_every_kind(log: &Log) -> Log {
    let mut kills = vec![Kill::token(jti(1), seconds(900)), Kill::family(sid(2), end())];
    kills.extend("stolen-client".parse().map(|client| Kill::client(&client, end())));
    kills.extend("left-tenant".parse().map(|tenant| Kill::tenant(&tenant, end())));
    kills.extend("user:mallory@example.com".parse().map(|sub| Kill::subject(&sub, end())));
    kills.push(Kill::key("stolen-key"));
    append(log, &kills)
}

fn tokens_of_every_kind(start: u64) -> Vec<Value> {
    let (last, ahead) = (start + 6, start + 7);
    vec![
        good(last, json!({})),
        revoked(last, json!({ "jti": jti(1) }), "token"),
        revoked(last, json!({ "anc": [jti(50), jti(1)] }), "token"),
        good(last, json!({ "anc": [jti(50)] })),
        revoked(last, json!({ "sid": sid(2) }), "family"),
        good(last, json!({ "sid": sid(3) })),
        good(last, json!({ "sid": jti(1), "jti": sid(2) })),
        revoked(start + 2, json!({ "client_id": "stolen-client", "sub": "stolen-client" }), "client"),
        good(start + 3, json!({ "client_id": "stolen-client", "sub": "stolen-client" })),
        revoked(start + 2, json!({ "act": ["agent", "stolen-client"], "sub": "user:alice" }), "client"),
        revoked(start + 2, json!({ "sub": "stolen-client" }), "client"),
        good(start, json!({ "tenant": "stolen-client" })),
        revoked(start + 3, json!({ "tenant": "left-tenant" }), "tenant"),
        good(start + 4, json!({ "tenant": "left-tenant" })),
        good(start, json!({ "client_id": "left-tenant", "sub": "left-tenant" })),
        revoked(start + 4, json!({ "sub": "user:mallory@example.com" }), "subject"),
        revoked(start + 4, json!({ "sub": "user:a", "act": ["user:mallory@example.com"] }), "subject"),
        good(start + 5, json!({ "sub": "user:mallory@example.com" })),
        good(start, json!({ "sub": "user:mallory" })),
        revoked(last, json!({ "kid": "stolen-key" }), "key"),
        revoked(9_007_199_254_740_991, json!({ "kid": "stolen-key" }), "key"),
        token(ahead, json!({}), "good_so_far", None),
        token(ahead, json!({ "policy": "strict" }), "revocation_behind", None),
        revoked(ahead, json!({ "jti": jti(1), "policy": "strict" }), "token"),
    ]
}

fn first() -> Value {
    let log = of_every_kind(&log(1));
    let tokens = tokens_of_every_kind(log.start().get());
    json!({ "name": "a first snapshot with an entry of every kind", "steps": [
        { "now": NOW.as_secs(), "tokens": [token(0, json!({}), "revocation_never_heard", None)] },
        step(&snapshot(&log, 0), 0, "installed", &log, &tokens),
    ]})
}

fn deltas() -> Value {
    let zero = log(1);
    let every = of_every_kind(&zero);
    let all = append(&every, &[Kill::all(end())]);
    let start = zero.start().get();
    json!({ "name": "the same by deltas, then all", "steps": [
        step(&snapshot(&zero, 0), 0, "installed", &zero, &[good(start, json!({ "jti": jti(1) }))]),
        step(&delta(&zero, &every, 1), 1, "advanced", &every, &tokens_of_every_kind(start)),
        step(&delta(&every, &all, 2), 2, "advanced", &all, &[
            revoked(start + 6, json!({}), "all"),
            good(start + 7, json!({})),
            revoked(start + 7, json!({ "sid": sid(2) }), "family"),
        ]),
        step(&heartbeat(&all, 3), 3, "heartbeat", &all, &[revoked(start + 6, json!({}), "all")]),
    ]})
}

fn floor() -> Value {
    let zero = log(1);
    let every = of_every_kind(&zero).confirm(NOW);
    let window = RETENTION.window().as_secs();
    let moved = append(&every, &[Kill::token(jti(9), seconds(window))]).confirm(seconds(window));
    let start = zero.start().get();
    json!({ "name": "the floor moves past entries by name, and keys stay", "steps": [
        step(&snapshot(&every, 0), 0, "installed", &every, &[good(start, json!({}))]),
        step(&delta(&every, &moved, window), window, "advanced", &moved, &[
            token(start + 5, json!({}), "issued_below_floor", None),
            token(start + 5, json!({ "kid": "stolen-key" }), "issued_below_floor", None),
            good(start + 6, json!({ "tenant": "left-tenant" })),
            revoked(start + 6, json!({ "kid": "stolen-key" }), "key"),
            revoked(start + 6, json!({ "jti": jti(9) }), "token"),
        ]),
    ]})
}

fn age() -> Value {
    let log = of_every_kind(&log(1));
    let at = log.position().sequence.get();
    let look = |now: u64, age: u64, tokens: &[Value]| json!({ "now": seconds(now).as_secs(), "age": age, "tokens": tokens });
    json!({ "name": "age counts from the issuer's look at its log, and past the limit nobody can say", "steps": [
        step(&snapshot(&log, 0), 10, "installed", &log, &[]),
        look(10, 10, &[good(at, json!({}))]),
        look(3600, 3600, &[good(at, json!({}))]),
        look(3601, 3601, &[
            token(at, json!({}), "revocation_stale", None),
            revoked(at, json!({ "jti": jti(1) }), "token"),
        ]),
        step(&heartbeat(&log, 3650), 3660, "heartbeat", &log, &[good(at, json!({}))]),
        look(3660, 10, &[]),
        step(&heartbeat(&log, 3600), 3670, "already_held", &log, &[]),
        look(3670, 20, &[]),
    ]})
}

fn order() -> Value {
    let zero = log(1);
    let one = append(&zero, &[Kill::token(jti(1), seconds(900))]);
    let two = append(&one, &[Kill::token(jti(2), seconds(900))]);
    let at = two.position().sequence.get();
    let both =
        [revoked(at, json!({ "jti": jti(1) }), "token"), revoked(at, json!({ "jti": jti(2) }), "token")];
    json!({ "name": "documents in the wrong order, again, and too late", "steps": [
        { "now": NOW.as_secs(), "document": delta(&zero, &one, 0), "outcome": "snapshot_needed", "tokens": [] },
        step(&snapshot(&zero, 0), 0, "installed", &zero, &[]),
        step(&delta(&one, &two, 2), 2, "delta_gap", &zero, &[]),
        step(&delta(&zero, &one, 1), 2, "advanced", &one, &[]),
        step(&delta(&one, &two, 2), 2, "advanced", &two, &both),
        step(&delta(&zero, &two, 2), 3, "already_held", &two, &both),
        step(&delta(&zero, &one, 1), 3, "document_older", &two, &both),
        step(&snapshot(&zero, 0), 3, "document_older", &two, &both),
        step(&snapshot(&one, 63), 63, "log_went_back", &two, &both),
    ]})
}

fn another_log() -> Value {
    let old = append(&log(1), &[Kill::token(jti(1), seconds(900)), Kill::all(end())]);
    let new = Log::begin(LogId::from_bytes([2; 16]), Some(old.position().sequence), NOW, RETENTION);
    let new = append(&new, &[Kill::token(jti(2), seconds(900))]);
    let (start, at) = (new.start().get(), new.position().sequence.get());
    json!({ "name": "a later log is joined to what was known", "steps": [
        step(&snapshot(&old, 0), 0, "installed", &old, &[]),
        step(&heartbeat(&new, 5), 5, "delta_of_another_log", &old, &[]),
        step(&snapshot(&new, 5), 5, "merged_another_log", &new, &[
            revoked(at, json!({ "jti": jti(1) }), "token"),
            revoked(at, json!({ "jti": jti(2) }), "token"),
            revoked(old.start().get(), json!({}), "all"),
            good(start, json!({})),
        ]),
        step(&snapshot(&old, 6), 6, "document_older", &new, &[revoked(at, json!({ "jti": jti(2) }), "token")]),
    ]})
}

fn branches() -> Value {
    let zero = log(1);
    let one = append(&zero, &[Kill::token(jti(1), seconds(900))]);
    let two = append(&zero, &[Kill::token(jti(2), seconds(900))]);
    let at = one.position().sequence.get();
    json!({ "name": "two branches of one log are joined", "steps": [
        step(&snapshot(&one, 0), 0, "installed", &one, &[]),
        step(&delta(&zero, &two, 5), 5, "delta_of_another_branch", &one, &[]),
        step(&snapshot(&two, 5), 5, "merged_fork", &two, &[
            revoked(at, json!({ "jti": jti(1) }), "token"),
            revoked(at, json!({ "jti": jti(2) }), "token"),
            good(at, json!({ "jti": jti(3) })),
        ]),
    ]})
}

/// Blocks: more than one, ids of both sorts, names in between.
fn many() -> Value {
    let zero = log(1);
    let mut kills = Vec::new();
    for round in 0..10_u64 {
        for number in 0..130_u8 {
            let minute = NOW.plus(Duration::from_mins(round + u64::from(number) % 15));
            let mut bytes = *jti(number).as_bytes();
            bytes.rotate_left(usize::try_from(round).unwrap_or(0));
            kills.push(match number % 5 {
                4 => Kill::family(chancery_token::FamilyId::from_bytes(bytes), end()),
                _ => Kill::token(chancery_token::TokenId::from_bytes(bytes), minute),
            });
        }
        kills.extend(format!("tenant-{round}").parse().map(|tenant| Kill::tenant(&tenant, end())));
    }
    let log = append(&zero, &kills);
    let at = log.position().sequence.get();
    let tokens = [
        revoked(at, json!({ "jti": jti(0) }), "token"),
        revoked(at, json!({ "jti": jti(128) }), "token"),
        revoked(at, json!({ "sid": jti(129) }), "family"),
        good(at, json!({ "jti": jti(129) })),
        good(at, json!({ "sid": jti(0) })),
        revoked(zero.start().get(), json!({ "tenant": "tenant-9" }), "tenant"),
        good(at, json!({ "tenant": "tenant-9" })),
    ];
    json!({ "name": "thirteen hundred ids over two blocks", "steps": [
        step(&snapshot(&log, 0), 0, "installed", &log, &tokens),
        step(&snapshot(&log, 1), 1, "heartbeat", &log, &tokens),
    ]})
}
