use super::*;
use chancery_revocation::{Kind, LogId, Retention};
use chancery_token::{AlgorithmName, Environment, Format, KeySet, SecretKey, Signer, TokenSigner, jwk};
use std::sync::Arc;
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const ISSUER: &str = "https://auth.example";
const SKEW: Duration = Duration::from_mins(7);

struct Key(SecretKey, String);

impl Key {
    fn new(seed: u8) -> Self {
        let secret = SecretKey::from_seed(&[seed; 32]);
        let kid = jwk::thumbprint(&secret.public());
        Self(secret, kid)
    }
}

impl Signer for Key {
    fn kid(&self) -> &str {
        &self.1
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

fn log() -> Log {
    let hour = Duration::from_hours(1);
    let retention =
        Retention { longest_access: hour, max_blind: hour / 6, skew: SKEW, longest_family: 24 * hour };
    Log::begin(LogId::from_bytes([7; 16]), None, NOW, retention)
}

fn claims(log: &Log) -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: "https://a.product.that.is.gone.example".into(),
        sub: "bot".parse().unwrap(),
        client_id: "bot".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(Duration::from_mins(15)),
        nbf: None,
        jti: TokenId::from_bytes([1; 16]),
        scope: chancery_token::ScopeSet::parse("r:read").unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: chancery_token::Bounds::default(),
        sid: None,
        rvs: log.position().sequence.get(),
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Test,
    }
}

/// What becomes of a token: the kind of the entry, or why there is none.
fn becomes(seed: u8, claims: &Claims, log: &Log, caller: &str, quota: Quota, now: UnixTime) -> &'static str {
    let token = TokenSigner::jwt(Arc::new(Key::new(seed)), AlgorithmName::EdDsa).sign(claims).unwrap();
    let hour = Duration::from_hours(1);
    let settings = Settings { issuer: ISSUER.into(), environment: Environment::Test, max_lifetime: hour };
    let keys = OwnKeys::new(KeySet::from_keys(Format::Jwt, [Key::new(1).0.public()]));
    let known = Known { settings: &settings, keys: &keys, log, quota };
    match decide(&token, &caller.parse().unwrap(), &known, now) {
        Ok(Decision::Append { kill, claims }) => {
            assert_eq!(claims.client_id.as_str(), caller);
            kill.kind().as_str()
        }
        Ok(Decision::Needless(why)) => why.reason(),
        Err(refused) => refused.reason(),
    }
}

#[test]
fn the_signature_comes_before_all_that_a_token_says() {
    let log = log();
    let base = claims(&log);
    let (bot, left) = ("bot", Quota::Left);
    assert_eq!(becomes(1, &base, &log, bot, left, NOW), "token", "whether its product is still there or not");
    // A stranger's token that names another client is no token of another client.
    assert_eq!(becomes(3, &base, &log, bot, left, NOW), "unknown_key");
    assert_eq!(becomes(3, &base, &log, "other", left, NOW), "unknown_key");
    assert_eq!(becomes(1, &base, &log, "other", left, NOW), "token_of_another_client");
    let elsewhere = Claims { iss: "https://other.example".into(), ..base.clone() };
    assert_eq!(becomes(1, &elsewhere, &log, "other", left, NOW), "issuer_mismatch");
    let live = Claims { env: Environment::Live, ..base };
    assert_eq!(becomes(1, &live, &log, bot, left, NOW), "environment_mismatch");
}

#[test]
fn a_token_is_over_only_when_it_is_for_the_slowest_verifier() {
    let log = log();
    let base = claims(&log);
    let over = base.exp.plus(SKEW);
    let becomes = |caller, now| becomes(1, &base, &log, caller, Quota::Left, now);
    assert_eq!(becomes("bot", base.exp), "token", "verifiers with leeway take it still");
    assert_eq!(becomes("bot", over.minus(Duration::from_secs(1))), "token");
    assert_eq!(becomes("bot", over), "expired");
    assert_eq!(becomes("other", over), "expired");
    assert_eq!(becomes("other", over.minus(Duration::from_secs(1))), "token_of_another_client");
}

#[test]
fn what_the_log_ends_already_is_not_ended_again() {
    let begun = log();
    let base = claims(&begun);
    let end = NOW.plus(Duration::from_hours(24));
    for kill in [
        Kill::token(base.jti, base.exp),
        Kill::client(&base.client_id, end),
        Kill::tenant(&base.tenant, end),
        Kill::key(&Key::new(1).1),
        Kill::all(end),
    ] {
        let log = begun.append(&[kill]).unwrap().0;
        assert_eq!(becomes(1, &base, &log, "bot", Quota::Left, NOW), "revoked", "{kill:?}");
        assert_eq!(becomes(1, &base, &log, "bot", Quota::Spent, NOW), "revoked", "{kill:?}");
        assert_eq!(
            becomes(1, &base, &log, "other", Quota::Left, NOW),
            "token_of_another_client",
            "it is told to nobody else"
        );
    }
    let below = Claims { rvs: 0, ..base };
    let hours = (0..4).map(|hour| NOW.plus(Duration::from_hours(hour)));
    let aged = hours.fold(begun, Log::confirm);
    assert!(aged.floor().get() > 0);
    assert_eq!(becomes(1, &below, &aged, "bot", Quota::Left, NOW), "issued_below_floor");
}

#[test]
fn whoever_spent_the_quota_ends_all_that_the_client_has() {
    let log = log();
    let base = claims(&log);
    assert_eq!(becomes(1, &base, &log, "bot", Quota::Spent, NOW), Kind::Client.as_str());
}
