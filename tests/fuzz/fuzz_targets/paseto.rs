//! A PASETO from a stranger; then the same bytes as payload and as footer under a real signature, past which a
//! stranger does not come; then the text as a PASERK.
#![no_main]

use std::sync::LazyLock;

use chancery_token::claims::TimeForm;
use chancery_token::ed25519::NamedKey;
use chancery_token::{Claims, Format, KeySet, SecretKey, Signer, paserk, paseto};
use libfuzzer_sys::fuzz_target;

const CLAIMS: &[u8] = br#"{"iss":"https://auth.example.com","aud":"a","sub":"c","client_id":"c","iat":"1970-01-01T00:00:01Z","exp":"1970-01-01T00:00:02Z","jti":"AAECAwQFBgcICQoLDA0ODw","scope":"a:b","tenant":"t","rvs":1,"env":"live"}"#;

static KEY: LazyLock<NamedKey> = LazyLock::new(|| {
    let secret = SecretKey::from_seed(&[7; 32]);
    let kid = paserk::pid(&secret.public());
    secret.named(kid)
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let public = SecretKey::from_seed(&[7; 32]).public();
    KeySet::from_keys(Format::Paseto, [public]).expect("one key makes a set")
});

static FOOTER: LazyLock<String> = LazyLock::new(|| format!(r#"{{"kid":"{}","typ":"at+paseto"}}"#, KEY.kid()));

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        stranger(text);
        written_key(text);
    }
    payload(data);
    footer(data);
});

/// What opens was made by our key, to the last bit: Ed25519 signatures are deterministic.
fn stranger(text: &str) {
    let public = SecretKey::from_seed(&[7; 32]).public();
    if KEYS.open(text).is_ok() {
        let unverified = paseto::Unverified::parse(text).expect("what opens is a PASETO");
        let message = unverified.verify(&public, FOOTER.as_bytes(), b"").expect("what opens has our footer");
        assert_eq!(
            paseto::sign(&message, FOOTER.as_bytes(), b"", &*KEY),
            text,
            "opened, but our key did not make it"
        );
    }
    if let Ok(unverified) = paseto::Unverified::parse(text)
        && let Ok(footer) = unverified.footer()
    {
        let _ = unverified.verify(&public, &footer, b"");
    }
}

/// Whatever the payload says, it is read or refused, and what was read survives being written.
fn payload(data: &[u8]) {
    let token = paseto::sign(data, FOOTER.as_bytes(), b"", &*KEY);
    let read = Claims::from_json(data, TimeForm::Rfc3339);
    match KEYS.open(&token) {
        Ok(authentic) => {
            assert_eq!(Ok(authentic.claims()), read.as_ref());
            let written = authentic.claims().to_json(TimeForm::Rfc3339);
            assert_eq!(Claims::from_json(&written, TimeForm::Rfc3339).as_ref(), Ok(authentic.claims()));
        }
        Err(refused) => assert!(read.is_err() || refused.reason() == "token_too_large", "{refused}"),
    }
}

/// One footer opens, byte for byte.
fn footer(data: &[u8]) {
    let token = paseto::sign(CLAIMS, data, b"", &*KEY);
    assert_eq!(KEYS.open(&token).is_ok(), data == FOOTER.as_bytes());
}

/// A PASERK that is read is written the same.
fn written_key(text: &str) {
    if let Ok(key) = paserk::from_public(text) {
        assert_eq!(paserk::public(&key), text);
    }
    if let Ok(bytes) = paserk::public_bytes(text) {
        assert_eq!(paserk::public_of(&bytes), text);
    }
    if let Ok(key) = paserk::from_secret(text) {
        assert!(paserk::secret(&key).as_str() == text, "a private key is not written as it was read");
    }
}
