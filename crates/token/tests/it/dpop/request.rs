//! A proof is for one request, and for now (RFC 9449 section 4.3, items 8 to 12).

use super::{NOW, REQUEST, WINDOW, WITH_TOKEN, claims, ed25519, good, header, okp, signed};
use crate::world::Members;
use chancery_token::UnixTime;
use chancery_token::dpop::{Draft, NotAProof, Request, verify};
use std::time::Duration;

fn reason(claims: &Members, request: &Request<'_>) -> &'static str {
    verify(&signed(&header("EdDSA", &okp()), claims), request, NOW, WINDOW).expect_err("accepted").reason()
}

#[test]
fn a_proof_for_another_method_is_refused() {
    for method in ["GET", "post", "Post", ""] {
        assert_eq!(reason(&claims(), &Request { method, ..REQUEST }), "dpop_method_mismatch", "{method}");
        let claims = claims().with("htm", &format!("\"{method}\""));
        assert_eq!(reason(&claims, &REQUEST), "dpop_method_mismatch", "{method}");
    }
}

#[test]
fn a_proof_for_another_address_is_refused() {
    for other in [
        "http://auth.example.com/oauth2/token",
        "https://auth.example.com:8443/oauth2/token",
        "https://auth.example.com/oauth2/token/",
        "https://auth.example.com/oauth2/Token",
        "https://auth.example.com/oauth2",
        "https://auth.example.com.evil.example/oauth2/token",
        "https://auth.example.com@evil.example/oauth2/token",
        "//auth.example.com/oauth2/token",
        "/oauth2/token",
        "oauth2/token",
        "",
    ] {
        assert_eq!(
            reason(&claims().with("htu", &format!("\"{other}\"")), &REQUEST),
            "dpop_url_mismatch",
            "{other}"
        );
        assert_eq!(reason(&claims(), &Request { url: other, ..REQUEST }), "dpop_url_mismatch", "{other}");
        // Not even where the server names the same thing, if that is no address.
        if !other.starts_with("http") {
            let claims = claims().with("htu", &format!("\"{other}\""));
            assert_eq!(reason(&claims, &Request { url: other, ..REQUEST }), "dpop_url_mismatch", "{other}");
        }
    }
}

#[test]
fn an_address_is_the_same_in_every_spelling_of_it() {
    for spelling in [
        "HTTPS://auth.example.com/oauth2/token",
        "https://AUTH.example.com/oauth2/token",
        "https://auth.example.com:443/oauth2/token",
        "https://auth.example.com/oauth2/%74oken",
        "https://auth.example.com/oauth2/token?x=y",
        "https://auth.example.com/oauth2/token#x",
    ] {
        let spelt = claims().with("htu", &format!("\"{spelling}\""));
        let proof = signed(&header("EdDSA", &okp()), &spelt);
        assert!(verify(&proof, &REQUEST, NOW, WINDOW).is_ok(), "{spelling}");
        let request = Request { url: spelling, ..REQUEST };
        assert!(verify(&good(), &request, NOW, WINDOW).is_ok(), "{spelling}");
    }
}

#[test]
fn a_proof_for_another_token_or_none_is_refused() {
    assert_eq!(reason(&claims(), &WITH_TOKEN), "dpop_claim_missing");
    let of = |token| Draft {
        request: Request { access_token: Some(token), ..REQUEST },
        jti: "j",
        iat: NOW,
        nonce: None,
    };
    let proof = of("token-2").sign(&ed25519());
    assert_eq!(verify(&proof, &WITH_TOKEN, NOW, WINDOW), Err(NotAProof::AnotherToken));
    for ath in ["", "PwiqzhIu4jaEMsHKI6BJvGQLr78A_fM6UkKfOLoS2_k=", "3f08aace122ee23684"] {
        let claims = claims().with("ath", &format!("\"{ath}\""));
        assert_eq!(reason(&claims, &WITH_TOKEN), "dpop_token_mismatch", "{ath}");
    }
    assert!(verify(&of("token-1").sign(&ed25519()), &WITH_TOKEN, NOW, WINDOW).is_ok());
    // Where no token is sent nobody asks for which it is: a token endpoint needs none.
    assert!(verify(&proof, &REQUEST, NOW, WINDOW).is_ok());
}

#[test]
fn a_proof_is_good_within_the_window_and_not_a_second_longer() {
    let at = |secs: u64| verify(&good(), &REQUEST, UnixTime::from_secs(secs), WINDOW);
    let iat = NOW.as_secs();
    for now in [iat - 60, iat - 1, iat, iat + 1, iat + 60] {
        assert!(at(now).is_ok(), "{now}");
    }
    assert_eq!(at(iat - 61), Err(NotAProof::InFuture { by: Duration::from_secs(1) }));
    assert_eq!(at(iat + 61), Err(NotAProof::TooOld { by: Duration::from_secs(1) }));
    assert_eq!(at(0).unwrap_err().reason(), "dpop_proof_in_future");
    assert_eq!(at(u64::MAX).unwrap_err().reason(), "dpop_proof_too_old");
    let proof = at(iat).unwrap();
    assert!(
        at(proof.acceptable_until().as_secs() - 1).is_ok() && at(proof.acceptable_until().as_secs()).is_err()
    );
}

#[test]
fn a_fraction_of_a_second_is_read_and_dropped() {
    for iat in ["1795305600.99", "1.7953056e9", "1795305600.0"] {
        let proof = signed(&header("EdDSA", &okp()), &claims().with("iat", iat));
        assert_eq!(verify(&proof, &REQUEST, NOW, WINDOW).unwrap().issued_at(), NOW, "{iat}");
    }
}
