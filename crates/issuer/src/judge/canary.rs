//! A key is tried out before it is published: what it signs is accepted, and nothing that was changed.

use super::{JudgeRefusal, judge};
use chancery_revocation::{DocumentSigner, Log, LogId, Retention};
use chancery_token::encoding::{base64url, from_base64url};
use chancery_token::{
    Bounds, Claims, Environment, Format, PublicKey, ScopeSet, TokenId, TokenSigner, UnixTime, scope,
};
use std::time::Duration;

/// Signs a canary with a key and has it judged, whole and with flipped bits.
pub(crate) fn examine(signer: &TokenSigner, key: &PublicKey) -> Result<(), JudgeRefusal> {
    let library = match signer.format() {
        Format::Jwt => "jsonwebtoken",
        Format::Paseto => "pasetors",
    };
    let form = |detail: String| JudgeRefusal::Form { library, detail };
    let claims = canary().ok_or_else(|| form("the canary has no claims".into()))?;
    let token = signer.sign(&claims).map_err(|error| form(error.to_string()))?;
    examine_text(signer.format(), key, &token, library)
}

/// The same for a key of the revocation log: its documents are JWTs too.
pub(crate) fn examine_log_key(signer: &DocumentSigner, key: &PublicKey) -> Result<(), JudgeRefusal> {
    let library = "jsonwebtoken";
    let began = UnixTime::from_secs(0);
    let [longest_access, max_blind, skew, longest_family] = [Duration::ZERO; 4];
    let retention = Retention { longest_access, max_blind, skew, longest_family };
    let log = Log::begin(LogId::from_bytes([0; 16]), None, began, retention);
    let document = signer.snapshot(&log, began);
    let document = document.map_err(|error| JudgeRefusal::Form { library, detail: error.to_string() })?;
    examine_text(Format::Jwt, key, &document, library)
}

fn examine_text(
    format: Format,
    key: &PublicKey,
    text: &str,
    library: &'static str,
) -> Result<(), JudgeRefusal> {
    judge(format, key, text)?;
    for changed in flipped(text) {
        if judge(format, key, &changed).is_ok() {
            return Err(JudgeRefusal::AcceptedForgery { library });
        }
    }
    Ok(())
}

/// Claims of no use to anybody: expired since 1970, for an audience that nobody is.
fn canary() -> Option<Claims> {
    Some(Claims {
        iss: "urn:chancery:canary".into(),
        aud: "urn:chancery:canary".into(),
        sub: "canary".parse().ok()?,
        client_id: "canary".parse().ok()?,
        iat: UnixTime::from_secs(0),
        exp: UnixTime::from_secs(1),
        nbf: None,
        jti: TokenId::from_bytes([0; 16]),
        scope: ScopeSet::from_scopes(&[scope!("canary:sing")]).ok()?,
        tenant: "canary".parse().ok()?,
        bounds: Bounds::default(),
        sid: None,
        rvs: 0,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Test,
    })
}

/// The token with one bit flipped in each of several places: at the start, in the middle and at the end of every
/// segment that holds bytes.
fn flipped(token: &str) -> Vec<String> {
    let segments: Vec<&str> = token.split('.').collect();
    let mut changed = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let Some(bytes) = from_base64url(segment).filter(|bytes| bytes.len() > 16) else { continue };
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut bytes = bytes.clone();
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1;
            }
            let segment = base64url(&bytes);
            let with = segments.iter().enumerate().map(|(n, old)| if n == at { &*segment } else { *old });
            changed.push(with.collect::<Vec<_>>().join("."));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::{AlgorithmName, SecretKey, jwk, paserk};
    use std::sync::Arc;

    fn signers() -> [(TokenSigner, PublicKey); 3] {
        let key = SecretKey::from_seed(&[5; 32]);
        let public = key.public();
        let jwt = |alg| TokenSigner::jwt(Arc::new(key.clone().named(jwk::thumbprint(&public))), alg);
        let paseto = TokenSigner::paseto(Arc::new(key.clone().named(paserk::pid(&public))));
        [jwt(AlgorithmName::EdDsa), jwt(AlgorithmName::Ed25519), paseto]
            .map(|signer| (signer, public.clone()))
    }

    #[test]
    fn a_good_key_passes_under_every_name_and_format() {
        for (signer, public) in signers() {
            assert_eq!(examine(&signer, &public), Ok(()), "{signer:?}");
        }
    }

    #[test]
    fn a_key_that_is_published_under_the_wrong_half_does_not_pass() {
        let other = SecretKey::from_seed(&[6; 32]).public();
        for (signer, _) in signers() {
            assert_eq!(examine(&signer, &other).unwrap_err().reason(), "judge_signature", "{signer:?}");
        }
    }

    #[test]
    fn a_key_of_the_log_passes_and_under_the_wrong_half_does_not() {
        let key = SecretKey::from_seed(&[5; 32]);
        let [public, other] = [5, 6].map(|seed| SecretKey::from_seed(&[seed; 32]).public());
        let signer =
            DocumentSigner::new("urn:chancery:canary", Arc::new(key.named(jwk::thumbprint(&public))));
        assert_eq!(examine_log_key(&signer, &public), Ok(()));
        assert_eq!(examine_log_key(&signer, &other).unwrap_err().reason(), "judge_signature");
    }

    #[test]
    fn every_part_of_a_token_is_flipped() {
        for (signer, _) in signers() {
            let token = signer.sign(&canary().unwrap()).unwrap();
            let changed = flipped(&token);
            let segments = if signer.format() == Format::Jwt { 3 } else { 2 };
            assert_eq!(changed.len(), 3 * segments);
            assert!(changed.iter().all(|other| other != &token && other.len() == token.len()));
        }
    }
}
