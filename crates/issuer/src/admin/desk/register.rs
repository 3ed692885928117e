//! A client is registered.

use super::{Desk, NewClient};
use crate::admin::authority::Authority;
use crate::admin::draft::ClientDraft;
use crate::admin::fault;
use crate::admin::refusal::AdminRefusal;
use crate::client::{Authentication, Client, ClientState};
use crate::secret::ClientSecret;
use crate::store::InsertError;
use chancery_token::{ClientId, scope};

const VERB: &str = "client.create";

impl Desk<'_> {
    /// Registers what the draft says, with a new secret if it authenticates by one.
    pub async fn create_client(&self, by: &Authority, draft: ClientDraft) -> Result<NewClient, AdminRefusal> {
        // What is no id may be anything, and does not belong into a log.
        let named: Option<ClientId> = draft.id.as_deref().and_then(|id| id.parse().ok());
        let resolved = self.entitled(by, &scope!("clients:create")).and_then(|()| {
            draft.resolve(self.catalog, &self.defaults, self.now).map_err(AdminRefusal::Draft)
        });
        match resolved {
            Ok(client) => {
                let secret = match client.authentication {
                    Authentication::Secret => Some(ClientSecret::generate(self.environment, self.entropy)),
                    Authentication::PrivateKeyJwt | Authentication::None => None,
                };
                self.enter(by, client, secret).await
            }
            Err(why) => {
                let subject = named.as_ref().map_or("", ClientId::as_str);
                Self::tell_refusal(by, VERB, subject, Err(why))
            }
        }
    }

    /// Registers a client as [`ClientDraft::resolve`] made it, with a secret that its owner has already: whoever
    /// writes the secret to a file first never has a client whose secret is lost.
    pub async fn register(
        &self,
        by: &Authority,
        client: Client,
        secret: ClientSecret,
    ) -> Result<NewClient, AdminRefusal> {
        self.enter(by, client, Some(secret)).await
    }

    /// As [`Desk::register`], for a client that proves who it is by a key, or not at all.
    pub async fn register_without_secret(
        &self,
        by: &Authority,
        client: Client,
    ) -> Result<NewClient, AdminRefusal> {
        self.enter(by, client, None).await
    }

    async fn enter(
        &self,
        by: &Authority,
        client: Client,
        secret: Option<ClientSecret>,
    ) -> Result<NewClient, AdminRefusal> {
        let id = client.id.clone();
        let done = async {
            let rights = self.rights(by, &scope!("clients:create"))?;
            let client = Client {
                created_at: self.now,
                state: ClientState::Active,
                secrets: secret.iter().map(|secret| secret.stored(self.hasher, self.now)).collect(),
                owes_entry: None,
                ..client
            };
            let faults = fault::of_client(&client, self.catalog);
            if !faults.is_empty() {
                return Err(AdminRefusal::Draft(faults));
            }
            rights.leave(&client)?;
            match self.store.insert_client(&client).await {
                Ok(()) => Ok(NewClient { client, secret }),
                Err(InsertError::Exists { id }) => Err(AdminRefusal::ClientExists { id }),
                Err(InsertError::Fault(fault)) => Err(fault.into()),
            }
        };
        let done = done.await;
        Self::tell(by, VERB, id.as_str(), done)
    }
}
