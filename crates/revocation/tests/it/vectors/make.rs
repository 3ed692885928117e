//! What the file of vectors holds. The same bytes at every run: keys, ids and times are fixed.

mod cases;
mod refused;

use chancery_revocation::{DocumentSigner, Log, LogId, NameMark, Retention};
use chancery_token::ed25519::NamedKey;
use chancery_token::encoding::base64url;
use chancery_token::jwk::{self, Jwk};
use chancery_token::{AlgorithmName, FamilyId, SecretKey, TokenId, UnixTime};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(crate) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(24 * 30),
};

/// The whole file.
pub(crate) fn file() -> String {
    let signed = key(21);
    let keys = json!({ "keys": [Jwk::new(&SecretKey::from_seed(&[21; 32]).public(), AlgorithmName::EdDsa)] });
    let file = json!({
        "comment": "See revocation.md beside this file.",
        "issuer": ISSUER,
        "keys": keys,
        "kid": chancery_token::Signer::kid(&signed),
        "max_staleness": 3600,
        "marks": marks(),
        "cases": cases::cases(),
        "refused": refused::refused(),
    });
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

pub(crate) fn key(seed: u8) -> NamedKey {
    let secret = SecretKey::from_seed(&[seed; 32]);
    let kid = jwk::thumbprint(&secret.public());
    secret.named(kid)
}

pub(crate) fn signer() -> DocumentSigner {
    DocumentSigner::new(ISSUER, Arc::new(key(21)))
}

pub(crate) fn log(number: u8) -> Log {
    Log::begin(LogId::from_bytes([number; 16]), None, NOW, RETENTION)
}

pub(crate) fn seconds(seconds: u64) -> UnixTime {
    NOW.plus(Duration::from_secs(seconds))
}

pub(crate) fn jti(number: u8) -> TokenId {
    TokenId::from_bytes(id(number))
}

pub(crate) fn sid(number: u8) -> FamilyId {
    FamilyId::from_bytes(id(number ^ 0x80))
}

/// Bytes that look random and are not.
fn id(number: u8) -> [u8; 16] {
    let mut state = u64::from(number).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 16];
    for half in bytes.chunks_mut(8) {
        state = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        half.iter_mut().zip(state.to_be_bytes()).for_each(|(to, from)| *to = from);
    }
    bytes
}

fn marks() -> Vec<Value> {
    let row = |kind: &str, name: &str, mark: NameMark| json!({ "kind": kind, "name": name, "mark": base64url(mark.as_bytes()) });
    let mut rows = vec![row("key", "token-key-1", NameMark::key("token-key-1"))];
    if let (Ok(client), Ok(tenant), Ok(subject)) = ("acme".parse(), "acme".parse(), "acme".parse()) {
        rows.push(row("client", "acme", NameMark::client(&client)));
        rows.push(row("tenant", "acme", NameMark::tenant(&tenant)));
        rows.push(row("subject", "acme", NameMark::subject(&subject)));
    }
    rows
}
