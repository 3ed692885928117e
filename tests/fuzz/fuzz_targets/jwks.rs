//! A key document from a stranger, in both formats.
#![no_main]

use chancery_token::jwk::{Jwk, thumbprint};
use chancery_token::{AlgorithmName, BadKeyDocument, Format, KeySet, PublicKey, paserk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for format in [Format::Jwt, Format::Paseto] {
        match KeySet::read(format, data) {
            Ok(document) => {
                usable(&document.keys);
                assert!(
                    document.skipped.windows(2).all(|pair| pair[0].0 < pair[1].0),
                    "each entry is left out once"
                );
                let again = KeySet::read(format, data).expect("the same document is read twice");
                assert_eq!(again.keys, document.keys);
            }
            Err(BadKeyDocument::TooLarge { bytes }) => assert_eq!(bytes, data.len()),
            Err(refused) => assert!(!refused.to_string().is_empty()),
        }
    }
});

fn usable(keys: &KeySet) {
    assert!(keys.kids().count() > 0, "a set is never empty");
    for kid in keys.kids() {
        let key = keys.key(kid).expect("every name has its key");
        assert!(keys.contains(kid) && (1..=64).contains(&kid.len()));
        assert_eq!(PublicKey::from_bytes(key.as_bytes()).as_ref(), Ok(key));
        assert_eq!(paserk::from_public(&paserk::public(key)).as_ref(), Ok(key));
        if keys.format() == Format::Paseto {
            assert_eq!(**kid, *paserk::pid(key));
        }
        published(key);
    }
}

/// Published by us, the key is read again, under its own name.
fn published(key: &PublicKey) {
    let jwk = Jwk::new(key, AlgorithmName::EdDsa);
    let jwk = format!("{jwk:?}");
    assert!(jwk.contains(&thumbprint(key)) && !jwk.contains(" d:"));
    let set = KeySet::from_keys(Format::Jwt, [key.clone()]).expect("one key makes a set");
    assert_eq!(set.key(&thumbprint(key)), Some(key));
}
