//! The token that everything is measured with, and the keys behind it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use chancery_token::bounds::{Bound, Bounds};
use chancery_token::claims::TimeForm;
use chancery_token::{
    AlgorithmName, Claims, Environment, Format, KeySet, ScopeSet, SecretKey, Signer, TokenId, TokenSigner,
    UnixTime,
};
use chancery_token::{jwk, paserk};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::{Freshness, Revocation, Verifier};
use std::sync::Arc;
use std::time::Duration;

/// How many different tokens take turns in a measurement.
const TOKENS: u64 = 64;
pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const AUDIENCE: &str = "https://api.example.com/orders";
const SEED: [u8; 32] = [7; 32];

/// Everything that signs and verifies in one format.
pub(crate) struct Subject {
    pub(crate) format: Format,
    pub(crate) now: UnixTime,
    pub(crate) claims: Vec<Claims>,
    pub(crate) dalek: ed25519_dalek::SigningKey,
    pub(crate) aws: Arc<Ed25519KeyPair>,
    kid: String,
    key: SecretKey,
}

impl Subject {
    /// Tokens of four scopes, a tenant, a sequence and a bound on one axis: about 700 bytes. They are of this
    /// moment, because the contenders read the machine's clock.
    pub(crate) fn new(format: Format) -> Self {
        let key = SecretKey::from_seed(&SEED);
        let now = SystemClock::new().now();
        let kid = match format {
            Format::Jwt => jwk::thumbprint(&key.public()),
            Format::Paseto => paserk::pid(&key.public()),
        };
        let aws = Ed25519KeyPair::from_seed_and_public_key(&SEED, key.public().as_bytes()).unwrap();
        let claims = (0..TOKENS).map(|number| claims(number, now)).collect();
        let dalek = ed25519_dalek::SigningKey::from_bytes(&SEED);
        Self { format, now, claims, dalek, aws: Arc::new(aws), kid, key }
    }

    /// Our codec over ed25519-dalek.
    pub(crate) fn signer(&self) -> TokenSigner {
        self.signer_over(Arc::new(self.key.clone().named(self.kid.clone())))
    }

    /// Our codec over aws-lc-rs, as the issuer signs.
    pub(crate) fn aws_signer(&self) -> TokenSigner {
        self.signer_over(Arc::new(AwsKey { kid: self.kid.clone(), pair: Arc::clone(&self.aws) }))
    }

    fn signer_over(&self, signer: Arc<dyn Signer>) -> TokenSigner {
        match self.format {
            Format::Jwt => TokenSigner::jwt(signer, AlgorithmName::EdDsa),
            Format::Paseto => TokenSigner::paseto(signer),
        }
    }

    /// Our verifier, with the key installed.
    pub(crate) fn verifier(&self, cache_bytes: u64) -> Verifier {
        self.built(Revocation::Ignore { reason: "the codec is measured" }, cache_bytes)
    }

    /// The same, and it asks the revocation log about each token.
    pub(crate) fn follower(&self, cache_bytes: u64) -> Verifier {
        self.built(Revocation::Follow(Freshness::MaxStaleness(Duration::from_hours(1))), cache_bytes)
    }

    fn built(&self, revocation: Revocation, cache_bytes: u64) -> Verifier {
        let verifier = Verifier::new(ISSUER, AUDIENCE, revocation).unwrap();
        let verifier = verifier.format(self.format).cache_bytes(cache_bytes);
        verifier.install_keys(KeySet::from_keys(self.format, [self.key.public()]).unwrap()).unwrap();
        verifier
    }

    /// The claims as other libraries take them.
    pub(crate) fn payloads(&self) -> Vec<serde_json::Value> {
        let times = match self.format {
            Format::Jwt => TimeForm::NumericDate,
            Format::Paseto => TimeForm::Rfc3339,
        };
        self.claims.iter().map(|claims| serde_json::from_slice(&claims.to_json(times)).unwrap()).collect()
    }

    /// The public key as raw bytes.
    pub(crate) fn public(&self) -> &[u8] {
        self.aws.public_key().as_ref()
    }
}

/// The claims of token number `number`.
pub(crate) fn claims(number: u64, now: UnixTime) -> Claims {
    let mut jti = [0x5a; 16];
    jti[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let region = Bound::AnyOf(vec!["eu-west".parse().unwrap(), "eu-north".parse().unwrap()]);
    let client = "invoice-sync-7f3a";
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: client.parse().unwrap(),
        client_id: client.parse().unwrap(),
        iat: now,
        exp: now.plus(Duration::from_mins(15)),
        nbf: None,
        jti: TokenId::from_bytes(jti),
        scope: ScopeSet::parse("orders:read orders:update invoices:read invoices:create").unwrap(),
        tenant: "acme-europe".parse().unwrap(),
        bounds: Bounds::default().with(None, "region".parse().unwrap(), region),
        sid: None,
        rvs: 1_838_392_934_400,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    }
}

struct AwsKey {
    kid: String,
    pair: Arc<Ed25519KeyPair>,
}

impl Signer for AwsKey {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).as_ref().try_into().unwrap()
    }
}
