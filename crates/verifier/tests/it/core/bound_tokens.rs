//! Tokens that are bound to a key of their holder.

use super::{exact, issuer, said, trusting};
use serde_json::json;

const HASH: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

#[test]
fn a_token_that_is_bound_to_a_key_is_worth_nothing_without_proof_of_it() {
    let verifier = trusting(exact(), &issuer());
    for cnf in [json!({ "jkt": HASH }), json!({ "x5t#S256": HASH })] {
        let token = issuer().token().claim("cnf", cnf.clone()).sign();
        // Asked twice: nothing of it may be remembered.
        for _ in 0..2 {
            assert_eq!(said(&verifier.verify(&token, issuer().now())), "proof_required", "{cnf}");
        }
    }
    assert_eq!(verifier.cached_bytes(), 0);
}

#[test]
fn a_confirmation_that_nobody_understands_is_never_taken_for_none() {
    let verifier = trusting(exact(), &issuer());
    for cnf in [
        json!({ "kid": "1" }),
        json!({ "jwk": { "kty": "OKP" } }),
        json!({}),
        json!({ "jkt": HASH, "kid": "1" }),
        json!({ "jkt": "short" }),
        json!("jkt"),
        json!([]),
        json!(null),
        json!(false),
    ] {
        let refused =
            verifier.verify(&issuer().token().claim("cnf", cnf.clone()).sign(), issuer().now()).unwrap_err();
        assert_eq!(refused.claim(), Some("cnf"), "{cnf}");
    }
}
