//! R-9.7: what else our keys sign, and what else our clients hold, is never an access token.

use crate::world::{claims, footer, header, key, named, refusal};
use chancery_token::encoding::base64url;
use chancery_token::jwk::Jwk;
use chancery_token::{AlgorithmName, Format, jws, paseto};

const BOTH: [Format; 2] = [Format::Jwt, Format::Paseto];

#[test]
fn r_9_7_secrets_and_refresh_tokens_are_no_access_tokens() {
    let body = "q".repeat(49);
    for prefix in ["chr_live_", "chr_test_", "chs_live_", "chs_test_", "chm_"] {
        for format in BOTH {
            assert_eq!(refusal(format, &format!("{prefix}{body}")), "segment_count", "{prefix}");
        }
    }
}

#[test]
fn r_9_7_a_dpop_proof_by_the_same_key_is_refused() {
    let jwk = serde_json::to_string(&Jwk::new(&key().public(), AlgorithmName::EdDsa)).unwrap();
    let payload =
        br#"{"jti":"a","htm":"POST","htu":"https://auth.example.com/oauth2/token","iat":1795305600}"#;
    let proof = jws::sign(
        &format!(r#"{{"typ":"dpop+jwt","alg":"EdDSA","jwk":{jwk}}}"#),
        payload,
        &named(Format::Jwt),
    );
    assert_eq!(refusal(Format::Jwt, &proof), "key_in_header");
    assert_eq!(refusal(Format::Paseto, &proof), "wrong_format");
    let without = jws::sign(&header().with("typ", "\"dpop+jwt\"").text(), payload, &named(Format::Jwt));
    assert_eq!(refusal(Format::Jwt, &without), "typ_not_access_token");
}

#[test]
fn r_9_7_a_client_assertion_by_the_same_key_is_refused() {
    let payload = br#"{"iss":"invoice-sync","sub":"invoice-sync","aud":"https://auth.example.com","exp":1795306500,"jti":"a"}"#;
    for (typ, reason) in
        [("\"client-authentication+jwt\"", "typ_not_access_token"), ("\"JWT\"", "typ_not_access_token")]
    {
        let assertion = jws::sign(&header().with("typ", typ).text(), payload, &named(Format::Jwt));
        assert_eq!(refusal(Format::Jwt, &assertion), reason);
    }
    let plain = jws::sign(&header().without("typ").text(), payload, &named(Format::Jwt));
    assert_eq!(refusal(Format::Jwt, &plain), "typ_missing");
    // Under the very header of an access token its claims still give it away.
    let disguised = jws::sign(&header().text(), payload, &named(Format::Jwt));
    assert_eq!(refusal(Format::Jwt, &disguised), "claim_missing");
}

#[test]
fn r_9_7_a_document_of_the_revocation_log_by_the_same_key_is_refused() {
    for typ in ["chancery-rev-snapshot+jwt", "chancery-rev-delta+jwt"] {
        let header = header().with("typ", &format!("\"{typ}\"")).text();
        // Even with the claims of an access token in it.
        let document = jws::sign(&header, claims(Format::Jwt).text().as_bytes(), &named(Format::Jwt));
        assert_eq!(refusal(Format::Jwt, &document), "typ_not_access_token", "{typ}");
    }
    let footer = footer().with("typ", "\"chancery-rev-delta+paseto\"").text();
    let document = paseto::sign(
        claims(Format::Paseto).text().as_bytes(),
        footer.as_bytes(),
        b"",
        &named(Format::Paseto),
    );
    assert_eq!(refusal(Format::Paseto, &document), "typ_not_access_token");
}

#[test]
fn r_9_7_an_unsigned_token_is_refused_before_anything_else() {
    let payload = base64url(claims(Format::Jwt).text().as_bytes());
    let head = base64url(header().with("alg", "\"none\"").text().as_bytes());
    assert_eq!(refusal(Format::Jwt, &format!("{head}.{payload}.")), "alg_none");
    assert_eq!(refusal(Format::Jwt, &format!("{head}.{payload}")), "segment_count");
}
