//! Tokens that say whatever a case wants under a real signature.
//!
//! THE PRIVATE KEYS ARE PUBLIC: each seed is one small number, 32 times.

use chancery_verifier::Format;
use chancery_verifier::token::encoding::base64url;
use chancery_verifier::token::{SecretKey, Signer, jwk, paserk, paseto};

/// 2026-11-22T00:00:00Z.
pub(super) const NOW: u64 = 1_795_305_600;
pub(super) const ISSUER: &str = "https://auth.example.com";
pub(super) const AUDIENCE: &str = "https://api.example.com";
/// The seed of a key that nobody publishes.
pub(super) const STRANGER: u8 = 9;

/// The number whose key signs, unless a case says otherwise.
pub(super) const fn first(format: Format) -> u8 {
    match format {
        Format::Jwt => 1,
        Format::Paseto => 3,
    }
}

/// The number of the other published key.
pub(super) const fn second(format: Format) -> u8 {
    first(format) + 1
}

pub(super) fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(super) fn kid(format: Format, number: u8) -> String {
    match format {
        Format::Jwt => jwk::thumbprint(&secret(number).public()),
        Format::Paseto => paserk::pid(&secret(number).public()),
    }
}

/// A text as JSON; the text has nothing to escape.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// An instant so many seconds from [`NOW`], as the format writes it. By hand, so that our own calendar is not asked
/// about itself.
pub(super) fn instant(format: Format, offset: i64) -> String {
    match format {
        Format::Jwt => NOW.checked_add_signed(offset).unwrap().to_string(),
        Format::Paseto => {
            let (day, second) = if offset < 0 { (21, 86_400 + offset) } else { (22, offset) };
            assert!((0..86_400).contains(&second), "write an instant that is a day away as text");
            format!("\"2026-11-{day}T{:02}:{:02}:{:02}Z\"", second / 3600, second / 60 % 60, second % 60)
        }
    }
}

/// The members of a JSON object, each value as raw JSON, in order.
#[derive(Clone)]
struct Members(Vec<(String, String)>);

impl Members {
    fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.again(name, value),
        }
    }

    fn again(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn text(&self) -> String {
        let member = |(name, value): &(String, String)| format!("\"{name}\":{value}");
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }
}

/// A token in the making: a good one, until something is changed.
#[derive(Clone)]
pub(super) struct Draft {
    format: Format,
    signer: u8,
    /// JOSE header, or PASETO footer.
    header: Members,
    claims: Members,
}

impl Draft {
    pub(super) fn new(format: Format) -> Self {
        let (header, claims) = (Members(Vec::new()), Members(Vec::new()));
        let draft = Self { format, signer: first(format), header, claims };
        let draft = match format {
            Format::Jwt => draft.header("alg", "\"EdDSA\"").header("typ", "\"at+jwt\""),
            Format::Paseto => draft,
        };
        let draft = draft.header("kid", &quoted(&kid(format, first(format))));
        let draft = match format {
            Format::Jwt => draft,
            Format::Paseto => draft.header("typ", "\"at+paseto\""),
        };
        draft
            .with("iss", &quoted(ISSUER))
            .with("aud", &quoted(AUDIENCE))
            .with("sub", "\"invoice-sync\"")
            .with("client_id", "\"invoice-sync\"")
            .with("iat", &instant(format, 0))
            .with("exp", &instant(format, 900))
            .with("jti", "\"AAECAwQFBgcICQoLDA0ODw\"")
            .with("scope", "\"invoices:create invoices:read\"")
            .with("tenant", "\"acme\"")
            .with("rvs", "1838392934400")
            .with("env", "\"live\"")
    }

    /// Sets a claim to raw JSON.
    pub(super) fn with(mut self, claim: &str, value: &str) -> Self {
        self.claims.set(claim, value);
        self
    }

    /// Writes a claim behind the others, though it stands there already.
    pub(super) fn again(mut self, claim: &str, value: &str) -> Self {
        self.claims.again(claim, value);
        self
    }

    pub(super) fn without(mut self, claim: &str) -> Self {
        self.claims.0.retain(|(known, _)| known != claim);
        self
    }

    /// Writes the claims in the opposite order.
    pub(super) fn backwards(mut self) -> Self {
        self.claims.0.reverse();
        self
    }

    /// Sets `iat` and `exp`, in seconds from [`NOW`].
    pub(super) fn times(self, iat: i64, exp: i64) -> Self {
        let format = self.format;
        self.with("iat", &instant(format, iat)).with("exp", &instant(format, exp))
    }

    /// Sets a member of the header or footer to raw JSON.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.header.set(name, value);
        self
    }

    pub(super) fn header_again(mut self, name: &str, value: &str) -> Self {
        self.header.again(name, value);
        self
    }

    pub(super) fn without_header(mut self, name: &str) -> Self {
        self.header.0.retain(|(known, _)| known != name);
        self
    }

    /// Signs with the key of another number, whose name does not stand in the token.
    pub(super) fn forged_by(self, signer: u8) -> Self {
        Self { signer, ..self }
    }

    /// Signs with the key of another number, under its own name.
    pub(super) fn by(self, signer: u8) -> Self {
        let name = quoted(&kid(self.format, signer));
        self.header("kid", &name).forged_by(signer)
    }

    pub(super) fn payload(&self) -> String {
        self.claims.text()
    }

    pub(super) fn header_text(&self) -> String {
        self.header.text()
    }

    pub(super) fn sign(&self) -> String {
        self.sign_bytes(self.header_text().as_bytes(), self.payload().as_bytes())
    }

    /// Signs other bytes in place of the claims.
    pub(super) fn sign_payload(&self, payload: impl AsRef<[u8]>) -> String {
        self.sign_bytes(self.header_text().as_bytes(), payload.as_ref())
    }

    /// Signs under another header or footer.
    pub(super) fn sign_under(&self, header: impl AsRef<[u8]>) -> String {
        self.sign_bytes(header.as_ref(), self.payload().as_bytes())
    }

    fn sign_bytes(&self, header: &[u8], payload: &[u8]) -> String {
        compact(self.format, header, payload, &secret(self.signer).named("nobody asks"))
    }

    /// Signs with whatever signs.
    pub(super) fn sign_with(&self, signer: &dyn Signer) -> String {
        compact(self.format, self.header_text().as_bytes(), self.payload().as_bytes(), signer)
    }
}

fn compact(format: Format, header: &[u8], payload: &[u8], signer: &dyn Signer) -> String {
    match format {
        Format::Jwt => {
            let input = format!("{}.{}", base64url(header), base64url(payload));
            format!("{input}.{}", base64url(&signer.sign(input.as_bytes())))
        }
        Format::Paseto => paseto::sign(payload, header, b"", signer),
    }
}
