//! Where clients are registered and changed: each use case once, whoever acts.

pub(super) mod change;
mod client_keys;
mod life;
mod read;
mod register;
mod revoke;
mod secrets;

pub use read::ListedClients;

use super::authority::Authority;
use super::refusal::AdminRefusal;
use super::rights::Rights;
use crate::audit;
use crate::client::Client;
use crate::revocation::RevocationLog;
use crate::secret::{ClientSecret, SecretHasher};
use crate::store::Store;
use chancery_catalog::Catalog;
use chancery_token::{Environment, Scope, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::time::Duration;

/// Everything that a use case needs. Made for one request: `now` stands still in it.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'d> {
    /// Where clients are kept.
    pub store: &'d dyn Store,
    /// Where it is written down what is revoked.
    pub log: &'d RevocationLog,
    /// What may be granted.
    pub catalog: &'d Catalog,
    /// The issuer's URL.
    pub issuer: &'d str,
    /// The environment that new secrets belong to.
    pub environment: Environment,
    /// What makes digests of secrets.
    pub hasher: &'d SecretHasher,
    /// What is not said.
    pub defaults: Defaults,
    /// The time of the request.
    pub now: UnixTime,
    /// Where new secrets come from.
    pub entropy: &'d dyn Entropy,
}

/// What a client gets where its draft does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The lifetime of its access tokens, unless it is an admin client: those have
    /// [`crate::client::DEFAULT_ADMIN_LIFETIME`].
    pub default_lifetime: Duration,
}

/// A client that was just registered, with its secret: the one time that anybody sees it.
#[derive(Debug)]
pub struct NewClient {
    /// The client.
    pub client: Client,
    /// Its secret, if it has one.
    pub secret: Option<ClientSecret>,
}

/// A secret that was just added: the one time that anybody sees it.
#[derive(Debug)]
pub struct NewSecret {
    /// The client that has it now.
    pub client: Client,
    /// What it is dropped by.
    pub id: String,
    /// The secret.
    pub secret: ClientSecret,
}

impl<'d> Desk<'d> {
    /// Whether `by` may do what demands `scope` at all, at this moment: usable, of the tenant, and the scope held.
    pub fn entitled(&self, by: &Authority, scope: &Scope) -> Result<(), AdminRefusal> {
        self.rights(by, scope).map(|_| ())
    }

    fn rights<'a>(&self, by: &'a Authority, scope: &Scope) -> Result<Rights<'a>, AdminRefusal>
    where
        'd: 'a,
    {
        Rights::of(by, scope, self)
    }

    /// Writes the outcome down for the auditor, and hands it on.
    pub(super) fn tell<T>(
        by: &Authority,
        verb: &'static str,
        subject: &str,
        outcome: Result<T, AdminRefusal>,
    ) -> Result<T, AdminRefusal> {
        let told = outcome.as_ref().map_or_else(AdminRefusal::reason, |_| "done");
        audit::admin_acted(by, verb, subject, told);
        outcome
    }

    /// As [`Desk::tell`], where a success changes nothing.
    pub(super) fn tell_refusal<T>(
        by: &Authority,
        verb: &'static str,
        subject: &str,
        outcome: Result<T, AdminRefusal>,
    ) -> Result<T, AdminRefusal> {
        if outcome.is_err() { Self::tell(by, verb, subject, outcome) } else { outcome }
    }
}
