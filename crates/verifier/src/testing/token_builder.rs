//! Tokens with any claim and any header.

use super::TestIssuer;
use super::members::Members;
use chancery_token::encoding::base64url;
use chancery_token::{Format, SecretKey, TokenId, UnixTime, jws, paseto};
use serde_json::Value;
use std::time::Duration;

/// A token in the making. What it says is up to the test; the signature over it is real.
#[derive(Clone, Debug)]
pub struct TokenBuilder {
    format: Format,
    key: SecretKey,
    kid: String,
    /// JOSE header, or PASETO footer.
    header: Members,
    claims: Members,
    now: UnixTime,
}

impl TokenBuilder {
    pub(super) fn new(issuer: &TestIssuer) -> Self {
        let kid = issuer.kid();
        let name = || Value::from(kid.as_str());
        let header = match issuer.format {
            Format::Jwt => {
                Members::new(&[("alg", "EdDSA".into()), ("typ", "at+jwt".into()), ("kid", name())])
            }
            Format::Paseto => Members::new(&[("kid", name()), ("typ", "at+paseto".into())]),
        };
        let claims = Members::new(&[
            ("iss", issuer.issuer.as_str().into()),
            ("aud", issuer.audience.as_str().into()),
            ("sub", "test-client".into()),
            ("client_id", "test-client".into()),
            ("iat", Value::Null),
            ("exp", Value::Null),
            ("jti", TokenId::from_bytes([7; 16]).to_string().into()),
            ("scope", "records:read".into()),
            ("tenant", "acme".into()),
            ("rvs", 1_838_392_934_400_u64.into()),
            ("env", "live".into()),
        ]);
        let builder =
            Self { format: issuer.format, key: issuer.key.clone(), kid, header, claims, now: issuer.now };
        builder.time("iat", issuer.now).lifetime(Duration::from_mins(15))
    }

    /// Sets any claim to any JSON value.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.set(name, value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a claim to an instant, written as the format writes times.
    pub fn time(self, name: &str, time: UnixTime) -> Self {
        match self.format {
            Format::Jwt => self.claim(name, time.as_secs()),
            Format::Paseto => self.claim(name, time.to_rfc3339()),
        }
    }

    /// Sets `exp` to this long after the issuer's instant.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        let exp = self.now.plus(lifetime);
        self.time("exp", exp)
    }

    /// Sets the scopes, separated by spaces.
    pub fn scope(self, scope: &str) -> Self {
        self.claim("scope", scope)
    }

    /// Sets the tenant.
    pub fn tenant(self, tenant: &str) -> Self {
        self.claim("tenant", tenant)
    }

    /// Sets the client, as `client_id` and as `sub`.
    pub fn client(self, client: &str) -> Self {
        self.claim("client_id", client).claim("sub", client)
    }

    /// Gives the token its own `jti`; equal numbers are equal names.
    pub fn number(self, number: u64) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        self.claim("jti", TokenId::from_bytes(bytes).to_string())
    }

    /// Sets a member of the JOSE header (JWT) or of the footer (PASETO).
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.set(name, value.into());
        self
    }

    /// Leaves a member of the header or footer out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Signs with the key of `other`, still under the name of the first key.
    pub fn signed_by(mut self, other: &TestIssuer) -> Self {
        self.key = other.key.clone();
        self
    }

    /// The claims as they would be signed.
    pub fn claims_json(&self) -> String {
        self.claims.to_json()
    }

    /// Signs.
    pub fn sign(self) -> String {
        let payload = self.claims_json();
        self.sign_payload(payload.as_bytes())
    }

    /// Signs bytes of the caller's choice in place of the claims.
    pub fn sign_payload(self, payload: &[u8]) -> String {
        let header = self.header.to_json();
        let signer = self.key.named(self.kid);
        match self.format {
            Format::Jwt => jws::sign(&header, payload, &signer),
            Format::Paseto => paseto::sign(payload, header.as_bytes(), b"", &signer),
        }
    }

    /// The token without a signature, as `alg: none` would have it.
    pub fn unsigned(mut self) -> String {
        self.header.set("alg", "none".into());
        format!(
            "{}.{}.",
            base64url(self.header.to_json().as_bytes()),
            base64url(self.claims_json().as_bytes())
        )
    }
}
