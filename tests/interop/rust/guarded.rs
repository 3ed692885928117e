//! A service of ours: what it says of a token.

use crate::Fault;
use crate::description::Description;
use chancery_token::{Environment, Format, KeySet, Scope, UnixTime};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::{Record, Revocation, Verifier};
use std::time::Duration;

/// It demands one scope, and its one record belongs to one tenant.
pub(crate) struct Guarded {
    verifier: Verifier,
    scope: Scope,
    record: Letter,
}

/// What the service guards.
struct Letter {
    tenant: String,
}

impl Record for Letter {
    fn tenant(&self) -> &str {
        &self.tenant
    }
}

impl Guarded {
    /// The service of the description that takes this format, believing these keys.
    pub(crate) fn new(
        description: &Description,
        format: Format,
        issuer: &str,
        keys: KeySet,
    ) -> Result<Self, Fault> {
        let product = match format {
            Format::Jwt => &description.jwt,
            Format::Paseto => &description.paseto,
        };
        let revocation = Revocation::Ignore { reason: "nothing is revoked while foreign clients run" };
        let verifier = Verifier::new(issuer, &product.audience, revocation)?
            .environment(description.environment.parse::<Environment>()?)
            .format(format)
            .leeway(Duration::ZERO);
        verifier.install_keys(keys)?;
        Ok(Self {
            verifier,
            scope: product.scope.parse()?,
            record: Letter { tenant: description.tenant.clone() },
        })
    }

    /// Why the token is refused, or `None`. The words are those of `docs/ERRORS.md`.
    pub(crate) fn refusal(&self, token: &str) -> Option<&'static str> {
        match self.verifier.verify(token, now()) {
            Err(rejection) => Some(rejection.reason()),
            Ok(verified) if !verified.has(&self.scope) => Some("insufficient_scope"),
            Ok(verified) => verified.allows(&self.record).err().map(|forbidden| forbidden.reason()),
        }
    }
}

/// The machine's clock.
pub(crate) fn now() -> UnixTime {
    SystemClock::new().now()
}
