//! A JWT from a stranger; then the same bytes as payload and as header under a real signature, past which a
//! stranger does not come.
#![no_main]

use std::sync::LazyLock;

use chancery_token::claims::TimeForm;
use chancery_token::ed25519::NamedKey;
use chancery_token::{Claims, Format, KeySet, SecretKey, Signer, jwk, jws};
use libfuzzer_sys::fuzz_target;

const CLAIMS: &[u8] = br#"{"iss":"https://auth.example.com","aud":"a","sub":"c","client_id":"c","iat":1,"exp":2,"jti":"AAECAwQFBgcICQoLDA0ODw","scope":"a:b","tenant":"t","rvs":1,"env":"live"}"#;

static KEY: LazyLock<NamedKey> = LazyLock::new(|| {
    let secret = SecretKey::from_seed(&[7; 32]);
    let kid = jwk::thumbprint(&secret.public());
    secret.named(kid)
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let public = SecretKey::from_seed(&[7; 32]).public();
    KeySet::from_keys(Format::Jwt, [public]).expect("one key makes a set")
});

static HEADER: LazyLock<String> =
    LazyLock::new(|| format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, KEY.kid()));

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        stranger(text);
        header(text);
    }
    payload(data);
});

/// What opens was made by our key, to the last bit: Ed25519 signatures are deterministic.
fn stranger(text: &str) {
    if KEYS.open(text).is_ok() {
        let (input, signature) = text.rsplit_once('.').expect("three segments");
        let ours = chancery_token::encoding::base64url(&KEY.sign(input.as_bytes()));
        assert_eq!(signature, ours, "opened, but our key did not make it");
        let compact = jws::Compact::parse(text).expect("what opens is a JWS");
        let typ = compact.header().typ.clone().expect("what opens has a typ").to_ascii_lowercase();
        assert!(typ == "at+jwt" || typ == "application/at+jwt", "opened as {typ}");
        assert_eq!(compact.header().kid.as_deref(), Some(KEY.kid()));
    }
    if let Ok(compact) = jws::Compact::parse(text) {
        let _ = compact.verify(&SecretKey::from_seed(&[7; 32]).public());
    }
}

/// Whatever the payload says, it is read or refused, and what was read survives being written.
fn payload(data: &[u8]) {
    let token = jws::sign(&HEADER, data, &*KEY);
    let read = Claims::from_json(data, TimeForm::NumericDate);
    match KEYS.open(&token) {
        Ok(authentic) => {
            assert_eq!(Ok(authentic.claims()), read.as_ref());
            let written = authentic.claims().to_json(TimeForm::NumericDate);
            assert_eq!(Claims::from_json(&written, TimeForm::NumericDate).as_ref(), Ok(authentic.claims()));
        }
        Err(refused) => assert!(read.is_err() || refused.reason() == "token_too_large", "{refused}"),
    }
}

/// Whatever the header says, a token opens only as an access token of our key.
fn header(text: &str) {
    let token = jws::sign(text, CLAIMS, &*KEY);
    if KEYS.open(&token).is_err() {
        return;
    }
    assert!(text.contains(KEY.kid()) || text.contains('\\'), "opened without our kid");
    // Within another member these names mean nothing; a header with one brace has no members within others.
    if text.matches('{').count() == 1 {
        for name in ["crit", "b64", "jwk", "jku", "x5u", "x5c", "cty", "enc"] {
            assert!(!text.contains(&format!("\"{name}\":")), "opened with {name}");
        }
    }
}
