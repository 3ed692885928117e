//! The client whose token is revoked: one that is there, or one that is made for the drill.

use crate::failure::Failure;
use crate::handover::Handover;
use crate::no_token::no_token;
use crate::office::{Office, Refusal};
use crate::terminal::Terminal;
use chancery_client::{AccessToken, AuthorizationServer, Client, Secret, TokenRequest};
use chancery_issuer::admin::{ClientDraft, GrantDraft};
use chancery_token::{ClientId, Scope, TenantId};
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::path::PathBuf;

/// The flags that say which.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Role {
    /// The client that asks for the token; one is made for the drill unless said otherwise
    #[arg(long, value_name = "ID", requires = "secret_file")]
    client_id: Option<ClientId>,
    /// The file that holds its secret and nothing else
    #[arg(long, value_name = "FILE", requires = "client_id")]
    secret_file: Option<PathBuf>,
    /// The scope of the token
    #[arg(long, value_name = "SCOPE", required_unless_present = "client_id")]
    scope: Option<Scope>,
    /// The resource server that the token is for, where the catalog leaves a choice
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// The tenant of the token
    #[arg(long, value_name = "TENANT", required_unless_present = "client_id")]
    tenant: Option<TenantId>,
}

/// Who asks for the token.
pub(super) struct Witness {
    client_id: ClientId,
    secret: Secret,
    wanted: TokenRequest,
    /// Made for the drill, and to be disabled after it.
    is_made: bool,
}

impl Role {
    pub(super) async fn enter(self, office: &Office, terminal: &mut Terminal) -> Result<Witness, Failure> {
        let mut wanted = TokenRequest::new();
        if let Some(scope) = &self.scope {
            wanted = wanted.scope(scope.clone());
        }
        if let Some(audience) = &self.audience {
            wanted = wanted.resource(audience.clone());
        }
        if let Some(tenant) = &self.tenant {
            wanted = wanted.tenant(tenant.clone());
        }
        let (client_id, secret, is_made) =
            if let (Some(id), Some(file)) = (&self.client_id, &self.secret_file) {
                let secret = Secret::read_file(file).map_err(|why| {
                    Failure::unusable("secret_unreadable", why)
                        .fix("It is what `chancery client create --out FILE` wrote.")
                })?;
                (id.clone(), secret, false)
            } else {
                let (id, secret) = self.make(office).await?;
                terminal.progress(format!("  client {id} was made for the drill"));
                (id, secret, true)
            };
        Ok(Witness { client_id, secret, wanted, is_made })
    }

    async fn make(&self, office: &Office) -> Result<(ClientId, Secret), Failure> {
        let mut unique = [0; 4];
        SystemEntropy.fill(&mut unique);
        let draft = ClientDraft {
            id: Some(format!("drill-{:08x}", u32::from_le_bytes(unique))),
            owner: Some("drill".to_owned()),
            purpose: Some("has a token revoked, to see how long that takes".to_owned()),
            tenants: self.tenant.iter().map(ToString::to_string).collect(),
            grants: vec![GrantDraft {
                scope: self.scope.as_ref().map(ToString::to_string).unwrap_or_default(),
                audience: self.audience.clone(),
                reason: Some("a token that services accept".to_owned()),
                unbounded: None,
            }],
            unbounded: Some("it reads nothing, and ends with the drill".to_owned()),
            expires_at: Some("1d".to_owned()),
            ..ClientDraft::default()
        };
        let mut handover = Handover::in_memory(office.issuer());
        let new = office.create_client(draft, &mut handover).await.map_err(Refusal::into_failure)?;
        Ok((new.client.id, Secret::new(new.secret.as_str())))
    }
}

impl Witness {
    pub(super) fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    pub(super) async fn token(&self, issuer: &str) -> Result<AccessToken, Failure> {
        let server = AuthorizationServer::issuer(issuer)
            .map_err(|why| Failure::unusable("issuer_url", format!("--issuer {why}")))?;
        let client = Client::new(server, self.client_id.clone(), self.secret.clone())
            .map_err(|why| Failure::unusable("setup", why))?;
        client.token(&self.wanted).await.map_err(|why| no_token(&why))
    }

    /// Disables what was made for the drill.
    pub(super) async fn leave(&self, office: &Office, terminal: &mut Terminal) -> Result<(), Failure> {
        if !self.is_made {
            return Ok(());
        }
        let done = office.disable_client(&self.client_id, "the drill is over").await;
        done.map_err(|refusal| {
            let id = &self.client_id;
            refusal.into_failure().fix(format!(
                "The client {id} that was made for the drill is left: chancery client disable {id} --reason 'the drill is over'"
            ))
        })?;
        terminal.progress(format!("  client {} is disabled again", self.client_id));
        Ok(())
    }
}
