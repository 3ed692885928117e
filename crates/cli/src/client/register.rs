//! A client is registered: checked, given a secret, stored.

use crate::failure::Failure;
use crate::local::store_failure;
use chancery_catalog::Catalog;
use chancery_issuer::client::{Client, ClientKind, ClientState, Grant, Reach};
use chancery_issuer::secret::{ClientSecret, SecretHasher};
use chancery_issuer::store::{InsertError, Store};
use chancery_token::{ClientId, Environment, TenantId, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::time::Duration;

/// What somebody decided about a new client.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) id: ClientId,
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) owner: String,
    pub(crate) kind: ClientKind,
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) reach: Reach,
    pub(crate) lifetime: Duration,
    pub(crate) expires_at: UnixTime,
}

/// A client with its secret, which nobody stored.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) client: Client,
    pub(crate) secret: ClientSecret,
}

impl Registration {
    /// Checks it against the catalog and draws a secret; says everything that is wrong with it.
    pub(crate) fn draw(
        self,
        catalog: &Catalog,
        environment: Environment,
        hasher: &SecretHasher,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Registered, Vec<String>> {
        let secret = ClientSecret::generate(environment, entropy);
        let client = Client {
            id: self.id,
            name: self.name,
            purpose: self.purpose,
            owner: self.owner,
            kind: self.kind,
            tenants: self.tenants,
            grants: self.grants,
            reach: self.reach,
            lifetime: self.lifetime,
            created_at: now,
            expires_at: self.expires_at,
            state: ClientState::Active,
            secrets: vec![secret.stored(hasher, now)],
        };
        match client.validate(catalog) {
            Ok(client) => Ok(Registered { client, secret }),
            Err(faults) => Err(faults.iter().map(ToString::to_string).collect()),
        }
    }
}

/// Stores it.
pub(crate) async fn register(store: &dyn Store, new: &Registered) -> Result<(), Failure> {
    store.insert_client(&new.client).await.map_err(|why| match why {
        InsertError::Exists { .. } => Failure::unusable("client_exists", why),
        InsertError::Fault(fault) => store_failure(&fault),
    })
}
