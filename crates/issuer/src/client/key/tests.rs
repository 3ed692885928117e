use super::*;

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../../tests/vectors/client_assertions.json")).unwrap()
}

fn vector(alg: &str) -> Value {
    vectors().into_iter().find(|it| it["alg"] == alg).unwrap()["jwk"].clone()
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

#[test]
fn a_public_key_of_each_kind_is_kept_by_its_required_members() {
    for it in vectors() {
        let jwk = with(it["jwk"].clone(), "kid", json!("whatever"));
        let jwk = with(with(jwk, "use", json!("sig")), "alg", it["alg"].clone());
        let key = ClientKey::read(&with(jwk, "key_ops", json!(["verify"]))).unwrap();
        assert_eq!(key.jwk, it["jwk"]);
        assert_eq!(Some(key.algorithm), KeyAlgorithm::named(it["alg"].as_str().unwrap()));
        assert_eq!(key.kid, base64url(&thumbprint_of(&it["jwk"]).unwrap()));
        assert_eq!(ClientKey::read(&key.jwk), Ok(key));
    }
}

#[test]
fn a_private_key_is_refused_whatever_kind_it_is_and_not_repeated() {
    for (alg, name) in [("EdDSA", "d"), ("ES256", "d"), ("RS256", "d"), ("RS256", "p"), ("RS256", "qi")] {
        let why = ClientKey::read(&with(vector(alg), name, json!("c2VjcmV0"))).unwrap_err();
        assert_eq!(why, NotAClientKey::Private, "{alg} {name}");
        assert!(!why.to_string().contains("c2VjcmV0"));
    }
    let symmetric = json!({"kty": "oct", "k": "c2VjcmV0"});
    assert_eq!(ClientKey::read(&symmetric), Err(NotAClientKey::Private));
}

#[test]
fn a_key_that_nothing_here_signs_with_is_refused() {
    let x = "gE2kuGyyO-n1KyNGQ0Ysk8QpcByNBsmFMUePJfKlDYk";
    for (jwk, why) in [
        (json!([]), NotAClientKey::NotAJwk),
        (json!({"keys": []}), NotAClientKey::NotAJwk),
        (json!({"kty": "OKP", "crv": "X25519", "x": x}), NotAClientKey::Kind),
        (json!({"kty": "EC", "crv": "P-384", "x": x, "y": x}), NotAClientKey::Kind),
        (json!({"kty": "EC", "crv": "secp256k1", "x": x, "y": x}), NotAClientKey::Kind),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), NotAClientKey::Member),
        (json!({"kty": "OKP", "crv": "Ed25519"}), NotAClientKey::Member),
        // The neutral element: of low order.
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
            NotAClientKey::Unusable,
        ),
        (json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}), NotAClientKey::Unusable),
        (with(vector("ES256"), "alg", json!("RS256")), NotAClientKey::Algorithm),
        (with(vector("RS256"), "alg", json!("PS256")), NotAClientKey::Algorithm),
        (with(vector("EdDSA"), "alg", json!(7)), NotAClientKey::Algorithm),
        (with(vector("EdDSA"), "use", json!("enc")), NotAClientKey::Use),
        (with(vector("EdDSA"), "key_ops", json!(["sign"])), NotAClientKey::Use),
        (with(vector("RS256"), "e", json!("Aw")), NotAClientKey::Size { bits: 2048 }),
        (with(vector("RS256"), "n", json!(base64url(&[0xff; 128]))), NotAClientKey::Size { bits: 1024 }),
        (with(vector("RS256"), "n", json!(base64url(&[0xff; 2048]))), NotAClientKey::Size { bits: 16384 }),
        (with(vector("RS256"), "n", json!(base64url(&[0xfe; 256]))), NotAClientKey::Unusable),
        (with(vector("RS256"), "n", json!(base64url(&[0; 257]))), NotAClientKey::Member),
    ] {
        assert_eq!(ClientKey::read(&jwk), Err(why), "{jwk}");
    }
}
