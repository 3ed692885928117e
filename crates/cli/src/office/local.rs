//! The office on this machine: whoever can read the master key and the store is an administrator by any measure.

use super::refusal::{Misplaced, Refusal};
use super::{Changed, ClientDraft, ClientFilter, ClientPatch, ClientView, KeyView, New, RotationView};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handover::Handover;
use crate::local::{ConfigFile, FirstStart, Local, keyring_failure};
use chancery_issuer::admin::{AdminRefusal, Authority, Defaults, Desk, NewSecret};
use chancery_issuer::client::Client;
use chancery_issuer::config::LogConfig;
use chancery_issuer::keyring::RotateError;
use chancery_issuer::secret::{ClientSecret, SecretHasher};
use chancery_token::{ClientId, Format};
use zeroize::Zeroizing;

/// Who acts here.
const BY: Authority = Authority::MasterKey;

/// An opened store, the key to it, and what registers clients in it.
pub(crate) struct LocalOffice {
    local: Local,
    hasher: SecretHasher,
}

impl LocalOffice {
    /// Opens the store that the configuration names; it must be there.
    pub(crate) async fn open(config: &ConfigFile) -> Result<Self, Failure> {
        let mut local = config.read()?.open(FirstStart::Refuse).await?;
        local.identify().await?;
        Ok(Self::new(local))
    }

    /// Takes over a store that is known to be this issuer's.
    pub(crate) fn new(local: Local) -> Self {
        let hasher = SecretHasher::new(&local.master);
        Self { local, hasher }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.local.settings.config.issuer.url
    }

    /// How its log is written.
    pub(crate) fn log(&self) -> LogConfig {
        self.local.settings.config.log
    }

    /// What the use cases need, now.
    pub(crate) fn desk(&self) -> Desk<'_> {
        let config = &self.local.settings.config;
        Desk {
            store: &*self.local.store,
            catalog: &self.local.settings.catalog,
            issuer: &config.issuer.url,
            environment: config.issuer.environment,
            hasher: &self.hasher,
            defaults: Defaults { default_lifetime: config.tokens.default_lifetime },
            now: self.local.now(),
            entropy: &*self.local.entropy,
        }
    }

    /// A secret of the issuer's environment that nobody has yet.
    pub(crate) fn draw_secret(&self) -> ClientSecret {
        let desk = self.desk();
        ClientSecret::generate(desk.environment, desk.entropy)
    }

    fn view(&self, client: &Client) -> ClientView {
        ClientView::of(client, self.local.now())
    }

    pub(super) fn faults(&self, draft: &ClientDraft) -> Vec<Misplaced> {
        let desk = self.desk();
        let faults = draft.clone().resolve(desk.catalog, &desk.defaults, desk.now).err();
        faults.into_iter().flatten().map(Misplaced::from).collect()
    }

    pub(super) async fn create_client(
        &self,
        draft: ClientDraft,
        handover: &mut Handover,
    ) -> Result<New, Refusal> {
        let desk = self.desk();
        let resolved = draft.resolve(desk.catalog, &desk.defaults, desk.now);
        let client =
            resolved.map_err(|faults| Refusal::Draft(faults.into_iter().map(Misplaced::from).collect()))?;
        let secret = self.draw_secret();
        // Its file comes first: a client whose secret nobody has would be of no use.
        handover.write_ahead(&self.view(&client), secret.reveal())?;
        let id = client.id.clone();
        let registered = desk.register(&BY, client, secret).await;
        let new = registered.map_err(|why| not_done(why, &id, handover))?;
        let secret_id = new.client.secrets.first().map_or_else(String::new, |stored| stored.id.clone());
        let secret = Zeroizing::new(new.secret.reveal().to_owned());
        Ok(New { client: self.view(&new.client), secret_id, secret })
    }

    pub(super) async fn client(&self, id: &ClientId) -> Result<ClientView, Refusal> {
        Ok(self.view(&self.desk().client(&BY, id).await?))
    }

    pub(super) async fn clients(&self, filter: &ClientFilter) -> Result<Vec<ClientView>, Refusal> {
        let clients = self.desk().clients(&BY, filter).await?;
        Ok(clients.iter().map(|client| self.view(client)).collect())
    }

    pub(super) async fn update_client(
        &self,
        id: &ClientId,
        patch: ClientPatch,
    ) -> Result<ClientView, Refusal> {
        Ok(self.view(&self.desk().update_client(&BY, id, patch).await?))
    }

    pub(super) async fn disable_client(
        &self,
        id: &ClientId,
        reason: &str,
    ) -> Result<Changed<ClientView>, Refusal> {
        Ok(self.changed(self.desk().disable_client(&BY, id, reason).await?))
    }

    pub(super) async fn enable_client(&self, id: &ClientId) -> Result<Changed<ClientView>, Refusal> {
        Ok(self.changed(self.desk().enable_client(&BY, id).await?))
    }

    fn changed(&self, changed: Changed<Client>) -> Changed<ClientView> {
        match changed {
            Changed::Before(client) => Changed::Before(self.view(&client)),
            Changed::Now(client) => Changed::Now(self.view(&client)),
        }
    }

    pub(super) async fn add_secret(&self, id: &ClientId, handover: &mut Handover) -> Result<New, Refusal> {
        let desk = self.desk();
        let held = desk.client(&BY, id).await?;
        let secret = self.draw_secret();
        handover.write_ahead(&self.view(&held), secret.reveal())?;
        let registered = desk.register_secret(&BY, id, secret).await;
        let NewSecret { client, id, secret } = registered.map_err(|why| not_done(why, id, handover))?;
        let secret = Zeroizing::new(secret.reveal().to_owned());
        Ok(New { client: self.view(&client), secret_id: id, secret })
    }

    pub(super) async fn drop_secret(&self, id: &ClientId, secret_id: &str) -> Result<ClientView, Refusal> {
        Ok(self.view(&self.desk().drop_secret(&BY, id, secret_id).await?))
    }

    pub(super) async fn keys(&mut self) -> Result<Vec<KeyView>, Refusal> {
        let keyring = self.local.keyring().await?;
        Ok(keyring.records().iter().map(KeyView::of).collect())
    }

    pub(super) async fn rotate_keys(
        &mut self,
        format: Option<Format>,
        plan: bool,
    ) -> Result<Vec<RotationView>, Refusal> {
        let (keyring, now) = (self.local.keyring().await?, self.local.now());
        let formats = format.map_or_else(|| vec![Format::Jwt, Format::Paseto], |format| vec![format]);
        // Planned first, so that of two formats not one alone is rotated when the other cannot be.
        let mut rotations = Vec::new();
        for format in &formats {
            rotations.push(keyring.plan_rotation(*format, now).map_err(|why| not_rotated(&why))?);
        }
        if !plan {
            rotations.clear();
            for format in formats {
                let done = keyring.rotate(&*self.local.store, format, now, &*self.local.entropy).await;
                rotations.push(done.map_err(|why| not_rotated(&why))?);
            }
        }
        Ok(rotations.iter().map(RotationView::of).collect())
    }
}

/// A refusal after the secret was written. Where the store did not answer the secret may be good, so it is kept.
fn not_done(why: AdminRefusal, id: &ClientId, handover: &mut Handover) -> Refusal {
    let in_doubt = matches!(&why, AdminRefusal::Store(fault) if fault.leaves_in_doubt());
    let failure = match Refusal::from(why) {
        Refusal::Other(failure) if in_doubt => failure,
        refusal => return refusal,
    };
    let look = format!("It may have been done all the same: `chancery client show {id}` tells.");
    let fix = match handover.leave_in_doubt() {
        Some(file) => format!("{look} If so, its secret is in {}; if not, remove that file.", file.display()),
        None => format!("{look} If so, nobody has the secret: drop it, and add another one."),
    };
    failure.fix(fix).into()
}

fn not_rotated(why: &RotateError) -> Failure {
    match why {
        RotateError::Pending(_) | RotateError::Contended => Failure::new(Exit::Refused, why.reason(), why),
        RotateError::Keyring(fault) => keyring_failure(fault),
    }
}
