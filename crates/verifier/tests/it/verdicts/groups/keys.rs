//! Key documents: which keys may verify, and tokens of those that may not.

use super::super::corpus::{KeyDocuments, LeftOut};
use super::super::crooked::{Crooked, Signature, mixed_key};
use super::super::mint::{kid, quoted, secret};
use super::{Case, Draft, Format, Group, Reading, Settings, accepted, fine, of, refused};
use chancery_verifier::token::encoding::base64url;
use chancery_verifier::token::paserk;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const JWT: Format = Format::Jwt;
const PASETO: Format = Format::Paseto;

/// The neutral point, which is a key of low order: any message has a signature under it.
const NEUTRAL: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// The same point with `y = p + 1`, which RFC 8032 section 5.1.3 does not decode.
const NEUTRAL_RESPELLED: [u8; 32] = {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xee, 0x7f);
    bytes
};

fn public(number: u8) -> [u8; 32] {
    *secret(number).public().as_bytes()
}

fn jwk(kid: &str, key: &[u8; 32], more: Value) -> Value {
    let mut jwk = json!({ "crv": "Ed25519", "kid": kid, "kty": "OKP", "x": base64url(key) });
    let Value::Object(more) = more else { panic!("members of a JWK") };
    jwk.as_object_mut().unwrap().extend(more);
    // Sorted, so that the document does not depend on how maps of JSON keep their order.
    json!(jwk.as_object().unwrap().iter().collect::<BTreeMap<_, _>>())
}

fn issued_jwk(number: u8) -> Value {
    jwk(&kid(JWT, number), &public(number), json!({ "alg": "EdDSA", "use": "sig" }))
}

fn paserk(kid: &str, key: &str) -> Value {
    json!({ "key": key, "kid": kid })
}

fn issued_paserk(number: u8) -> Value {
    paserk(&kid(PASETO, number), &paserk::public(&secret(number).public()))
}

/// Every key document that a case may name.
pub(super) fn documents() -> BTreeMap<&'static str, KeyDocuments> {
    let set = |keys: Vec<Value>| json!({ "keys": keys });
    let published = KeyDocuments {
        jwt: set(vec![issued_jwk(1), issued_jwk(2)]),
        paseto: set(vec![issued_paserk(3), issued_paserk(4)]),
        left_out: LeftOut::default(),
    };
    let mixed = KeyDocuments {
        jwt: set(vec![jwk("mixed-order", &mixed_key(1), json!({}))]),
        paseto: set(vec![paserk(&paserk::pid_of(&mixed_key(3)), &paserk::public_of(&mixed_key(3)))]),
        left_out: LeftOut::default(),
    };
    let ((jwt, why_jwt), (paseto, why_paseto)) = (unusable_jwks(), unusable_paserks());
    let left_out = LeftOut { jwt: why_jwt, paseto: why_paseto };
    let unusable = KeyDocuments { jwt: set(jwt), paseto: set(paseto), left_out };
    BTreeMap::from([("published", published), ("mixed_order", mixed), ("with_unusable", unusable)])
}

/// Entries, and why those that are left out are: an empty reason keeps an entry.
fn explained(entries: Vec<(&'static str, Value)>) -> (Vec<Value>, BTreeMap<usize, &'static str>) {
    let left_out = entries.iter().enumerate().filter(|(_, (why, _))| !why.is_empty());
    let left_out = left_out.map(|(at, (why, _))| (at, *why)).collect();
    (entries.into_iter().map(|(_, entry)| entry).collect(), left_out)
}

fn unusable_jwks() -> (Vec<Value>, BTreeMap<usize, &'static str>) {
    let key = |kid: &str, number: u8, more: Value| jwk(kid, &public(number), more);
    let two = "another key stands under the same `kid`: nobody can tell which is meant";
    explained(vec![
        ("", issued_jwk(1)),
        ("", key(&kid(JWT, 2), 2, json!({ "alg": "Ed25519", "key_ops": ["verify"], "note": [1] }))),
        ("`use` is not `sig`", key("for-encryption", 5, json!({ "use": "enc" }))),
        ("`alg` is not one of the key's", key("of-another-algorithm", 6, json!({ "alg": "ES256" }))),
        ("`key_ops` does not hold `verify`", key("for-signing", 7, json!({ "key_ops": ["sign"] }))),
        ("the private part is published", key("leaked", 8, json!({ "d": base64url(&[8; 32]) }))),
        (two, key("twin", 10, json!({}))),
        (two, key("twin", 11, json!({}))),
        ("`crv` is not Ed25519", key("for-agreement", 12, json!({ "crv": "X25519" }))),
        ("of low order: anybody can sign for it", jwk("low-order", &NEUTRAL, json!({}))),
        (
            "of low order, and not the one encoding of its point",
            jwk("respelled", &NEUTRAL_RESPELLED, json!({})),
        ),
        ("`x` is padded", key("padded", 13, json!({ "x": format!("{}=", base64url(&public(13))) }))),
        (
            "`kty` is not OKP: a shared secret",
            json!({ "k": base64url(&[14; 32]), "kid": "shared", "kty": "oct" }),
        ),
        ("no object", json!("k4.public.AAAA")),
    ])
}

fn unusable_paserks() -> (Vec<Value>, BTreeMap<usize, &'static str>) {
    let secret_key = |number: u8| paserk::secret(&secret(number)).to_string();
    explained(vec![
        ("", issued_paserk(3)),
        (
            "the `kid` is not the one of the key",
            paserk(&kid(PASETO, 4), &paserk::public(&secret(5).public())),
        ),
        ("a key of version 2", paserk(&kid(PASETO, 6), &format!("k2.public.{}", base64url(&public(6))))),
        ("the private key is published", paserk(&kid(PASETO, 7), &secret_key(7))),
        (
            "of low order: anybody can sign for it",
            paserk(&paserk::pid_of(&NEUTRAL), &paserk::public_of(&NEUTRAL)),
        ),
        ("no object", json!(1)),
    ])
}

pub(super) fn groups() -> Vec<Group> {
    let about =
        "Tokens of keys that must be left out of a key document, each with a signature that its key accepts.";
    let told = |format| Settings { keys: Some("with_unusable"), ..of(format) };
    vec![
        Group::new("jwt-keys", about, told(JWT), of_jwks()),
        Group::new("paseto-keys", about, told(PASETO), of_paserks()),
    ]
}

fn mixed_order(format: Format, name: &str) -> Case {
    let token = Draft::new(format)
        .header("kid", &quoted(name))
        .sign_with(&Signature(if format == JWT { 1 } else { 3 }, Crooked::MixedKey));
    let about = "a key with a part of order 8: the equation holds when multiplied by 8, and not as it is";
    refused("mixed-order", about, token, "signature_invalid")
        .also(&["key"])
        .under(Settings { keys: Some("mixed_order"), ..Settings::default() })
}

fn of_jwks() -> Vec<Case> {
    let under = |kid: &str| Draft::new(JWT).header("kid", &quoted(kid));
    let unknown = |id: &str, about: &str, draft: Draft| refused(id, about, draft.sign(), "unknown_key");
    let weak = |id: &str, about: &str| {
        refused(id, about, under(id).sign_with(&Signature(1, Crooked::NeutralKey)), "unknown_key")
    };
    vec![
        fine("good", "a good key stands among them", &Draft::new(JWT), Reading::usual()),
        fine(
            "good-with-more",
            "a good key with members that nobody asked for",
            &Draft::new(JWT).by(2),
            Reading::usual(),
        ),
        unknown("for-encryption", "a key for encryption", under("for-encryption").forged_by(5)),
        unknown(
            "of-another-algorithm",
            "a key of another algorithm",
            under("of-another-algorithm").forged_by(6),
        ),
        unknown("for-signing", "a key that may not verify", under("for-signing").forged_by(7)),
        unknown("leaked", "a key whose private part is published", under("leaked").forged_by(8)),
        unknown("twin-first", "the first of two keys under one name", under("twin").forged_by(10)),
        unknown("twin-second", "the second of two keys under one name", under("twin").forged_by(11)),
        unknown("for-agreement", "a key of another curve", under("for-agreement").forged_by(12)),
        weak("low-order", "a key of low order"),
        weak("respelled", "a key of low order, in a spelling that is none"),
        unknown("padded", "a key whose text is padded", under("padded").forged_by(13)).house(),
        mixed_order(JWT, "mixed-order"),
    ]
}

fn of_paserks() -> Vec<Case> {
    let unknown = |id: &str, about: &str, draft: Draft| refused(id, about, draft.sign(), "unknown_key");
    let weak = Draft::new(PASETO).header("kid", &quoted(&paserk::pid_of(&NEUTRAL)));
    vec![
        accepted("good", "a good key stands among them", Draft::new(PASETO).sign(), Reading::usual()),
        unknown(
            "of-another-key",
            "a key under the name of another",
            Draft::new(PASETO).header("kid", &quoted(&kid(PASETO, 4))).forged_by(5),
        ),
        unknown("version-2", "a key of version 2", Draft::new(PASETO).by(6)),
        unknown("secret", "a key whose private part is published", Draft::new(PASETO).by(7)),
        refused(
            "low-order",
            "a key of low order",
            weak.sign_with(&Signature(3, Crooked::NeutralKey)),
            "unknown_key",
        ),
        mixed_order(PASETO, &paserk::pid_of(&mixed_key(3))),
    ]
}
