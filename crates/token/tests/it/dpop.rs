//! DPoP proofs (RFC 9449): a good one, and everything that makes it a bad one.

mod foreign;
mod key;
mod properties;
mod refused;
mod request;

use crate::world::Members;
use chancery_token::dpop::{Draft, NotAProof, Proof, Request, verify};
use chancery_token::encoding::base64url;
use chancery_token::{SecretKey, UnixTime, jws};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const WINDOW: Duration = Duration::from_mins(1);

/// The request that the proofs of these tests go with.
const REQUEST: Request<'static> =
    Request { method: "POST", url: "https://auth.example.com/oauth2/token", access_token: None };

/// The same, with an access token.
const WITH_TOKEN: Request<'static> = Request { access_token: Some("token-1"), ..REQUEST };

fn ed25519() -> SecretKey {
    SecretKey::from_seed(&[5; 32])
}

fn p256() -> SigningKey {
    SigningKey::from_slice(&[6; 32]).unwrap()
}

/// The public members of [`ed25519`].
fn okp() -> Members {
    let x = format!("\"{}\"", base64url(ed25519().public().as_bytes()));
    Members::of(&[("kty", "\"OKP\""), ("crv", "\"Ed25519\""), ("x", &x)])
}

/// The public members of [`p256`].
fn ec() -> Members {
    let point = p256().verifying_key().to_sec1_point(false);
    let coordinate = |bytes: &[u8]| format!("\"{}\"", base64url(bytes));
    let (x, y) = (coordinate(point.x().unwrap()), coordinate(point.y().unwrap()));
    Members::of(&[("kty", "\"EC\""), ("crv", "\"P-256\""), ("x", &x), ("y", &y)])
}

/// The header of a good proof by this key.
fn header(alg: &str, jwk: &Members) -> Members {
    Members::of(&[("typ", "\"dpop+jwt\""), ("alg", &format!("\"{alg}\"")), ("jwk", &jwk.text())])
}

/// The claims of a good proof.
fn claims() -> Members {
    Members::of(&[
        ("jti", "\"e1j3V_bKic8-LAEB\""),
        ("htm", "\"POST\""),
        ("htu", "\"https://auth.example.com/oauth2/token\""),
        ("iat", "1795305600"),
    ])
}

/// Signed by [`ed25519`], whatever the header says.
fn signed(header: &Members, claims: &Members) -> String {
    jws::sign(&header.text(), claims.text().as_bytes(), &ed25519().named(""))
}

/// Signed by [`p256`], whatever the header says.
fn signed_es256(header: &Members, claims: &Members) -> String {
    let input = format!("{}.{}", base64url(header.text().as_bytes()), base64url(claims.text().as_bytes()));
    let signature: Signature = p256().sign(input.as_bytes());
    format!("{input}.{}", base64url(&signature.to_bytes()))
}

fn good() -> String {
    signed(&header("EdDSA", &okp()), &claims())
}

fn good_es256() -> String {
    signed_es256(&header("ES256", &ec()), &claims())
}

fn judged(proof: &str) -> Result<Proof, NotAProof> {
    verify(proof, &REQUEST, NOW, WINDOW)
}

/// The reason for which a proof is refused.
fn refusal(proof: &str) -> &'static str {
    judged(proof).expect_err("accepted").reason()
}

#[test]
fn the_proofs_that_the_tests_break_are_good_before_they_are_broken() {
    for (proof, key) in [(good(), okp()), (good_es256(), ec())] {
        let proven = judged(&proof).unwrap();
        let key: serde_json::Value = serde_json::from_str(&key.text()).unwrap();
        assert_eq!(Some(proven.key()), chancery_token::jwk::thumbprint_of(&key));
        assert_eq!((proven.issued_at(), proven.nonce()), (NOW, None));
        assert_eq!(proven.acceptable_until(), UnixTime::from_secs(1_795_305_661));
    }
    let named = signed(&header("Ed25519", &okp()), &claims().with("nonce", "\"n-1\""));
    assert_eq!(judged(&named).unwrap().nonce(), Some("n-1"));
}

#[test]
fn what_is_made_here_is_taken_here() {
    for request in [REQUEST, WITH_TOKEN] {
        for nonce in [None, Some("n-1")] {
            let url = "https://auth.example.com/oauth2/token?a=b#c";
            let made = Draft { request: Request { url, ..request }, jti: "j", iat: NOW, nonce };
            let proof = verify(&made.sign(&ed25519()), &request, NOW, WINDOW).unwrap();
            assert_eq!(proof.nonce(), nonce);
        }
    }
}

#[test]
fn the_name_of_a_proof_is_its_key_its_address_and_its_jti() {
    let id = |proof: &str| judged(proof).unwrap().id();
    let first = id(&good());
    // Made anew a second later, or for another spelling of the same address, it is the same one.
    for same in [
        claims().with("iat", "1795305601"),
        claims().with("nonce", "\"n\""),
        claims().with("htu", "\"HTTPS://Auth.Example.com:443/oauth2/token?x\""),
    ] {
        assert_eq!(id(&signed(&header("EdDSA", &okp()), &same)), first, "{}", same.text());
    }
    let other = claims().with("jti", "\"e1j3V_bKic8-LAEC\"");
    assert_ne!(id(&signed(&header("EdDSA", &okp()), &other)), first);
    assert_ne!(id(&good_es256()), first);
    let elsewhere = Request { url: "https://auth.example.com/oauth2/toke", ..REQUEST };
    // The address and the name cannot be shifted into each other.
    let shifted = claims().with("htu", "\"https://auth.example.com/oauth2/toke\"");
    let shifted = signed(&header("EdDSA", &okp()), &shifted.with("jti", "\"ne1j3V_bKic8-LAEB\""));
    assert_ne!(verify(&shifted, &elsewhere, NOW, WINDOW).unwrap().id(), first);
}
