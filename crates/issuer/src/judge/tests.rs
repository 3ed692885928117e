use super::*;
use chancery_token::encoding::{base64url, from_base64url};
use chancery_token::{
    AlgorithmName, Bounds, Claims, Environment, ScopeSet, SecretKey, TokenId, TokenSigner, UnixTime, jwk,
    paserk, scope,
};
use std::sync::Arc;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn token(format: Format, alg: AlgorithmName) -> String {
    let public = key(1).public();
    let signer = match format {
        Format::Jwt => TokenSigner::jwt(Arc::new(key(1).named(jwk::thumbprint(&public))), alg),
        Format::Paseto => TokenSigner::paseto(Arc::new(key(1).named(paserk::pid(&public)))),
    };
    let claims = Claims {
        iss: "https://auth.example.com".into(),
        aud: "https://api.example.com".into(),
        sub: "reporter".parse().unwrap(),
        client_id: "reporter".parse().unwrap(),
        iat: UnixTime::from_secs(1_795_305_600),
        exp: UnixTime::from_secs(1_795_306_500),
        nbf: None,
        jti: TokenId::from_bytes([9; 16]),
        scope: ScopeSet::from_scopes(&[scope!("invoices:read")]).unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: Bounds::default(),
        sid: None,
        rvs: 1,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    };
    signer.sign(&claims).unwrap()
}

fn tokens() -> [(Format, String); 3] {
    [
        (Format::Jwt, token(Format::Jwt, AlgorithmName::EdDsa)),
        (Format::Jwt, token(Format::Jwt, AlgorithmName::Ed25519)),
        (Format::Paseto, token(Format::Paseto, AlgorithmName::EdDsa)),
    ]
}

#[test]
fn a_token_of_ours_is_accepted_whatever_the_time() {
    for (format, token) in tokens() {
        assert_eq!(judge(format, &key(1).public(), &token), Ok(()), "{token}");
    }
}

#[test]
fn another_key_is_refused() {
    for (format, token) in tokens() {
        assert_eq!(
            judge(format, &key(2).public(), &token).unwrap_err().reason(),
            "judge_signature",
            "{token}"
        );
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    for (format, token) in tokens() {
        let segments: Vec<&str> = token.split('.').collect();
        for (at, segment) in segments.iter().enumerate() {
            let Some(bytes) = from_base64url(segment).filter(|bytes| bytes.len() > 8) else { continue };
            for bit in 0..bytes.len() * 8 {
                let mut bytes = bytes.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let mut changed = segments.clone();
                let segment = base64url(&bytes);
                changed[at] = &segment;
                assert!(judge(format, &key(1).public(), &changed.join(".")).is_err(), "{format} {at} {bit}");
            }
        }
    }
}

#[test]
fn what_is_no_token_is_refused_by_its_form() {
    for text in ["", ".", "..", "a.b.c", "v4.public.", "v4.public.AAAA", "v4.local.AAAA", "e30.e30.AA"] {
        for format in [Format::Jwt, Format::Paseto] {
            let refused = judge(format, &key(1).public(), text).unwrap_err();
            assert_eq!(refused.reason(), "judge_form", "{format} {text}: {refused}");
        }
    }
}

#[test]
fn a_token_of_the_other_format_is_refused() {
    let [(_, jwt), _, (_, paseto)] = tokens();
    assert!(judge(Format::Paseto, &key(1).public(), &jwt).is_err());
    assert!(judge(Format::Jwt, &key(1).public(), &paseto).is_err());
}
