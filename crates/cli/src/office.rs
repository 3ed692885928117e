//! Where administration is done: on this machine, with its store and master key; or at an issuer, over HTTP. The
//! verbs do not know which: they get the same answers, and the same refusals.

mod http;
mod local;
mod refusal;
mod remote;

pub(crate) use local::LocalOffice;
pub(crate) use refusal::{Misplaced, Refusal};

use crate::failure::Failure;
use crate::handover::Handover;
use crate::local::ConfigFile;
use chancery_issuer::admin::{
    Changed, ClientDraft, ClientFilter, ClientPatch, ClientView, Effect, Exposure, KeyView, ReceiptsView,
    RevocationDraft, RevocationStatusView, RevocationView, RotationView, UnreadableView,
};
use chancery_issuer::keyring::KeyUse;
use chancery_token::{ClientId, TenantId};
use chancery_verifier::revocation_log::Sequence;
use remote::RemoteOffice;
use serde_json::Value;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The flags that say where.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct At {
    #[command(flatten)]
    config: ConfigFile,
    /// Ask this issuer over HTTP, as one of its administrators; without it the store of this machine is used
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    issuer: Option<String>,
    /// Which administrator asks
    #[arg(long, value_name = "ID", default_value = "admin", requires = "issuer")]
    admin_id: ClientId,
    /// The file that holds the administrator's secret
    #[arg(long, value_name = "FILE", default_value = ".chancery/admin.secret", requires = "issuer")]
    admin_secret_file: PathBuf,
    /// The tenant to act for, where the administrator serves several
    #[arg(long, value_name = "TENANT", requires = "issuer")]
    admin_tenant: Option<TenantId>,
}

/// The place, opened.
pub(crate) enum Office {
    Local(Box<LocalOffice>),
    Remote(Box<RemoteOffice>),
}

/// A client with the one secret that somebody sees once.
pub(crate) struct New {
    pub(crate) client: ClientView,
    pub(crate) secret_id: String,
    pub(crate) secret: Zeroizing<String>,
}

/// Clients, as far as they can be read.
#[derive(Default)]
pub(crate) struct Listed {
    pub(crate) clients: Vec<ClientView>,
    pub(crate) unreadable: Vec<UnreadableView>,
}

impl At {
    /// Opens it. Locally that reads configuration, store and master key; remotely nothing is sent yet.
    pub(crate) async fn open(self) -> Result<Office, Failure> {
        match self.issuer {
            None => LocalOffice::open(&self.config).await.map(|local| Office::Local(Box::new(local))),
            Some(issuer) => {
                let remote =
                    RemoteOffice::new(&issuer, self.admin_id, &self.admin_secret_file, self.admin_tenant);
                remote.map(|remote| Office::Remote(Box::new(remote)))
            }
        }
    }
}

impl Office {
    /// The issuer's URL.
    pub(crate) fn issuer(&self) -> &str {
        match self {
            Self::Local(local) => local.issuer(),
            Self::Remote(remote) => remote.issuer(),
        }
    }

    /// Whether all that is wrong with a draft can be told without asking anybody.
    pub(crate) fn knows_the_catalog(&self) -> bool {
        matches!(self, Self::Local(_))
    }

    /// What is wrong with the draft. Nothing is registered.
    pub(crate) async fn faults(&self, draft: &ClientDraft) -> Vec<Misplaced> {
        match self {
            Self::Local(local) => local.faults(draft),
            Self::Remote(remote) => remote.faults(draft).await,
        }
    }

    /// Registers a client.
    pub(crate) async fn create_client(
        &self,
        draft: ClientDraft,
        handover: &mut Handover,
    ) -> Result<New, Refusal> {
        match self {
            Self::Local(local) => local.create_client(draft, handover).await,
            Self::Remote(remote) => {
                handover.begins_anew()?;
                remote.create_client(&draft).await
            }
        }
    }

    /// One client.
    pub(crate) async fn client(&self, id: &ClientId) -> Result<ClientView, Refusal> {
        match self {
            Self::Local(local) => local.client(id).await,
            Self::Remote(remote) => remote.client(id).await,
        }
    }

    /// The clients that fit.
    pub(crate) async fn clients(&self, filter: &ClientFilter) -> Result<Listed, Refusal> {
        match self {
            Self::Local(local) => local.clients(filter).await,
            Self::Remote(remote) => remote.clients(filter).await,
        }
    }

    /// Changes what the patch names.
    pub(crate) async fn update_client(
        &self,
        id: &ClientId,
        patch: ClientPatch,
    ) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.update_client(id, patch).await,
            Self::Remote(remote) => remote.update_client(id, &patch).await,
        }
    }

    /// Switches a client off.
    pub(crate) async fn disable_client(
        &self,
        id: &ClientId,
        reason: &str,
    ) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.disable_client(id, reason).await,
            Self::Remote(remote) => remote.disable_client(id, reason).await,
        }
    }

    /// Switches a client on again.
    pub(crate) async fn enable_client(&self, id: &ClientId) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.enable_client(id).await,
            Self::Remote(remote) => remote.enable_client(id).await,
        }
    }

    /// Gives a client a second secret.
    pub(crate) async fn add_secret(&self, id: &ClientId, handover: &mut Handover) -> Result<New, Refusal> {
        match self {
            Self::Local(local) => local.add_secret(id, handover).await,
            Self::Remote(remote) => {
                handover.begins_anew()?;
                remote.add_secret(id).await
            }
        }
    }

    /// Drops one of two secrets. If it leaked, what the client has ends too.
    pub(crate) async fn drop_secret(
        &self,
        id: &ClientId,
        secret_id: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.drop_secret(id, secret_id, exposure).await,
            Self::Remote(remote) => remote.drop_secret(id, secret_id, exposure).await,
        }
    }

    /// Registers a client that has no secret.
    pub(crate) async fn create_client_without_secret(
        &self,
        draft: ClientDraft,
    ) -> Result<ClientView, Refusal> {
        match self {
            Self::Local(local) => local.create_client_without_secret(draft).await,
            Self::Remote(remote) => remote.create_client_without_secret(&draft).await,
        }
    }

    /// Gives a client another public key.
    pub(crate) async fn add_client_key(
        &self,
        id: &ClientId,
        jwk: &Value,
    ) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.add_client_key(id, jwk).await,
            Self::Remote(remote) => remote.add_client_key(id, jwk).await,
        }
    }

    /// Drops one of two public keys. If its private half leaked, what the client has ends too.
    pub(crate) async fn drop_client_key(
        &self,
        id: &ClientId,
        kid: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.drop_client_key(id, kid, exposure).await,
            Self::Remote(remote) => remote.drop_client_key(id, kid, exposure).await,
        }
    }

    /// Revokes what the draft says, or says who would break.
    pub(crate) async fn revoke(&self, draft: &RevocationDraft) -> Result<RevocationView, Refusal> {
        match self {
            Self::Local(local) => local.revoke(draft).await,
            Self::Remote(remote) => remote.revoke(draft).await,
        }
    }

    /// How the revocation log stands.
    pub(crate) async fn revocation_status(&self) -> Result<RevocationStatusView, Refusal> {
        match self {
            Self::Local(local) => local.revocation_status().await,
            Self::Remote(remote) => remote.revocation_status().await,
        }
    }

    /// Who has applied an entry of the log, as the issuer knows it that was asked. Nobody tells a store.
    pub(crate) async fn receipts(&self, sequence: Sequence) -> Result<ReceiptsView, Refusal> {
        match self {
            Self::Local(_) => Err(local::no_receipts()),
            Self::Remote(remote) => remote.receipts(sequence).await,
        }
    }

    /// The signing keys.
    pub(crate) async fn keys(&mut self) -> Result<Vec<KeyView>, Refusal> {
        match self {
            Self::Local(local) => local.keys().await,
            Self::Remote(remote) => remote.keys().await,
        }
    }

    /// Rotates the keys of one format, or of both; or says what that would do. Keys that leaked are revoked: what they
    /// signed ends, and the next ones sign at once.
    pub(crate) async fn rotate_keys(
        &mut self,
        format: Option<KeyUse>,
        plan: bool,
        exposure: Exposure,
    ) -> Result<Vec<RotationView>, Refusal> {
        match self {
            Self::Local(local) => local.rotate_keys(format, plan, exposure).await,
            Self::Remote(remote) => remote.rotate_keys(format, plan, exposure).await,
        }
    }
}
