//! What the signer of access tokens writes.

use crate::world::{key, kid, named, open};
use chancery_token::bounds::{Bound, Bounds};
use chancery_token::claims::Confirmation;
use chancery_token::encoding::from_base64url;
use chancery_token::{
    AlgorithmName, Claims, Environment, FamilyId, Format, MAX_ISSUED_BYTES, ScopeSet, TokenId, TokenSigner,
    UnixTime, paseto, scope,
};
use std::sync::Arc;

fn signer(format: Format) -> TokenSigner {
    match format {
        Format::Jwt => TokenSigner::jwt(Arc::new(named(format)), AlgorithmName::EdDsa),
        Format::Paseto => TokenSigner::paseto(Arc::new(named(format))),
    }
}

fn plain() -> Claims {
    Claims {
        iss: "https://auth.example.com".into(),
        aud: "https://documint.example.com".into(),
        sub: "invoice-sync".parse().unwrap(),
        client_id: "invoice-sync".parse().unwrap(),
        iat: UnixTime::from_secs(1_795_305_600),
        exp: UnixTime::from_secs(1_795_306_500),
        nbf: None,
        jti: TokenId::from_bytes([1; 16]),
        scope: ScopeSet::parse("invoices:read").unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: Bounds::default(),
        sid: None,
        rvs: 1_838_392_934_400,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    }
}

fn full() -> Claims {
    Claims {
        nbf: Some(UnixTime::from_secs(1_795_305_600)),
        bounds: Bounds::default()
            .with(None, "region".parse().unwrap(), Bound::AnyOf(vec!["eu".parse().unwrap()]))
            .with(Some(scope!("orders:refund")), "refund_max".parse().unwrap(), Bound::AtMost(200)),
        sid: Some(FamilyId::from_bytes([2; 16])),
        cnf: Some(Confirmation::DpopKey([3; 32])),
        act: vec!["agent-a".parse().unwrap(), "agent-b".parse().unwrap()],
        anc: vec![TokenId::from_bytes([4; 16])],
        env: Environment::Test,
        ..plain()
    }
}

fn segment(token: &str, at: usize) -> String {
    String::from_utf8(from_base64url(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

#[test]
fn a_jwt_has_the_header_of_rfc_9068_and_claims_in_a_fixed_order() {
    let token = signer(Format::Jwt).sign(&plain()).unwrap();
    let kid = kid(Format::Jwt, &key());
    assert_eq!(segment(&token, 0), format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#));
    assert_eq!(
        segment(&token, 1),
        concat!(
            r#"{"iss":"https://auth.example.com","aud":"https://documint.example.com","sub":"invoice-sync","#,
            r#""client_id":"invoice-sync","iat":1795305600,"exp":1795306500,"jti":"AQEBAQEBAQEBAQEBAQEBAQ","#,
            r#""scope":"invoices:read","tenant":"acme","rvs":1838392934400,"env":"live"}"#,
        )
    );
    let full = signer(Format::Jwt).sign(&full()).unwrap();
    assert_eq!(
        segment(&full, 1),
        concat!(
            r#"{"iss":"https://auth.example.com","aud":"https://documint.example.com","sub":"invoice-sync","#,
            r#""client_id":"invoice-sync","iat":1795305600,"exp":1795306500,"nbf":1795305600,"#,
            r#""jti":"AQEBAQEBAQEBAQEBAQEBAQ","scope":"invoices:read","tenant":"acme","#,
            r#""bounds":{"region":["eu"],"orders:refund":{"refund_max":200}},"sid":"AgICAgICAgICAgICAgICAg","#,
            r#""rvs":1838392934400,"cnf":{"jkt":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"},"#,
            r#""act":{"sub":"agent-a","act":{"sub":"agent-b"}},"anc":["BAQEBAQEBAQEBAQEBAQEBA"],"env":"test"}"#,
        )
    );
}

#[test]
fn a_paseto_has_the_same_claims_with_written_times_and_the_footer_of_its_key() {
    let token = signer(Format::Paseto).sign(&plain()).unwrap();
    assert!(token.starts_with("v4.public."));
    let kid = kid(Format::Paseto, &key());
    let footer = format!(r#"{{"kid":"{kid}","typ":"at+paseto"}}"#);
    assert_eq!(segment(&token, 3), footer);
    let unverified = paseto::Unverified::parse(&token).unwrap();
    let message = unverified.verify(&key().public(), footer.as_bytes(), b"").unwrap();
    assert_eq!(
        String::from_utf8(message).unwrap(),
        concat!(
            r#"{"iss":"https://auth.example.com","aud":"https://documint.example.com","sub":"invoice-sync","#,
            r#""client_id":"invoice-sync","iat":"2026-11-22T00:00:00Z","exp":"2026-11-22T00:15:00Z","#,
            r#""jti":"AQEBAQEBAQEBAQEBAQEBAQ","scope":"invoices:read","tenant":"acme","rvs":1838392934400,"#,
            r#""env":"live"}"#,
        )
    );
}

#[test]
fn what_is_issued_opens_and_says_the_same() {
    for format in [Format::Jwt, Format::Paseto] {
        for claims in [plain(), full()] {
            let token = signer(format).sign(&claims).unwrap();
            let authentic = open(format, &token).unwrap();
            assert_eq!(authentic.claims(), &claims);
            assert_eq!(**authentic.kid(), *signer(format).kid());
            assert_eq!(signer(format).sign(&claims).unwrap(), token, "the same claims are the same token");
        }
    }
}

#[test]
fn r_9_2_the_other_name_of_the_algorithm_is_a_choice() {
    let signer = TokenSigner::jwt(Arc::new(named(Format::Jwt)), AlgorithmName::Ed25519);
    let token = signer.sign(&plain()).unwrap();
    assert!(segment(&token, 0).starts_with(r#"{"alg":"Ed25519","#));
    assert!(open(Format::Jwt, &token).is_ok());
}

#[test]
fn r_6_1_a_token_over_four_kibibytes_is_refused_by_the_name_of_its_largest_claim() {
    for format in [Format::Jwt, Format::Paseto] {
        let values =
            |count: usize| (0..count).map(|n| format!("acme-project-{n:04}").parse().unwrap()).collect();
        let with = |count| {
            let bound = Bound::AnyOf(values(count));
            let bounds = Bounds::default().with(None, "project".parse().unwrap(), bound);
            signer(format).sign(&Claims { bounds, ..plain() })
        };
        let most = (1..250).take_while(|count| with(*count).is_ok()).last().unwrap();
        assert!(with(most).unwrap().len() > MAX_ISSUED_BYTES - 60, "the limit is used up");
        let refused = with(most + 1).unwrap_err();
        assert_eq!(refused.claim, "bounds");
        assert!(refused.bytes > MAX_ISSUED_BYTES && refused.claim_bytes > 2000, "{refused:?}");
        assert!(refused.to_string().contains("'bounds'"));

        let scopes: Vec<String> = (0..250).map(|n| format!("invoices-{n}:read")).collect();
        let scope = ScopeSet::parse(&scopes.join(" ")).unwrap();
        assert_eq!(signer(format).sign(&Claims { scope, ..plain() }).unwrap_err().claim, "scope");
    }
}

#[test]
fn whatever_fits_the_largest_token_is_read_again() {
    for format in [Format::Jwt, Format::Paseto] {
        let values = |count| {
            let bound = Bound::AnyOf(vec!["a".parse().unwrap(); count]);
            Bounds::default().with(None, "a".parse().unwrap(), bound)
        };
        let axes = |count| {
            (0..count).fold(Bounds::default(), |bounds, n| {
                bounds.with(None, format!("a{n}").parse().unwrap(), Bound::AtMost(0))
            })
        };
        let kinds: [&dyn Fn(usize) -> Bounds; 2] = [&values, &axes];
        for of_size in kinds {
            let sign = |count| signer(format).sign(&Claims { bounds: of_size(count), ..plain() });
            let most = (1..1000).rev().find(|count| sign(*count).is_ok()).unwrap();
            let bounds = of_size(most);
            assert_eq!(open(format, &sign(most).unwrap()).unwrap().claims().bounds, bounds, "{most}");
        }
    }
}

#[test]
fn a_signer_shows_its_format_and_key_id_and_no_key() {
    for format in [Format::Jwt, Format::Paseto] {
        let signer = signer(format);
        assert_eq!((signer.format(), signer.kid()), (format, &*kid(format, &key())));
        assert_eq!(format!("{signer:?}"), format!("TokenSigner({format}, {})", kid(format, &key())));
    }
}
