//! A delta of the revocation log: from a stranger, and then under a real signature, past which a stranger does not come.
//! Whatever is revoked, its delta is read as what it was.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chancery_revocation::{
    BadDocument, Document, DocumentSigner, Entry, Follow, Kill, Log, LogId, Moment, Outcome, Retention,
    RevocationKeys, Sequence, VerifiedDelta,
};
use chancery_token::ed25519::NamedKey;
use chancery_token::encoding::base64url;
use chancery_token::{SecretKey, UnixTime, jwk, jws};
use libfuzzer_sys::fuzz_target;

const ISSUER: &str = "https://auth.example.com";
const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const RETENTION: Retention = Retention {
    longest_access: Duration::from_secs(3600),
    max_blind: Duration::from_secs(600),
    skew: Duration::from_secs(300),
    longest_family: Duration::from_secs(86400),
};

static KEY: LazyLock<Arc<NamedKey>> = LazyLock::new(|| {
    let secret = SecretKey::from_seed(&[21; 32]);
    let kid = jwk::thumbprint(&secret.public());
    Arc::new(secret.named(kid))
});

static KEYS: LazyLock<RevocationKeys> = LazyLock::new(|| {
    RevocationKeys::from_keys([SecretKey::from_seed(&[21; 32]).public()]).expect("one key makes a set")
});

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = KEYS.open(text, ISSUER, NOW);
    }
    let _ = open(data);
    columns(data);
    entries(data);
});

fn open(payload: &[u8]) -> Result<VerifiedDelta, BadDocument> {
    use chancery_token::Signer as _;
    let header = format!(r#"{{"alg":"EdDSA","typ":"chancery-rev-delta+jwt","kid":"{}"}}"#, KEY.kid());
    match KEYS.open(&jws::sign(&header, payload, &**KEY), ISSUER, NOW)? {
        Document::Delta(delta) => Ok(delta),
        Document::Snapshot(_) => panic!("a delta is no snapshot"),
    }
}

/// A byte for the number of entries, two for the length of each column of ids. The rest is names.
fn columns(data: &[u8]) {
    let Some((numbers, rest)) = data.split_first_chunk::<5>() else { return };
    let [count, a, b, c, d] = *numbers;
    let lengths = [[a, b], [c, d]].map(|bytes| usize::from(u16::from_be_bytes(bytes)));
    let (ids, rest) = rest.split_at(lengths[0].min(rest.len()));
    let (ends, wide) = rest.split_at(lengths[1].min(rest.len()));
    let nothing = ids.is_empty() && ends.is_empty() && wide.is_empty() && count == 0;
    let (log, head) = (base64url(&[1; 16]), base64url(&[2; 32]));
    let [ids, ends, wide] = [ids, ends, wide].map(base64url);
    let to = 1_099_511_627_776 + u64::from(count);
    let payload = format!(
        r#"{{"iss":"{ISSUER}","iat":1795305600,"log":"{log}","from":1099511627776,"to":{to},"prev":"{head}","head":"{head}","floor":0,"ids":"{ids}","ends":"{ends}","wide":"{wide}"}}"#
    );
    // No entries lead from a head back to itself.
    assert_eq!(open(payload.as_bytes()).is_ok(), nothing, "{payload}");
}

/// The bytes of entries as a store keeps them, each behind its length.
fn entries(mut data: &[u8]) {
    let mut kills: Vec<Kill> = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let (bytes, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        data = rest;
        if let Ok(entry) = Entry::from_bytes(Sequence::new(0), bytes) {
            assert_eq!(entry.to_bytes(), bytes);
            kills.push(entry.kill);
        }
    }
    let signer = DocumentSigner::new(ISSUER, KEY.clone());
    let before = Log::begin(LogId::from_bytes([1; 16]), None, NOW, RETENTION);
    let (after, _) = before.append(&kills).expect("few");
    let delta = after.since(before.start()).expect("just appended");
    let text = signer.delta(&delta, NOW).expect("small");
    let Ok(Document::Delta(read)) = KEYS.open(&text, ISSUER, NOW) else {
        panic!("written, not read: {text}")
    };
    assert_eq!(read.delta(), &delta);

    let now = Moment { wall: NOW, monotonic: Duration::ZERO };
    let snapshot = |log| signer.snapshot(log, NOW).expect("small");
    let (by_delta, installed) = Follow::new().receive(&snapshot(&before), &KEYS, ISSUER, now);
    assert!(matches!(installed, Ok(Outcome::Installed { .. })));
    let (by_delta, _) = by_delta.receive(&text, &KEYS, ISSUER, now);
    let (by_snapshot, _) = Follow::new().receive(&snapshot(&after), &KEYS, ISSUER, now);
    assert_eq!(by_delta.set(), by_snapshot.set());
    assert_eq!(by_delta.position(), by_snapshot.position());
}
