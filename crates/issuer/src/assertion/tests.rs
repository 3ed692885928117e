use super::*;
use crate::client::KeyAlgorithm;
use chancery_token::encoding::base64url;
use chancery_token::{SecretKey, jws};
use serde_json::{Value, json};

const ISSUER: &str = "https://auth.example";
const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

/// What openssl signed, with the keys for it (tests/vectors/README.md).
fn foreign() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../tests/vectors/client_assertions.json")).unwrap()
}

fn own_key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn public() -> ClientKey {
    ClientKey::read(&jwk(&own_key())).unwrap()
}

fn jwk(key: &SecretKey) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public().as_bytes())})
}

fn claims() -> Value {
    let now = NOW.as_secs();
    json!({"iss": "bot", "sub": "bot", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "one"})
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "client-authentication+jwt"})
}

fn with(mut value: Value, name: &str, to: Value) -> Value {
    if to.is_null() {
        value.as_object_mut().unwrap().remove(name);
    } else {
        value[name] = to;
    }
    value
}

fn signed(header: &Value, claims: &Value) -> String {
    jws::sign(&header.to_string(), claims.to_string().as_bytes(), &own_key().named("any"))
}

fn of_claims(claims: &Value) -> Result<(), &'static str> {
    read(&signed(&header(), claims))
}

fn of_header(header: &Value) -> Result<(), &'static str> {
    read(&signed(header, &claims()))
}

fn read(text: &str) -> Result<(), &'static str> {
    Assertion::read(text, ISSUER, NOW).map(drop).map_err(|why| why.reason())
}

fn verified(text: &str, keys: &[ClientKey]) -> Result<Proven, Unproven> {
    Assertion::read(text, ISSUER, NOW).unwrap().verify(keys)
}

#[test]
fn what_openssl_signs_by_each_algorithm_is_proven_by_its_key_and_by_no_other() {
    let keys: Vec<ClientKey> = foreign().iter().map(|it| ClientKey::read(&it["jwk"]).unwrap()).collect();
    for (at, vector) in foreign().iter().enumerate() {
        let text = vector["assertion"].as_str().unwrap();
        let assertion = Assertion::read(text, ISSUER, NOW).unwrap();
        assert_eq!(assertion.client(), "signer");
        let own = keys[at].clone();
        assert_eq!(Some(own.algorithm), KeyAlgorithm::named(vector["alg"].as_str().unwrap()));
        assert_eq!(verified(text, &[own]).unwrap().until(), NOW.plus(Duration::from_secs(150)), "{vector}");
        for (_, other) in keys.iter().enumerate().filter(|(other, _)| *other != at) {
            let why = verified(text, std::slice::from_ref(other)).unwrap_err();
            assert!(matches!(why, Unproven::Key | Unproven::Signature), "{why:?}");
        }
        let (message, signature) = text.rsplit_once('.').unwrap();
        let broken = format!("{message}.{}", if signature.starts_with('A') { "B" } else { "A" })
            + signature.get(1..).unwrap();
        assert_eq!(verified(&broken, &keys[at..=at]).unwrap_err(), Unproven::Signature);
    }
}

#[test]
fn the_audience_is_the_issuer_alone_byte_for_byte() {
    for good in [json!(ISSUER), json!([ISSUER])] {
        assert_eq!(of_claims(&with(claims(), "aud", good)), Ok(()));
    }
    for bad in [
        json!("https://auth.example/"),
        json!("https://auth.example/oauth2/token"),
        json!("HTTPS://auth.example"),
        json!("https://other.example"),
        json!([ISSUER, ISSUER]),
        json!([ISSUER, "https://other.example"]),
        json!([]),
        Value::Null,
    ] {
        assert_eq!(of_claims(&with(claims(), "aud", bad.clone())), Err("assertion_audience"), "{bad}");
    }
}

#[test]
fn it_ends_within_minutes_and_has_not_ended() {
    let at = |secs: i64| json!(NOW.as_secs().checked_add_signed(secs).unwrap());
    for (exp, said) in [
        (at(330), Ok(())),
        (at(331), Err("assertion_lifetime")),
        (at(86_400), Err("assertion_lifetime")),
        (at(-29), Ok(())),
        (at(-30), Err("assertion_expired")),
        (Value::Null, Err("assertion_lifetime")),
        (json!(1_795_305_660.5), Ok(())),
        (json!("1795305660"), Err("assertion_claims")),
        (json!(-1), Err("assertion_claims")),
        (json!(1e300), Err("assertion_claims")),
        (json!(u64::MAX), Err("assertion_lifetime")),
    ] {
        // When it was issued is another question.
        let claims = with(with(claims(), "exp", exp.clone()), "iat", Value::Null);
        assert_eq!(of_claims(&claims), said, "{exp}");
    }
    for name in ["iat", "nbf"] {
        assert_eq!(of_claims(&with(claims(), name, at(30))), Ok(()));
        assert_eq!(of_claims(&with(claims(), name, at(31))), Err("assertion_not_yet_valid"));
        assert_eq!(of_claims(&with(claims(), name, at(-3600))), Ok(()));
    }
    let before = with(with(claims(), "exp", at(5)), "iat", at(10));
    assert_eq!(of_claims(&before), Err("assertion_not_yet_valid"));
}

#[test]
fn issuer_and_subject_are_the_one_client_and_the_name_is_there() {
    for name in ["iss", "sub"] {
        for bad in [json!("other"), Value::Null] {
            assert_eq!(of_claims(&with(claims(), name, bad)), Err("assertion_subject"));
        }
    }
    assert_eq!(of_claims(&with(claims(), "jti", json!("x".repeat(128)))), Ok(()));
    for bad in [json!("x".repeat(129)), json!(""), Value::Null] {
        assert_eq!(of_claims(&with(claims(), "jti", bad)), Err("assertion_jti"));
    }
}

#[test]
fn another_kind_of_document_is_no_assertion() {
    for typ in ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+JWT"] {
        assert_eq!(of_header(&with(header(), "typ", json!(typ))), Ok(()), "{typ}");
    }
    assert_eq!(of_header(&with(header(), "typ", Value::Null)), Ok(()));
    for typ in ["at+jwt", "dpop+jwt", "chancery-rev-snapshot+jwt", "application/at+jwt", "", "JWTS"] {
        assert_eq!(of_header(&with(header(), "typ", json!(typ))), Err("assertion_typ"), "{typ}");
    }
}

#[test]
fn a_header_decides_nothing_and_demands_nothing() {
    for alg in ["none", "HS256", "RS384", "PS256", "ES384", "eddsa", ""] {
        assert_eq!(of_header(&with(header(), "alg", json!(alg))), Err("assertion_algorithm"), "{alg}");
    }
    for (name, value) in [("crit", json!(["exp"])), ("b64", json!(false)), ("cty", json!("JWT"))] {
        assert_eq!(of_header(&with(header(), name, value)), Err("assertion_header"));
        let mut null = header();
        null[name] = Value::Null;
        assert_eq!(of_header(&null), Err("assertion_header"), "{name} stands there, whatever it says");
    }
    assert_eq!(of_header(&with(header(), "alg", Value::Null)), Err("assertion_header"));
    // A key that it brings along counts for nothing.
    let stranger = SecretKey::from_seed(&[8; 32]);
    let brings = with(header(), "jwk", jwk(&stranger));
    let text = jws::sign(&brings.to_string(), claims().to_string().as_bytes(), &stranger.named("any"));
    assert_eq!(verified(&text, &[public()]).unwrap_err(), Unproven::Signature);
    // The key says which algorithm: a public key is no secret for an HMAC, and no other curve's.
    let es256 = with(header(), "alg", json!("ES256"));
    let named = with(es256, "kid", json!(public().kid));
    assert_eq!(verified(&signed(&named, &claims()), &[public()]).unwrap_err(), Unproven::Algorithm);
}

#[test]
fn the_key_is_the_one_that_is_named_or_any_of_its_algorithm() {
    let (own, other) = (public(), ClientKey::read(&jwk(&SecretKey::from_seed(&[8; 32]))).unwrap());
    let es256 = ClientKey::read(&foreign()[2]["jwk"]).unwrap();
    let unnamed = signed(&header(), &claims());
    assert!(verified(&unnamed, std::slice::from_ref(&own)).is_ok());
    assert!(verified(&unnamed, &[es256, own.clone()]).is_ok(), "of this algorithm it is the only one");
    let both = [other, own];
    assert!(verified(&unnamed, &both).is_ok(), "while keys are changed, either is good");
    assert!(verified(&unnamed, &[both[1].clone(), both[0].clone()]).is_ok());
    assert_eq!(verified(&unnamed, &both[..1]).unwrap_err(), Unproven::Signature);
    let named = |kid: &str| signed(&with(header(), "kid", json!(kid)), &claims());
    assert!(verified(&named(&both[1].kid), &both).is_ok());
    assert_eq!(verified(&named(&both[0].kid), &both).unwrap_err(), Unproven::Signature);
    assert_eq!(verified(&named("key-1"), &both).unwrap_err(), Unproven::Key);
    assert_eq!(verified(&unnamed, &[]).unwrap_err(), Unproven::Key);
}

#[test]
fn what_is_no_compact_jws_of_one_object_is_refused() {
    let good = signed(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let text = |text: &str| base64url(text.as_bytes());
    for (bad, reason) in [
        (String::new(), "assertion_malformed"),
        ("abc".to_owned(), "assertion_malformed"),
        (message.to_owned(), "assertion_malformed"),
        (format!("{head}=.{payload}.{signature}"), "assertion_malformed"),
        (format!("{head}.{payload}=.{signature}"), "assertion_malformed"),
        (format!("{head}.{payload}.x.{signature}"), "assertion_malformed"),
        (format!("{}.{payload}.{signature}", text("[]")), "assertion_header"),
        (format!("{}.{payload}.{signature}", text(r#"{"alg":"EdDSA","alg":"none"}"#)), "assertion_header"),
        (format!("{head}.{}.{signature}", text("7")), "assertion_claims"),
        // Values in the order of the members of ours, without their names.
        (
            format!("{}.{payload}.{signature}", text(r#"["EdDSA",null,null,false,false,false]"#)),
            "assertion_header",
        ),
        (
            format!(
                "{head}.{}.{signature}",
                text(r#"["bot","bot","https://auth.example",1795305660,null,null,"one"]"#)
            ),
            "assertion_claims",
        ),
        (format!("{head}.{}.{signature}", text(r#"{"iss":"a","iss":"b"}"#)), "assertion_claims"),
        ("a".repeat(8193), "assertion_too_large"),
    ] {
        assert_eq!(read(&bad), Err(reason), "{bad}");
    }
    let unsigned = format!("{message}.");
    assert_eq!(verified(&unsigned, &[public()]).unwrap_err(), Unproven::Signature);
}

#[test]
fn the_name_of_an_assertion_is_its_clients_own() {
    let digest = |client: &str, jti: &str| {
        let claims = with(with(claims(), "iss", json!(client)), "sub", json!(client));
        let text = signed(&header(), &with(claims, "jti", json!(jti)));
        verified(&text, &[public()]).unwrap().digest()
    };
    assert_eq!(digest("bot", "one"), digest("bot", "one"));
    assert_ne!(digest("bot", "one"), digest("bot", "two"));
    assert_ne!(digest("bot", "one"), digest("tob", "one"));
    assert_ne!(digest("bo", "tone"), digest("bot", "one"));
}
