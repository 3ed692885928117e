//! One issuer's keys, and what tests say of tokens.

use chancery_revocation::{
    Document, DocumentSigner, Kill, Log, LogId, Moment, Retention, RevocationKeys, Sequence, TokenMarks,
    VerifiedDelta, VerifiedSnapshot,
};
use chancery_token::bounds::Bounds;
use chancery_token::ed25519::NamedKey;
use chancery_token::{Claims, Environment, FamilyId, ScopeSet, SecretKey, TokenId, UnixTime, jwk};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(crate) const KID: &str = "token-key-1";

pub(crate) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(24 * 30),
};

/// A key of the log.
pub(crate) fn key() -> NamedKey {
    named(21)
}

pub(crate) fn named(seed: u8) -> NamedKey {
    let secret = SecretKey::from_seed(&[seed; 32]);
    let kid = jwk::thumbprint(&secret.public());
    secret.named(kid)
}

pub(crate) fn signer() -> DocumentSigner {
    DocumentSigner::new(ISSUER, Arc::new(key()))
}

pub(crate) fn keys() -> RevocationKeys {
    RevocationKeys::from_keys([SecretKey::from_seed(&[21; 32]).public()]).unwrap()
}

/// An empty log of a known name.
pub(crate) fn log() -> Log {
    Log::begin(LogId::from_bytes([1; 16]), None, NOW, RETENTION)
}

pub(crate) fn append(log: &Log, kills: &[Kill]) -> Log {
    log.append(kills).unwrap().0
}

pub(crate) fn snapshot(log: &Log, at: UnixTime) -> VerifiedSnapshot {
    match keys().open(&signer().snapshot(log, at).unwrap(), ISSUER, at).unwrap() {
        Document::Snapshot(snapshot) => snapshot,
        Document::Delta(_) => panic!("a snapshot was signed"),
    }
}

pub(crate) fn delta(log: &Log, after: Sequence, at: UnixTime) -> VerifiedDelta {
    let delta = log.since(after).unwrap();
    match keys().open(&signer().delta(&delta, at).unwrap(), ISSUER, at).unwrap() {
        Document::Delta(delta) => delta,
        Document::Snapshot(_) => panic!("a delta was signed"),
    }
}

pub(crate) fn at(seconds: u64) -> Moment {
    Moment { wall: NOW.plus(Duration::from_secs(seconds)), monotonic: Duration::from_secs(seconds) }
}

pub(crate) fn minutes(minutes: u64) -> UnixTime {
    NOW.plus(Duration::from_mins(minutes))
}

/// The `jti` of a test.
pub(crate) fn jti(number: u8) -> TokenId {
    TokenId::from_bytes([number; 16])
}

pub(crate) fn sid(number: u8) -> FamilyId {
    FamilyId::from_bytes([number; 16])
}

/// A token of the client `invoice-sync` for itself, issued at `rvs`.
pub(crate) fn claims(rvs: Sequence) -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: "https://documint.example.com".into(),
        sub: "invoice-sync".parse().unwrap(),
        client_id: "invoice-sync".parse().unwrap(),
        iat: NOW,
        exp: minutes(15),
        nbf: None,
        jti: jti(1),
        scope: ScopeSet::parse("invoices:read").unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: Bounds::default(),
        sid: Some(sid(2)),
        rvs: rvs.get(),
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    }
}

pub(crate) fn marks(claims: &Claims) -> TokenMarks {
    TokenMarks::of(claims, KID)
}
