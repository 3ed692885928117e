//! R-1.8, R-1.9, R-9.2: key documents, ours and those of others.

use crate::world::{foreign_key, key, second_key};
use chancery_token::ed25519::UnusableKey;
use chancery_token::encoding::base64url;
use chancery_token::jwk::{self, Jwk, SkippedKey};
use chancery_token::{
    AlgorithmName, BadKeyDocument, Format, KeySet, MAX_KEY_DOCUMENT_BYTES, SecretKey, paserk,
};
use serde_json::{Value, json};

fn published(key: &SecretKey) -> Value {
    serde_json::to_value(Jwk::new(&key.public(), AlgorithmName::EdDsa)).unwrap()
}

fn published_paserk(key: &SecretKey) -> Value {
    json!({"kid": paserk::pid(&key.public()), "key": paserk::public(&key.public())})
}

fn read(format: Format, keys: &[Value]) -> Result<chancery_token::KeyDocument, BadKeyDocument> {
    KeySet::read(format, json!({ "keys": keys }).to_string().as_bytes())
}

/// The good key with one member changed.
fn with(name: &str, value: Value) -> Value {
    let mut key = published(&key());
    key[name] = value;
    key
}

fn without(name: &str) -> Value {
    let mut key = published(&key());
    key.as_object_mut().unwrap().remove(name);
    key
}

#[test]
fn r_9_2_a_published_key_has_no_room_for_a_private_part() {
    for alg in [AlgorithmName::EdDsa, AlgorithmName::Ed25519] {
        let text = serde_json::to_string(&Jwk::new(&key().public(), alg)).unwrap();
        let x = base64url(key().public().as_bytes());
        assert_eq!(x.len(), 43);
        let kid = jwk::thumbprint(&key().public());
        let alg = alg.as_str();
        let expected =
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"sig","alg":"{alg}","kid":"{kid}"}}"#);
        assert_eq!(text, expected);
        assert!(!text.contains("\"d\""));
    }
}

#[test]
fn what_is_published_is_read() {
    let document = read(Format::Jwt, &[published(&key()), published(&second_key())]).unwrap();
    assert_eq!(document.skipped, []);
    let by_hand = KeySet::from_keys(Format::Jwt, [second_key().public(), key().public()]).unwrap();
    assert_eq!(document.keys, by_hand);
    let document =
        read(Format::Paseto, &[published_paserk(&key()), published_paserk(&second_key())]).unwrap();
    let by_hand = KeySet::from_keys(Format::Paseto, [second_key().public(), key().public()]).unwrap();
    assert_eq!(document.keys, by_hand);
    assert_ne!(document.keys, KeySet::from_keys(Format::Paseto, [key().public()]).unwrap());
    assert_ne!(
        document.keys,
        KeySet::from_keys(Format::Paseto, [key().public(), foreign_key().public()]).unwrap()
    );
}

#[test]
fn the_smallest_usable_key_has_four_members_and_any_legal_name() {
    for name in ["use", "alg"] {
        assert!(read(Format::Jwt, &[without(name)]).is_ok(), "{name}");
    }
    let document = read(Format::Jwt, &[with("kid", json!("2026-11"))]).unwrap();
    assert!(document.keys.contains("2026-11"));
    assert_eq!(document.keys.key("2026-11"), Some(&key().public()));
    assert!(read(Format::Jwt, &[with("key_ops", json!(["verify"]))]).is_ok());
    assert!(read(Format::Jwt, &[with("alg", json!("Ed25519"))]).is_ok());
    assert!(read(Format::Jwt, &[with("x5c", json!(["unread"]))]).is_ok());
}

#[test]
fn r_1_9_a_key_that_is_not_for_us_is_skipped_and_the_rest_is_read() {
    let x = base64url(key().public().as_bytes());
    let neutral = base64url(&{
        let mut neutral = [0; 32];
        neutral[0] = 1;
        neutral
    });
    for (entry, why) in [
        (
            json!({"kty":"RSA","alg":"RSA-OAEP","use":"enc","n":"AQAB","e":"AQAB","kid":"r"}),
            SkippedKey::KeyType,
        ),
        (json!({"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"e"}), SkippedKey::KeyType),
        (json!({"kty":"AKP","alg":"ML-DSA-44","pub":"AA","kid":"m"}), SkippedKey::KeyType),
        (json!({"kty":"oct","k":"AA","kid":"o"}), SkippedKey::KeyType),
        (json!({"kty":"OKP","crv":"Ed448","x":"AA","kid":"g"}), SkippedKey::Curve),
        (json!({"kty":"OKP","crv":"X25519","x":x,"kid":"x"}), SkippedKey::Curve),
        (json!({"kty":"OKP","x":x,"kid":"x"}), SkippedKey::Curve),
        (json!({"kty":1}), SkippedKey::KeyType),
        (json!({}), SkippedKey::KeyType),
        (json!([]), SkippedKey::NotAnObject),
        (json!(null), SkippedKey::NotAnObject),
        (json!("k4.public.AA"), SkippedKey::NotAnObject),
        (without("kid"), SkippedKey::Kid),
        (with("kid", json!("")), SkippedKey::Kid),
        (with("kid", json!("a".repeat(65))), SkippedKey::Kid),
        (with("kid", json!("a/b")), SkippedKey::Kid),
        (with("kid", json!(1)), SkippedKey::Kid),
        (with("alg", json!("ES256")), SkippedKey::Algorithm),
        (with("alg", json!("none")), SkippedKey::Algorithm),
        (with("alg", json!(null)), SkippedKey::Algorithm),
        (with("use", json!("enc")), SkippedKey::Use),
        (with("use", json!(1)), SkippedKey::Use),
        (with("key_ops", json!(["sign"])), SkippedKey::KeyOperations),
        (with("key_ops", json!([])), SkippedKey::KeyOperations),
        (with("key_ops", json!("verify")), SkippedKey::KeyOperations),
        (with("d", json!("AA")), SkippedKey::PrivatePart),
        (with("d", json!(null)), SkippedKey::PrivatePart),
        (without("x"), SkippedKey::X),
        (with("x", json!(1)), SkippedKey::X),
        (with("x", json!(format!("{x}="))), SkippedKey::X),
        (with("x", json!("+".repeat(43))), SkippedKey::X),
        (with("x", json!("")), SkippedKey::Key(UnusableKey::Length(0))),
        (with("x", json!(base64url(&[9; 31]))), SkippedKey::Key(UnusableKey::Length(31))),
        (with("x", json!(base64url(&[9; 33]))), SkippedKey::Key(UnusableKey::Length(33))),
        (with("x", json!(base64url(&[9; 64]))), SkippedKey::Key(UnusableKey::Length(64))),
        (with("x", json!(neutral)), SkippedKey::Key(UnusableKey::LowOrder)),
        (with("x", json!(base64url(&[0xff; 32]))), SkippedKey::Key(UnusableKey::NotAPoint)),
    ] {
        let document = read(Format::Jwt, &[entry.clone(), published(&second_key())]).unwrap();
        assert_eq!(document.skipped, [(0, why.clone())], "{entry}");
        assert_eq!(document.keys, KeySet::from_keys(Format::Jwt, [second_key().public()]).unwrap());
        let alone = read(Format::Jwt, std::slice::from_ref(&entry)).unwrap_err();
        assert_eq!(alone, BadKeyDocument::NoUsableKey { skipped: vec![(0, why)] });
    }
}

#[test]
fn r_1_9_two_keys_under_one_name_are_both_skipped() {
    let twin = |of: &SecretKey| {
        let mut twin = published(of);
        twin["kid"] = json!("twin");
        twin
    };
    let document =
        read(Format::Jwt, &[twin(&key()), published(&second_key()), twin(&foreign_key()), twin(&key())])
            .unwrap();
    let why = SkippedKey::AmbiguousKid;
    assert_eq!(document.skipped, [(0, why.clone()), (2, why.clone()), (3, why)]);
    assert!(!document.keys.contains("twin"));
    assert_eq!(document.keys.kids().count(), 1);
}

#[test]
fn r_9_6_one_key_published_twice_is_one_key() {
    let document = read(Format::Jwt, &[published(&key()), published(&key())]).unwrap();
    assert_eq!((document.keys.kids().count(), document.skipped.len()), (1, 0));
}

#[test]
fn r_1_9_a_paserk_that_is_not_for_us_is_skipped_and_the_rest_is_read() {
    let (kid, text) = (paserk::pid(&key().public()), paserk::public(&key().public()));
    let secret = paserk::secret(&key());
    for (entry, why) in [
        (json!({"kid": kid}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": 1}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": text.replace("k4", "k3")}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": text.replace("public", "local")}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": &**secret}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": format!("{text}=")}), SkippedKey::Paserk),
        (json!({"kid": kid, "key": paserk::public_of(&[0; 32])}), SkippedKey::Key(UnusableKey::LowOrder)),
        (
            json!({"kid": kid, "key": format!("k4.public.{}", base64url(&[9; 31]))}),
            SkippedKey::Key(UnusableKey::Length(31)),
        ),
        (json!({"key": text}), SkippedKey::Kid),
        (json!({"kid": 1, "key": text}), SkippedKey::Kid),
        (json!({"kid": paserk::pid(&foreign_key().public()), "key": text}), SkippedKey::KidOfAnotherKey),
        (json!({"kid": paserk::sid(&key()), "key": text}), SkippedKey::KidOfAnotherKey),
        (published(&key()), SkippedKey::Paserk),
        (json!(text), SkippedKey::NotAnObject),
    ] {
        let document = read(Format::Paseto, &[published_paserk(&second_key()), entry.clone()]).unwrap();
        assert_eq!(document.skipped, [(1, why)], "{entry}");
        assert_eq!(document.keys, KeySet::from_keys(Format::Paseto, [second_key().public()]).unwrap());
    }
}

#[test]
fn r_1_8_a_document_without_a_usable_key_is_no_key_set() {
    for document in [
        "",
        "null",
        "[]",
        "\"keys\"",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":null}",
        "<html>",
        "{\"keys\":[}",
        "{\"keys\":[]}x",
        "{\"keys\":[1e999]}",
    ] {
        for format in [Format::Jwt, Format::Paseto] {
            assert_eq!(
                KeySet::read(format, document.as_bytes()).unwrap_err(),
                BadKeyDocument::NotAKeySet,
                "{document}"
            );
        }
    }
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(KeySet::read(Format::Jwt, deep.as_bytes()).unwrap_err(), BadKeyDocument::NotAKeySet);
    assert_eq!(KeySet::read(Format::Jwt, b"\xff\xfe").unwrap_err(), BadKeyDocument::NotAKeySet);
    assert_eq!(read(Format::Jwt, &[]).unwrap_err(), BadKeyDocument::NoUsableKey { skipped: vec![] });
    assert!(KeySet::from_keys(Format::Jwt, []).is_none());
}

#[test]
fn r_1_8_a_document_over_64_kibibytes_is_refused_unread() {
    let mut document = json!({"keys": [published(&key())]}).to_string();
    document.push_str(&" ".repeat(MAX_KEY_DOCUMENT_BYTES - document.len()));
    assert!(KeySet::read(Format::Jwt, document.as_bytes()).is_ok());
    document.push(' ');
    let refused = KeySet::read(Format::Jwt, document.as_bytes()).unwrap_err();
    assert_eq!(refused, BadKeyDocument::TooLarge { bytes: MAX_KEY_DOCUMENT_BYTES + 1 });
}

#[test]
fn a_document_full_of_one_key_holds_one_key() {
    let x = base64url(key().public().as_bytes());
    let entries = vec![format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"a"}}"#); 700];
    let document = format!("{{\"keys\":[{}]}}", entries.join(","));
    assert!(document.len() < MAX_KEY_DOCUMENT_BYTES);
    let document = KeySet::read(Format::Jwt, document.as_bytes()).unwrap();
    assert_eq!(document.keys.kids().count(), 1);
}

#[test]
fn the_error_of_an_unusable_document_names_its_first_cause() {
    let refused = read(Format::Jwt, &[json!({"kty":"RSA"})]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the key document holds no usable Ed25519 key: entry 0: 'kty' is not OKP"
    );
}
