//! What the service behind learns of the token.

use super::{ask, gate, token};
use chancery_verifier::gate::CLAIM_HEADERS;
use chancery_verifier::token::encoding::from_base64url;

#[tokio::test]
async fn whoever_is_let_in_brings_every_claim() {
    let signed = token("invoices:read invoices:export").claim("tenant", "acme").sign();
    let answer = ask(&gate(), "GET", "/invoices/7", Some(&signed)).await;
    let claims = answer.header("chancery-claims").unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&from_base64url(claims).unwrap()).unwrap();
    let payload = from_base64url(signed.split('.').nth(1).unwrap()).unwrap();
    assert_eq!(claims, serde_json::from_slice::<serde_json::Value>(&payload).unwrap());
    for (header, claim) in [
        ("chancery-client-id", "client_id"),
        ("chancery-subject", "sub"),
        ("chancery-tenant", "tenant"),
        ("chancery-scope", "scope"),
        ("chancery-token-id", "jti"),
    ] {
        assert_eq!(answer.header(header), claims[claim].as_str(), "{header}");
        assert_ne!(answer.header(header), Some(""), "{header}");
    }
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn a_public_route_says_that_there_are_no_claims_whatever_was_sent() {
    let good = token("invoices:read").sign();
    for token in [None, Some(&*good), Some("abc")] {
        let answer = ask(&gate(), "GET", "/healthz", token).await;
        for header in CLAIM_HEADERS {
            assert_eq!(answer.header(header), Some(""), "{header}");
        }
    }
}

#[tokio::test]
async fn a_refusal_carries_no_claims() {
    let good = token("invoices:read").sign();
    for (method, path) in
        [("POST", "/invoices"), ("GET", "/admin"), ("GET", "/invoices/EXPORT"), ("GET", "//")]
    {
        let answer = ask(&gate(), method, path, Some(&good)).await;
        assert_ne!(answer.status, 200);
        for header in CLAIM_HEADERS {
            assert_eq!(answer.header(header), None, "{method} {path}: {header}");
        }
    }
}
