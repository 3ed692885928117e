//! Texts that are no proofs (RFC 9449 section 4.3, items 1 to 7).

use super::{claims, ec, good, good_es256, header, judged, okp, refusal, signed, signed_es256};
use crate::world::other_spelling;
use chancery_token::dpop::{MAX_JTI_CHARS, MAX_PROOF_BYTES, NotAProof};
use chancery_token::encoding::base64url;

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let long = |bytes: usize| "a".repeat(bytes);
    assert_eq!(judged(&long(MAX_PROOF_BYTES + 1)), Err(NotAProof::TooLarge { bytes: 4097 }));
    assert_eq!(refusal(&long(MAX_PROOF_BYTES)), "dpop_proof_malformed");
    let padded = |more: usize| {
        let claims = claims().with("x", &format!("\"{}\"", "a".repeat(more)));
        signed(&header("EdDSA", &okp()), &claims)
    };
    assert!(judged(&padded(1000)).is_ok());
    assert_eq!(refusal(&padded(4000)), "dpop_proof_too_large");
}

#[test]
fn r41_what_is_not_three_segments_of_base64url_is_malformed() {
    let good = good();
    let segments: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = segments[..] else { panic!("{good}") };
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        header.into(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}."),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good},{good}"),
        format!("{header}.{payload}.{}", &signature[..84]),
        format!("{header}.{payload}.{}", other_spelling(signature)),
        format!("{}.{payload}.{signature}", base64url(b"[]")),
        format!("{}.{payload}.{signature}", base64url(b"{\"typ\":\"dpop+jwt\"")),
        format!("{}.{payload}.{signature}", base64url(b"\xff")),
        format!("{header}.{payload}é.{signature}"),
    ] {
        assert_eq!(refusal(&text), "dpop_proof_malformed", "{text}");
    }
}

#[test]
fn a_member_that_stands_there_twice_is_refused() {
    let (header, claims) = (header("EdDSA", &okp()), claims());
    for text in [
        signed(&header.clone().again("typ", "\"dpop+jwt\""), &claims),
        signed(&header.clone().again("jwk", &okp().text()), &claims),
        signed(&super::header("EdDSA", &okp().again("x", "\"\"")), &claims),
        signed(&header, &claims.clone().again("jti", "\"other\"")),
        signed(&header, &claims.clone().again("htu", "\"https://other.example\"")),
    ] {
        assert_eq!(refusal(&text), "dpop_proof_malformed", "{text}");
    }
}

#[test]
fn a_document_of_another_kind_is_refused() {
    for typ in ["\"JWT\"", "\"at+jwt\"", "\"dpop\"", "\"\"", "\"application/\"", "1", "null", "\"dpop+jwt \""]
    {
        let proof = signed(&header("EdDSA", &okp()).with("typ", typ), &claims());
        assert_eq!(refusal(&proof), "dpop_typ", "{typ}");
    }
    assert_eq!(refusal(&signed(&header("EdDSA", &okp()).without("typ"), &claims())), "dpop_typ");
    for typ in ["\"DPoP+JWT\"", "\"application/dpop+jwt\"", "\"Application/DPOP+jwt\""] {
        assert!(judged(&signed(&header("EdDSA", &okp()).with("typ", typ), &claims())).is_ok(), "{typ}");
    }
}

#[test]
fn an_algorithm_that_is_none_of_ours_is_refused() {
    for alg in [
        "none", "None", "HS256", "RS256", "PS256", "ES384", "ES512", "ES256K", "es256", "EDDSA", "Ed448", "",
        "ES256 ",
    ] {
        for proof in [signed(&header(alg, &okp()), &claims()), signed_es256(&header(alg, &ec()), &claims())] {
            assert_eq!(refusal(&proof), "dpop_alg_not_allowed", "{alg}");
        }
    }
    for header in [header("EdDSA", &okp()).without("alg"), header("EdDSA", &okp()).with("alg", "[\"EdDSA\"]")]
    {
        assert_eq!(refusal(&signed(&header, &claims())), "dpop_alg_not_allowed");
    }
    // An unsigned one that says so has no third segment that could be right.
    let none = header("none", &okp());
    let text = format!("{}.{}.", base64url(none.text().as_bytes()), base64url(claims().text().as_bytes()));
    assert_eq!(refusal(&text), "dpop_alg_not_allowed");
}

#[test]
fn a_header_that_asks_for_more_is_refused() {
    for (name, value) in
        [("crit", "[\"x\"]"), ("crit", "[]"), ("b64", "false"), ("cty", "\"JWT\""), ("enc", "\"A128GCM\"")]
    {
        let proof = signed(&header("EdDSA", &okp()).with(name, value), &claims());
        assert_eq!(judged(&proof), Err(NotAProof::Extended { name }));
    }
    // What only names the key another time is read over: the one that counts stands beside it.
    let named = header("EdDSA", &okp()).with("kid", "\"k\"").with("jku", "\"https://evil.example\"");
    assert!(judged(&signed(&named, &claims())).is_ok());
}

#[test]
fn a_signature_by_another_key_or_over_other_bytes_is_refused() {
    let other = chancery_token::SecretKey::from_seed(&[9; 32]);
    let x = format!("\"{}\"", base64url(other.public().as_bytes()));
    let proof = signed(&header("EdDSA", &okp().with("x", &x)), &claims());
    assert_eq!(judged(&proof), Err(NotAProof::Signature));
    for good in [good(), good_es256()] {
        let (input, signature) = good.rsplit_once('.').unwrap();
        let (head, _) = input.split_once('.').unwrap();
        let other = base64url(claims().with("jti", "\"other\"").text().as_bytes());
        assert_eq!(refusal(&format!("{head}.{other}.{signature}")), "dpop_signature_invalid");
        for empty in [[0; 64], [0xff; 64]] {
            assert_eq!(refusal(&format!("{input}.{}", base64url(&empty))), "dpop_signature_invalid");
        }
    }
    // In the form of a certificate (DER), as some libraries write it, a signature is longer than 64 bytes.
    let good = good_es256();
    let (input, _) = good.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{input}.{}", base64url(&[0x30; 70]))), "dpop_proof_malformed");
}

#[test]
fn the_algorithms_do_not_take_each_others_signatures() {
    assert_eq!(refusal(&signed(&header("ES256", &ec()), &claims())), "dpop_signature_invalid");
    assert_eq!(refusal(&signed_es256(&header("EdDSA", &okp()), &claims())), "dpop_signature_invalid");
}

#[test]
fn a_claim_that_is_missing_or_of_another_type_is_refused() {
    let of = |claims| refusal(&signed(&header("EdDSA", &okp()), &claims));
    for claim in ["jti", "htm", "htu", "iat"] {
        assert_eq!(of(claims().without(claim)), "dpop_claim_missing", "{claim}");
        for value in ["null", "[]", "{}", "true"] {
            assert_eq!(of(claims().with(claim, value)), "dpop_claim_malformed", "{claim} {value}");
        }
    }
    for (claim, value) in [
        ("jti", "\"\""),
        ("jti", "1"),
        ("iat", "\"1795305600\""),
        ("iat", "-1"),
        ("iat", "-0.5"),
        ("iat", "253402300800"),
        ("iat", "18446744073709551615"),
        ("iat", "1e300"),
        ("ath", "1"),
        ("ath", "null"),
        ("nonce", "1"),
        ("nonce", "[\"n\"]"),
    ] {
        assert_eq!(of(claims().with(claim, value)), "dpop_claim_malformed", "{claim} {value}");
    }
    for not_json in ["1e999", "NaN", "01"] {
        assert_eq!(of(claims().with("iat", not_json)), "dpop_proof_malformed", "{not_json}");
    }
}

#[test]
fn a_jti_has_at_most_128_characters() {
    let of = |characters: &str| {
        judged(&signed(&header("EdDSA", &okp()), &claims().with("jti", &format!("\"{characters}\""))))
    };
    assert!(of(&"a".repeat(MAX_JTI_CHARS)).is_ok() && of(&"ü".repeat(MAX_JTI_CHARS)).is_ok());
    assert_eq!(of(&"a".repeat(MAX_JTI_CHARS + 1)).unwrap_err().reason(), "dpop_claim_malformed");
}

#[test]
fn evidence_is_short_whatever_a_stranger_wrote() {
    let long = "\u{7}x".repeat(200);
    let escaped = long.replace('\u{7}', "\\u0007");
    for proof in [
        signed(&header("EdDSA", &okp()).with("typ", &format!("\"{escaped}\"")), &claims()),
        signed(&header("EdDSA", &okp()), &claims().with("htm", &format!("\"{escaped}\""))),
        signed(&header("EdDSA", &okp()), &claims().with("htu", &format!("\"{escaped}\""))),
        signed(&header(&escaped, &okp()), &claims()),
    ] {
        let text = judged(&proof).unwrap_err().to_string();
        assert!(text.len() < 200 && !text.contains('\u{7}'), "{text}");
    }
}
