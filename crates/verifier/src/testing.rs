//! An issuer in process, for the tests of services: real keys, real signatures, every claim overridable.
//!
//! ```
//! use chancery_verifier::{Revocation, Verifier, testing::TestIssuer};
//!
//! let issuer = TestIssuer::new("https://auth.example.com", "https://api.example.com");
//! let verifier = Verifier::new(issuer.issuer(), issuer.audience(), Revocation::Ignore { reason: "a test" })?;
//! verifier.install_keys(issuer.keys())?;
//!
//! let now = issuer.now();
//! assert!(verifier.verify(&issuer.token().scope("invoices:read").sign(), now).is_ok());
//! let foreign = issuer.token().claim("aud", "https://other.example.com").sign();
//! assert_eq!(verifier.verify(&foreign, now).unwrap_err().reason(), "audience_mismatch");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Its private keys are known to everybody. The feature `testing` belongs under `[dev-dependencies]` alone.

mod log;
mod members;
mod token_builder;

pub use log::TestLog;
pub use token_builder::TokenBuilder;

use chancery_token::jwk::{self, Jwk};
use chancery_token::{AlgorithmName, Format, KeySet, SecretKey, UnixTime, paserk};

/// Issues tokens that anybody could: its keys come from small numbers.
#[derive(Clone, Debug)]
pub struct TestIssuer {
    issuer: String,
    audience: String,
    format: Format,
    key: SecretKey,
    now: UnixTime,
}

impl TestIssuer {
    /// An issuer of JWTs for one audience, with key number 1, at 2026-11-22T00:00:00Z.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let now = UnixTime::from_secs(1_795_305_600);
        let (issuer, audience) = (issuer.into(), audience.into());
        Self { issuer, audience, format: Format::Jwt, key: numbered_key(1), now }
    }

    /// Issues in this format.
    pub fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// Signs with key number `number`: equal numbers are equal keys.
    pub fn key_number(self, number: u8) -> Self {
        Self { key: numbered_key(number), ..self }
    }

    /// Issues at this instant.
    pub fn at(self, now: UnixTime) -> Self {
        Self { now, ..self }
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `aud` of its tokens.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The instant at which it issues.
    pub fn now(&self) -> UnixTime {
        self.now
    }

    /// The name of its key.
    pub fn kid(&self) -> String {
        match self.format {
            Format::Jwt => jwk::thumbprint(&self.key.public()),
            Format::Paseto => paserk::pid(&self.key.public()),
        }
    }

    /// Its public key, for [`crate::Verifier::install_keys`].
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "one key makes a set that is not empty"
    )]
    pub fn keys(&self) -> KeySet {
        KeySet::from_keys(self.format, [self.key.public()]).expect("one key")
    }

    /// Its key document, as an issuer publishes it: a JWK Set, or PASERK keys.
    pub fn key_document(&self) -> String {
        let public = self.key.public();
        let entry = match self.format {
            Format::Jwt => serde_json::json!(Jwk::new(&public, AlgorithmName::EdDsa)),
            Format::Paseto => {
                serde_json::json!({ "kid": paserk::pid(&public), "key": paserk::public(&public) })
            }
        };
        serde_json::json!({ "keys": [entry] }).to_string()
    }

    /// A revocation log without entries, confirmed at the issuer's instant.
    pub fn log(&self) -> TestLog {
        TestLog::new(self)
    }

    /// A token that a verifier of this issuer and audience accepts for 15 minutes: client `test-client`, tenant
    /// `acme`, scope `records:read`, environment `live`. Change what the test is about.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(self)
    }
}

fn numbered_key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}
