//! The revocation log of a test issuer.

use super::{TestIssuer, numbered_key};
use crate::verifier::Verifier;
use chancery_revocation::{
    DocumentSigner, Kill, Log, LogId, Outcome, Position, Retention, RevocationKeys, Sequence,
};
use chancery_token::jwk::{self, Jwk};
use chancery_token::{AlgorithmName, KeySet, SecretKey, UnixTime};
use std::sync::Arc;
use std::time::Duration;

/// How long things live at a test issuer.
const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(30 * 24),
};

/// A real log with real signatures, by a key of its own. It begins where the tokens of its issuer stand, so they are good
/// until something ends them. Revoking is one line:
///
/// ```
/// use chancery_verifier::{Freshness, Revocation, Verifier, testing::TestIssuer};
/// use std::time::Duration;
///
/// let issuer = TestIssuer::new("https://auth.example.com", "https://api.example.com");
/// let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_hours(1)));
/// let verifier = Verifier::new(issuer.issuer(), issuer.audience(), policy)?;
/// verifier.install_keys(issuer.keys())?;
/// let (mut log, token, now) = (issuer.log(), issuer.token().sign(), issuer.now());
///
/// log.install(&verifier);
/// assert!(verifier.verify(&token, now).is_ok());
/// log.revoke_token(&token).install(&verifier);
/// assert_eq!(verifier.verify(&token, now).unwrap_err().reason(), "revoked");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestLog {
    issuer: String,
    tokens: KeySet,
    key: SecretKey,
    log: Log,
    now: UnixTime,
}

impl TestLog {
    pub(super) fn new(issuer: &TestIssuer) -> Self {
        let log = Log::begin(LogId::from_bytes([1; 16]), None, issuer.now, RETENTION);
        Self {
            issuer: issuer.issuer.clone(),
            tokens: issuer.keys(),
            key: numbered_key(101),
            log,
            now: issuer.now,
        }
    }

    /// Signs with key number `number` of the logs, 101 unless said otherwise. Keys of tokens have numbers of the same
    /// kind; a log must not share one with them.
    pub fn key_number(self, number: u8) -> Self {
        Self { key: numbered_key(number), ..self }
    }

    /// Its documents are confirmed at this instant from here on.
    pub fn at(self, now: UnixTime) -> Self {
        Self { log: self.log.confirm(now), now, ..self }
    }

    /// Begins another log that follows on this one, as an issuer does whose store is lost. What was revoked before is
    /// not in it.
    pub fn lost(self) -> Self {
        let id = LogId::from_bytes(self.log.position().log.as_bytes().map(|byte| byte.wrapping_add(1)));
        let log = Log::begin(id, Some(self.log.position().sequence), self.now, RETENTION);
        Self { log, ..self }
    }

    /// Its public key, for [`Verifier::install_revocations`].
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "one key makes a set that is not empty"
    )]
    pub fn keys(&self) -> RevocationKeys {
        RevocationKeys::from_keys([self.key.public()]).expect("one key")
    }

    /// Its key document, as `/keys/revocation.json` has it.
    pub fn key_document(&self) -> String {
        serde_json::json!({ "keys": [Jwk::new(&self.key.public(), AlgorithmName::EdDsa)] }).to_string()
    }

    /// Where it stands.
    pub fn position(&self) -> &Position {
        self.log.position()
    }

    /// Ends one token: the one of this text, which must be one of this issuer's.
    ///
    /// # Panics
    /// If it is not.
    #[expect(clippy::expect_used, reason = "a test that revokes what is no token is to stop there")]
    pub fn revoke_token(&mut self, token: &str) -> &mut Self {
        let authentic = self.tokens.open(token).expect("a token of this issuer");
        let claims = authentic.claims();
        self.revoke(Kill::token(claims.jti, claims.exp))
    }

    /// Ends whatever `kill` says.
    ///
    /// # Panics
    /// If four million tokens are revoked one by one.
    #[expect(clippy::expect_used, reason = "a test does not revoke four million tokens one by one")]
    pub fn revoke(&mut self, kill: Kill) -> &mut Self {
        let (log, _) = self.log.append(&[kill]).expect("there is room");
        self.log = log;
        self
    }

    /// Everything that it says, signed.
    ///
    /// # Panics
    /// If four million tokens are revoked one by one.
    #[expect(clippy::expect_used, reason = "as large a log is not a test's")]
    pub fn snapshot(&self) -> String {
        self.signer().snapshot(&self.log, self.now).expect("it is small")
    }

    /// What it says since `after`, signed: a heartbeat if that is nothing. `None` when it was never there.
    ///
    /// # Panics
    /// If four million tokens are revoked one by one.
    #[expect(clippy::expect_used, reason = "as large a log is not a test's")]
    pub fn delta(&self, after: Sequence) -> Option<String> {
        let delta = self.log.since(after)?;
        Some(self.signer().delta(&delta, self.now).expect("it is small"))
    }

    /// Tells `verifier` everything that it says.
    ///
    /// # Panics
    /// If the verifier is of another issuer, or ignores revocation.
    #[expect(clippy::expect_used, reason = "a test that tells nobody is to stop there")]
    pub fn install(&self, verifier: &Verifier) -> Outcome {
        verifier
            .install_revocations(&self.snapshot(), &self.keys(), self.now)
            .expect("the verifier follows this issuer's log")
    }

    fn signer(&self) -> DocumentSigner {
        let kid = jwk::thumbprint(&self.key.public());
        DocumentSigner::new(self.issuer.as_str(), Arc::new(self.key.clone().named(kid)))
    }
}
