//! A JWT from a stranger, and a payload that a key of ours has signed.
#![no_main]

use std::sync::LazyLock;

use chancery_token::ed25519::NamedKey;
use chancery_token::{Format, KeySet, SecretKey, jwk, jws};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<NamedKey> = LazyLock::new(|| {
    let secret = SecretKey::from_seed(&[7; 32]);
    let kid = jwk::thumbprint(&secret.public());
    secret.named(kid)
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let public = SecretKey::from_seed(&[7; 32]).public();
    KeySet::from_keys(Format::Jwt, [public]).expect("one key makes a set")
});

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(authentic) = KEYS.open(text)
    {
        assert!(KEYS.contains(authentic.kid()), "opened with a key that is not in the set");
    }
    // Past the signature: whatever the payload holds, it is read or refused, and says the same when read again.
    let header =
        format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, chancery_token::Signer::kid(&*KEY));
    let token = jws::sign(&header, data, &*KEY);
    if let Ok(first) = KEYS.open(&token) {
        let second = KEYS.open(&token).expect("the same token opens twice");
        assert_eq!(first.claims(), second.claims());
    }
});
