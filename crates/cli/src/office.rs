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
    Changed, ClientDraft, ClientFilter, ClientPatch, ClientView, KeyView, RotationView, UnreadableView,
};
use chancery_token::{ClientId, Format, TenantId};
use remote::RemoteOffice;
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
    ) -> Result<ClientView, Refusal> {
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
    ) -> Result<Changed<ClientView>, Refusal> {
        match self {
            Self::Local(local) => local.disable_client(id, reason).await,
            Self::Remote(remote) => remote.disable_client(id, reason).await,
        }
    }

    /// Switches a client on again.
    pub(crate) async fn enable_client(&self, id: &ClientId) -> Result<Changed<ClientView>, Refusal> {
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

    /// Drops one of two secrets.
    pub(crate) async fn drop_secret(&self, id: &ClientId, secret_id: &str) -> Result<ClientView, Refusal> {
        match self {
            Self::Local(local) => local.drop_secret(id, secret_id).await,
            Self::Remote(remote) => remote.drop_secret(id, secret_id).await,
        }
    }

    /// The signing keys.
    pub(crate) async fn keys(&mut self) -> Result<Vec<KeyView>, Refusal> {
        match self {
            Self::Local(local) => local.keys().await,
            Self::Remote(remote) => remote.keys().await,
        }
    }

    /// Rotates the keys of one format, or of both; or says what that would do.
    pub(crate) async fn rotate_keys(
        &mut self,
        format: Option<Format>,
        plan: bool,
    ) -> Result<Vec<RotationView>, Refusal> {
        match self {
            Self::Local(local) => local.rotate_keys(format, plan).await,
            Self::Remote(remote) => remote.rotate_keys(format, plan).await,
        }
    }
}
