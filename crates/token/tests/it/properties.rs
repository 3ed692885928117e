//! Nothing panics, and nothing opens but what was signed.

use crate::world::{good, key, keys, named, second_key};
use chancery_token::bounds::{Bound, Bounds};
use chancery_token::claims::{Confirmation, MAX_ACTORS, MAX_ANCESTORS};
use chancery_token::{
    AlgorithmName, Claims, Environment, FamilyId, Format, KeySet, ScopeSet, TokenId, TokenSigner, UnixTime,
    jws, paserk, paseto,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::sync::Arc;

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Jwt), Just(Format::Paseto)]
}

/// What may stand in a token, and some of what may not.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![4 => prop::char::ranges(vec!['a'..='z', 'A'..='Z', '0'..='9', '-'..='.', '_'..='_'].into()), 1 => any::<char>()]
}

fn refused(format: Format, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text == good(format) || keys(format).open(text).is_err(), "opened: {text}");
    Ok(())
}

proptest! {
    #[test]
    fn a_token_with_one_character_changed_never_opens(format in format(), at: prop::sample::Index, with in character()) {
        let mut token: Vec<char> = good(format).chars().collect();
        let at = at.index(token.len());
        token[at] = with;
        refused(format, &token.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_token_with_one_bit_changed_never_opens(format in format(), at: prop::sample::Index, bit in 0_u8..8) {
        let mut token = good(format).into_bytes();
        let at = at.index(token.len());
        token[at] ^= 1 << bit;
        refused(format, &String::from_utf8_lossy(&token))?;
    }

    #[test]
    fn a_token_cut_short_or_grown_never_opens(
        format in format(), at: prop::sample::Index, insert in vec(character(), 0..4), remove in 0_usize..4
    ) {
        let mut token: Vec<char> = good(format).chars().collect();
        let at = at.index(token.len());
        let end = (at + remove).min(token.len());
        token.splice(at..end, insert);
        refused(format, &token.into_iter().collect::<String>())?;
        refused(format, &good(format)[..at])?;
        refused(format, &good(format)[at..])?;
    }

    #[test]
    fn the_head_of_one_token_never_opens_with_the_tail_of_another(
        format in format(), at: prop::sample::Index, tenant in "[a-z]{1,8}"
    ) {
        let first = good(format);
        let payload = crate::world::claims(format).with("tenant", &format!("\"{tenant}\"")).text();
        let second = crate::world::sign(format, payload.as_bytes());
        let at = at.index(first.len().min(second.len()));
        for text in [format!("{}{}", &first[..at], &second[at..]), format!("{}{}", &second[..at], &first[at..])] {
            prop_assert!(text == first || text == second || keys(format).open(&text).is_err(), "opened: {text}");
        }
    }

    #[test]
    fn segments_in_another_order_never_open(format in format(), order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(), count in 0_usize..6) {
        let token = good(format);
        let segments: Vec<&str> = token.split('.').collect();
        let mixed: Vec<&str> = order.iter().cycle().take(count).filter_map(|at| segments.get(*at).copied()).collect();
        refused(format, &mixed.join("."))?;
    }

    #[test]
    fn any_text_is_refused_without_a_panic(format in format(), text: String) {
        refused(format, &text)?;
        let _ = jws::Compact::parse(&text);
        let _ = paseto::Unverified::parse(&text).map(|token| token.verify(&key().public(), b"", b""));
        let _ = (paserk::from_public(&text), paserk::from_secret(&text), paserk::public_bytes(&text));
    }

    #[test]
    fn any_text_in_the_shape_of_a_token_is_refused_without_a_panic(
        format in format(), parts in vec("[A-Za-z0-9_-]{0,60}", 0..5), version in "(v[0-9]\\.(public|local)\\.|eyJ)?"
    ) {
        let text = format!("{version}{}", parts.join("."));
        refused(format, &text)?;
    }

    #[test]
    fn any_header_over_a_good_signature_opens_only_as_an_access_token(header in "[{}\\[\\]\",:a-z0-9 \\\\.+-]{0,80}") {
        let token = jws::sign(&header, crate::world::claims(Format::Jwt).text().as_bytes(), &named(Format::Jwt));
        prop_assert!(keys(Format::Jwt).open(&token).is_err(), "such a header names no key: {header}");
    }

    #[test]
    fn any_payload_under_a_good_signature_is_read_or_refused_without_a_panic(
        format in format(), payload: Vec<u8>, json in "[{}\\[\\]\",:a-z0-9 \\\\.e+-]{0,80}"
    ) {
        for payload in [payload.as_slice(), json.as_bytes()] {
            prop_assert!(keys(format).open(&crate::world::sign(format, payload)).is_err());
        }
    }

    #[test]
    fn any_key_document_is_read_or_refused_without_a_panic(
        format in format(), bytes: Vec<u8>, entries in vec(jwk(), 0..6)
    ) {
        let _ = KeySet::read(format, &bytes);
        let document = format!("{{\"keys\":[{}]}}", entries.join(","));
        if let Ok(document) = KeySet::read(format, document.as_bytes()) {
            prop_assert!(document.keys.kids().count() + document.skipped.len() <= entries.len());
            for kid in document.keys.kids() {
                let key = document.keys.key(kid).unwrap();
                prop_assert_eq!(paserk::from_public(&paserk::public(key)).unwrap(), key.clone());
            }
        }
    }

    #[test]
    fn claims_written_are_claims_read(format in format(), claims in claims()) {
        let signer = match format {
            Format::Jwt => TokenSigner::jwt(Arc::new(named(format)), AlgorithmName::EdDsa),
            Format::Paseto => TokenSigner::paseto(Arc::new(named(format))),
        };
        if let Ok(token) = signer.sign(&claims) {
            let authentic = keys(format).open(&token).unwrap();
            prop_assert_eq!(authentic.claims(), &claims);
            let other = KeySet::from_keys(format, [second_key().public()]).unwrap();
            prop_assert_eq!(other.open(&token).unwrap_err().reason(), "unknown_key");
        }
    }
}

/// Something like a JWK or a PASERK entry.
fn jwk() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("\"OKP\"".to_owned()),
        Just("\"Ed25519\"".to_owned()),
        Just("\"EdDSA\"".to_owned()),
        Just("\"sig\"".to_owned()),
        Just("[\"verify\"]".to_owned()),
        Just(format!("\"{}\"", chancery_token::encoding::base64url(key().public().as_bytes()))),
        Just(format!("\"{}\"", paserk::public(&key().public()))),
        Just(format!("\"{}\"", paserk::pid(&key().public()))),
        any::<[u8; 32]>().prop_map(|x| format!("\"{}\"", chancery_token::encoding::base64url(&x))),
        "[a-z0-9/]{0,70}".prop_map(|text| format!("\"{text}\"")),
        Just("null".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
    ];
    let right = Just(
        [("kty", "\"OKP\""), ("crv", "\"Ed25519\""), ("kid", "\"a\"")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let wild = btree_map("(kty|crv|x|kid|use|alg|key_ops|d|key)", value, 0..9);
    (right, wild).prop_map(|(right, wild)| {
        let members = right.into_iter().filter(|(name, _)| !wild.contains_key(name)).chain(wild.clone());
        let members: Vec<String> = members.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

fn bound() -> impl Strategy<Value = Bound> {
    let pattern = "([a-zA-Z0-9 \"\\\\/äß€-]{1,12})\\*?".prop_map(|text| text.parse().unwrap());
    prop_oneof![vec(pattern, 1..4).prop_map(Bound::AnyOf), (0_u64..1 << 53).prop_map(Bound::AtMost)]
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let axes = || btree_map("[a-z][a-z0-9_]{0,6}", bound(), 0..4);
    (axes(), btree_map("[a-z]{1,4}:[a-z]{1,4}", axes(), 0..3)).prop_map(|(general, by_scope)| {
        let mut bounds = Bounds::default();
        for (axis, bound) in general {
            bounds = bounds.with(None, axis.parse().unwrap(), bound);
        }
        for (scope, axes) in by_scope {
            for (axis, bound) in axes {
                bounds = bounds.with(Some(scope.parse().unwrap()), axis.parse().unwrap(), bound);
            }
        }
        bounds
    })
}

/// Clients and tenants; no name is `.` or `..`.
const NAME: &str = "\\.{0,2}[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,61}";
/// Whoever a token speaks for.
const SUBJECT: &str = "\\.{0,2}[a-zA-Z0-9:@_-][a-zA-Z0-9:@._-]{0,17}";

prop_compose! {
    fn claims()(
        (iss, aud, sub, client_id) in ("\\PC{1,40}", "[ -~]{1,40}", SUBJECT, NAME),
        (iat, exp, nbf) in (time(), time(), prop::option::of(time())),
        (jti, sid, rvs) in (any::<[u8; 16]>(), prop::option::of(any::<[u8; 16]>()), any::<u64>()),
        scopes in vec("[a-z][a-z0-9_-]{0,8}:[a-z][a-z0-9_-]{0,8}", 1..6),
        tenant in NAME,
        bounds in bounds(),
        cnf in prop::option::of((any::<bool>(), any::<[u8; 32]>())),
        act in vec(SUBJECT, 0..=MAX_ACTORS),
        anc in vec(any::<[u8; 16]>(), 0..=MAX_ANCESTORS),
        live: bool,
    ) -> Claims {
        Claims {
            iss,
            aud,
            sub: sub.parse().unwrap(),
            client_id: client_id.parse().unwrap(),
            iat,
            exp,
            nbf,
            jti: TokenId::from_bytes(jti),
            scope: ScopeSet::parse(&scopes.join(" ")).unwrap(),
            tenant: tenant.parse().unwrap(),
            bounds,
            sid: sid.map(FamilyId::from_bytes),
            rvs,
            cnf: cnf.map(|(dpop, hash)| if dpop { Confirmation::DpopKey(hash) } else { Confirmation::Certificate(hash) }),
            act: act.iter().map(|actor| actor.parse().unwrap()).collect(),
            anc: anc.into_iter().map(TokenId::from_bytes).collect(),
            env: if live { Environment::Live } else { Environment::Test },
        }
    }
}

fn time() -> impl Strategy<Value = UnixTime> {
    (0..=UnixTime::MAX.as_secs()).prop_map(UnixTime::from_secs)
}
