//! A snapshot of the revocation log: from a stranger, and then under a real signature, past which a stranger does not
//! come. What is read can be written, and is then read as the same.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chancery_revocation::{
    BadDocument, Document, DocumentSigner, Head, Kill, Log, LogId, Retention, RevocationKeys, RevokedSet,
    Sequence, Stored, VerifiedSnapshot,
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
    // Two bytes each: how many ids are announced, how long the two lists of ids are. The rest is names.
    let Some((numbers, rest)) = data.split_first_chunk::<6>() else { return };
    let [count, tokens, families] =
        [0, 2, 4].map(|at| usize::from(u16::from_be_bytes([numbers[at], numbers[at + 1]])));
    let (tokens, rest) = rest.split_at(tokens.min(rest.len()));
    let (families, wide) = rest.split_at(families.min(rest.len()));
    if let Ok(snapshot) = open(&payload(count, tokens, families, wide)) {
        assert_eq!(snapshot.set().ids(), count);
        held(&snapshot);
    }
});

fn open(payload: &[u8]) -> Result<VerifiedSnapshot, BadDocument> {
    use chancery_token::Signer as _;
    let header = format!(r#"{{"alg":"EdDSA","typ":"chancery-rev-snapshot+jwt","kid":"{}"}}"#, KEY.kid());
    match KEYS.open(&jws::sign(&header, payload, &**KEY), ISSUER, NOW)? {
        Document::Snapshot(snapshot) => Ok(snapshot),
        Document::Delta(_) => panic!("a snapshot is no delta"),
    }
}

fn payload(count: usize, tokens: &[u8], families: &[u8], wide: &[u8]) -> Vec<u8> {
    let (log, head) = (base64url(&[1; 16]), base64url(&[2; 32]));
    let [tokens, families, wide] = [tokens, families, wide].map(base64url);
    format!(
        r#"{{"iss":"{ISSUER}","iat":1795305600,"log":"{log}","sequence":1099511627776,"head":"{head}","floor":0,"count":{count},"tokens":"{tokens}","families":"{families}","wide":"{wide}"}}"#
    )
    .into_bytes()
}

/// What was read is what a log that holds it publishes.
fn held(snapshot: &VerifiedSnapshot) {
    let position = *snapshot.position();
    let stored = Stored {
        start: position.sequence,
        floor: Sequence::new(0),
        anchor: (position.sequence, position.head),
        loose: snapshot.set().entries(),
        since: Vec::new(),
        tail: position,
        marks: Vec::new(),
    };
    let log = Log::resume(stored, RETENTION).expect("nothing was appended");
    assert_eq!(log.published(), snapshot.set());
    let text = DocumentSigner::new(ISSUER, KEY.clone()).snapshot(&log, NOW).expect("small");
    let Ok(Document::Snapshot(again)) = KEYS.open(&text, ISSUER, NOW) else {
        panic!("written, not read: {text}")
    };
    assert_eq!(&again, snapshot);
    let nothing = RevokedSet::empty(Sequence::new(0), Sequence::new(0));
    assert_eq!(&nothing.merge(snapshot.set()), snapshot.set());
    assert_eq!(snapshot.set().missing_from(snapshot.set()), [] as [Kill; 0]);
    assert_ne!(position.head, Head::genesis(LogId::from_bytes([0; 16]), Sequence::new(0)));
}
