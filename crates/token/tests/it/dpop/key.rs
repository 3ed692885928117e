//! The key in the header (RFC 9449 section 4.2: public, and of the algorithm).

use super::{claims, ec, header, judged, okp, refusal, signed, signed_es256};
use crate::world::Members;
use chancery_token::dpop::{NotAProof, UnusableProofKey};
use chancery_token::ed25519::UnusableKey;
use chancery_token::encoding::{array_from_base64url, base64url};

fn unusable(proof: &str) -> UnusableProofKey {
    match judged(proof) {
        Err(NotAProof::KeyUnusable(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn by_ed25519(jwk: &Members) -> String {
    signed(&header("EdDSA", jwk), &claims())
}

fn by_p256(jwk: &Members) -> String {
    signed_es256(&header("ES256", jwk), &claims())
}

#[test]
fn a_private_member_is_refused_whatever_it_holds() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in ["\"AA\"", "null", "[]"] {
            for proof in [by_ed25519(&okp().with(name, value)), by_p256(&ec().with(name, value))] {
                assert_eq!(judged(&proof), Err(NotAProof::KeyPrivate { member: name }));
            }
        }
    }
}

#[test]
fn a_proof_without_a_key_is_refused() {
    let without = signed(&header("EdDSA", &okp()).without("jwk"), &claims());
    assert_eq!(judged(&without), Err(NotAProof::KeyMissing));
    for value in ["null", "[]", "\"x\"", "1"] {
        let proof = signed(&header("EdDSA", &okp()).with("jwk", value), &claims());
        assert_eq!(unusable(&proof), UnusableProofKey::NotAnObject, "{value}");
    }
}

#[test]
fn a_key_of_another_kind_than_the_algorithm_is_refused() {
    for proof in [
        signed(&header("EdDSA", &ec()), &claims()),
        signed_es256(&header("ES256", &okp()), &claims()),
        by_ed25519(&okp().with("crv", "\"Ed448\"")),
        by_ed25519(&okp().with("crv", "\"X25519\"")),
        by_ed25519(&okp().with("kty", "\"EC\"")),
        by_ed25519(&okp().without("kty")),
        by_p256(&ec().with("crv", "\"P-384\"")),
        by_p256(&ec().with("crv", "\"secp256k1\"")),
        by_p256(&ec().without("crv")),
        by_p256(&Members::of(&[("kty", "\"oct\"")])),
        by_p256(&Members::of(&[])),
    ] {
        assert_eq!(unusable(&proof), UnusableProofKey::Kind);
    }
}

#[test]
fn a_key_that_says_it_is_for_something_else_is_refused() {
    for (name, value) in [
        ("alg", "\"ES384\""),
        ("alg", "\"RS256\""),
        ("alg", "1"),
        ("use", "\"enc\""),
        ("use", "null"),
        ("key_ops", "[\"sign\"]"),
        ("key_ops", "[]"),
        ("key_ops", "\"verify\""),
    ] {
        for proof in [by_ed25519(&okp().with(name, value)), by_p256(&ec().with(name, value))] {
            assert_eq!(unusable(&proof), UnusableProofKey::Purpose, "{name} {value}");
        }
    }
    assert_eq!(unusable(&by_ed25519(&okp().with("alg", "\"ES256\""))), UnusableProofKey::Purpose);
    assert_eq!(unusable(&by_p256(&ec().with("alg", "\"EdDSA\""))), UnusableProofKey::Purpose);
    // What browsers export.
    let exported =
        |jwk: Members| jwk.with("key_ops", "[\"verify\"]").with("ext", "true").with("use", "\"sig\"");
    assert!(judged(&by_p256(&exported(ec()).with("alg", "\"ES256\""))).is_ok());
    assert!(judged(&by_ed25519(&exported(okp()).with("alg", "\"Ed25519\""))).is_ok());
}

#[test]
fn a_coordinate_that_is_not_32_bytes_is_refused() {
    for value in ["\"\"", "\"AA\"", "1", "null", "\"====\""] {
        assert_eq!(unusable(&by_ed25519(&okp().with("x", value))), UnusableProofKey::Coordinates, "{value}");
        for name in ["x", "y"] {
            assert_eq!(unusable(&by_p256(&ec().with(name, value))), UnusableProofKey::Coordinates, "{value}");
        }
    }
    assert_eq!(unusable(&by_p256(&ec().without("y"))), UnusableProofKey::Coordinates);
}

#[test]
fn a_point_off_the_curve_is_refused() {
    for (x, y) in [([0; 32], [0; 32]), ([1; 32], [1; 32]), ([0xff; 32], [0xff; 32])] {
        let quoted = |bytes: &[u8; 32]| format!("\"{}\"", base64url(bytes));
        let jwk = ec().with("x", &quoted(&x)).with("y", &quoted(&y));
        assert_eq!(unusable(&by_p256(&jwk)), UnusableProofKey::NotAPoint);
    }
    // One bit of a good point.
    let y: serde_json::Value = serde_json::from_str(&ec().text()).unwrap();
    let mut y: [u8; 32] = array_from_base64url(y["y"].as_str().unwrap()).unwrap();
    y[31] ^= 1;
    assert_eq!(
        unusable(&by_p256(&ec().with("y", &format!("\"{}\"", base64url(&y))))),
        UnusableProofKey::NotAPoint
    );
}

#[test]
fn a_key_for_which_anybody_can_sign_is_refused() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let x = format!("\"{}\"", base64url(&neutral));
    let why = unusable(&by_ed25519(&okp().with("x", &x)));
    assert_eq!(why, UnusableProofKey::Ed25519(UnusableKey::LowOrder));
    assert_eq!(refusal(&by_ed25519(&okp().with("x", &x))), "dpop_key_unusable");
}
