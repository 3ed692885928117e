//! `jose/`: RFC 8037 both ways, thumbprints, and refusals of everything that is not Ed25519 and compact.

use super::{Outcome, document, equal, files, refused_for, text};
use chancery_token::dpop::{self, Draft, Request};
use chancery_token::encoding::{array_from_base64url, base64url, from_base64url};
use chancery_token::jwk::{SkippedKey, thumbprint, thumbprint_of};
use chancery_token::{BadKeyDocument, Format, KeySet, PublicKey, SecretKey, UnixTime, jws};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn run() -> Vec<Outcome> {
    let mut outcomes = examples();
    for folder in ["jose/curve25519", "jose/jws", "jose/rfc7797"] {
        for file in files(folder) {
            let vector = document(&file);
            for (serialization, output) in vector["output"].as_object().unwrap() {
                let satisfied = match (file.as_str(), output.as_str()) {
                    ("jose/curve25519/jws.json", Some(compact)) => both_ways(&vector, compact),
                    (_, Some(compact)) => refused_for(jws::Compact::parse(compact), reason(&file)),
                    (_, None) => refused_for(jws::Compact::parse(&output.to_string()), "json_serialization"),
                };
                outcomes.push(Outcome { vector: format!("{file}#{serialization}"), satisfied });
            }
        }
    }
    for file in files("jose/jwk") {
        let document = json!({ "keys": [document(&file)] }).to_string();
        let expected = BadKeyDocument::NoUsableKey { skipped: vec![(0, SkippedKey::KeyType)] };
        let satisfied = match KeySet::read(Format::Jwt, document.as_bytes()) {
            Ok(_) => Err("read, but it is no key of ours".into()),
            Err(refused) => equal(&refused, &expected),
        };
        outcomes.push(Outcome { vector: file, satisfied });
    }
    outcomes
}

/// Why a compact example is refused.
fn reason(file: &str) -> &'static str {
    match file.rsplit('/').next().unwrap() {
        "4_1.rsa_v15_signature.json" | "4_2.rsa-pss_signature.json" | "4_3.ecdsa_signature.json" => {
            "alg_not_allowed"
        }
        "4_4.hmac-sha2_integrity_protection.json"
        | "4_5.signature_with_detached_content.json"
        | "4.2.hmac-sha2_b64_false.json"
        | "hmac-sha2_b64_false.json" => "alg_symmetric",
        "ecdh-es.json" => "token_encrypted",
        other => panic!("nobody said why {other} is refused"),
    }
}

/// Verifies a compact JWS of Ed25519, and signs it again byte for byte.
fn both_ways(vector: &Value, compact: &str) -> Result<(), String> {
    let input = &vector["input"];
    let seed = array_from_base64url::<32>(text(&input["key"], "d")).unwrap();
    let key = SecretKey::from_seed(&seed);
    equal(&base64url(key.public().as_bytes()).as_str(), &text(&input["key"], "x"))?;
    sign_and_verify(&key, &vector["signing"]["protected"], text(input, "payload"), compact)
}

fn sign_and_verify(key: &SecretKey, header: &Value, payload: &str, compact: &str) -> Result<(), String> {
    let parsed = jws::Compact::parse(compact).map_err(|refusal| refusal.to_string())?;
    let verified = parsed.verify(&key.public()).map_err(|refusal| refusal.to_string())?;
    equal(&verified.as_slice(), &payload.as_bytes())?;
    let again = jws::sign(&header.to_string(), payload.as_bytes(), &key.clone().named(""));
    equal(&again.as_str(), &compact)
}

/// `jose_dpop_examples.json`: examples printed in RFC 7638, 8037 and 9449.
fn examples() -> Vec<Outcome> {
    let file = "jose/jose_dpop_examples.json";
    let mut outcomes = Vec::new();
    for vector in document(file)["vectors"].as_array().unwrap() {
        let name = text(vector, "id");
        let mut add = |part: &str, satisfied| {
            outcomes.push(Outcome { vector: format!("{file}#{name}{part}"), satisfied });
        };
        match name {
            "rfc7638-3.1" => add("", thumbprint_is(&vector["jwk"], text(vector, "thumbprint_sha256"))),
            "rfc8037-A.3" => {
                let x = from_base64url(text(&vector["jwk"], "x")).unwrap();
                let key = PublicKey::from_bytes(&x).unwrap();
                let ours = equal(&thumbprint(&key).as_str(), &text(vector, "thumbprint_sha256"));
                add("", ours.and_then(|()| thumbprint_is(&vector["jwk"], text(vector, "thumbprint_sha256"))));
            }
            "rfc8037-A.1-4" => {
                let key =
                    SecretKey::from_seed(&array_from_base64url(text(&vector["jwk_private"], "d")).unwrap());
                add(
                    "",
                    sign_and_verify(&key, &vector["protected"], text(vector, "payload"), text(vector, "jws")),
                );
            }
            "rfc9449-4.1-proof" => {
                let proof = text(vector, "dpop_proof");
                let header = from_base64url(proof.split('.').next().unwrap()).unwrap();
                let header: Value = serde_json::from_slice(&header).unwrap();
                add("/jkt", thumbprint_is(&header["jwk"], text(vector, "jkt")));
                add("", proof_of(vector));
            }
            "rfc9449-7.1-ath" => add("", hash_of_token(text(vector, "access_token"), text(vector, "ath"))),
            other => panic!("nobody reads the example {other}"),
        }
    }
    outcomes
}

fn proof_of(vector: &Value) -> Result<(), String> {
    let now = UnixTime::from_secs(vector["iat"].as_u64().unwrap());
    let request = Request { method: text(vector, "method"), url: text(vector, "htu"), access_token: None };
    let proof = dpop::verify(text(vector, "dpop_proof"), &request, now, Duration::ZERO);
    let proof = proof.map_err(|refusal| refusal.to_string())?;
    equal(&base64url(&proof.key()).as_str(), &text(vector, "jkt"))
}

/// What we write, and what we take.
fn hash_of_token(token: &str, ath: &str) -> Result<(), String> {
    let request = Request { method: "GET", url: "https://resource.example.org/", access_token: Some(token) };
    let iat = UnixTime::from_secs(1_562_262_618);
    let proof = Draft { request, jti: "j", iat, nonce: None }.sign(&SecretKey::from_seed(&[1; 32]));
    let claims = from_base64url(proof.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    equal(&text(&claims, "ath"), &ath)?;
    dpop::verify(&proof, &request, iat, Duration::ZERO).map(|_| ()).map_err(|refusal| refusal.to_string())
}

fn thumbprint_is(jwk: &Value, expected: &str) -> Result<(), String> {
    let digest = thumbprint_of(jwk).ok_or("no thumbprint")?;
    equal(&base64url(&digest).as_str(), &expected)
}
