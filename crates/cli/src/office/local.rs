//! The office on this machine: whoever can read the master key and the store is an administrator by any measure.

use super::refusal::{Misplaced, Refusal, failure};
use super::{
    ClientDraft, ClientFilter, ClientPatch, ClientView, Effect, Exposure, KeyView, Listed, New,
    RevocationDraft, RevocationStatusView, RevocationView, RotationView, UnreadableView,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handover::Handover;
use crate::local::{ConfigFile, FirstStart, Local, keyring_failure};
use crate::logging;
use chancery_issuer::admin::{
    AdminRefusal, Authority, Defaults, Desk, KeyDesk, LogDurability, NewSecret, NotRotated,
};
use chancery_issuer::client::Client;
use chancery_issuer::keyring::{KeyUse, RotateError};
use chancery_issuer::revocation::RevocationLog;
use chancery_issuer::secret::{ClientSecret, SecretHasher};
use chancery_issuer::store::Identity;
use chancery_token::ClientId;
use std::sync::Arc;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// Who acts here.
const BY: Authority = Authority::MasterKey;
/// Clients that are read together.
const PAGE: usize = 1024;

/// An opened store, the key to it, and what registers clients in it.
pub(crate) struct LocalOffice {
    local: Local,
    identity: Identity,
    /// Opened by whoever needs it first: what does not can be done while the log is lost.
    log: OnceCell<Arc<RevocationLog>>,
    hasher: SecretHasher,
}

impl LocalOffice {
    /// Opens the store that the configuration names; it must be there.
    pub(crate) async fn open(config: &ConfigFile) -> Result<Self, Failure> {
        let settings = config.read()?;
        // What is done here is written down as what the issuer does is.
        logging::start(settings.log_of_a_command());
        let local = settings.open(FirstStart::Refuse).await?;
        Self::new(local).await
    }

    /// Takes over a store, once it is known to be this issuer's.
    pub(crate) async fn new(mut local: Local) -> Result<Self, Failure> {
        let identity = local.identify().await?;
        let hasher = SecretHasher::new(&local.master);
        Ok(Self { local, identity, log: OnceCell::new(), hasher })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.local.settings.config.issuer.url
    }

    async fn log(&self) -> Result<&RevocationLog, Failure> {
        let log = self.log.get_or_try_init(|| self.local.revocation_log(&self.identity)).await?;
        Ok(&**log)
    }

    /// What the use cases need, now.
    pub(crate) async fn desk(&self) -> Result<Desk<'_>, Failure> {
        let log = self.log().await?;
        let config = &self.local.settings.config;
        Ok(Desk {
            store: &*self.local.store,
            log,
            catalog: &self.local.settings.catalog,
            issuer: &config.issuer.url,
            environment: config.issuer.environment,
            hasher: &self.hasher,
            defaults: self.defaults(),
            now: self.local.now(),
            entropy: &*self.local.entropy,
        })
    }

    fn defaults(&self) -> Defaults {
        Defaults { default_lifetime: self.local.settings.config.tokens.default_lifetime }
    }

    /// A secret of the issuer's environment that nobody has yet.
    pub(crate) fn draw_secret(&self) -> ClientSecret {
        ClientSecret::generate(self.local.settings.config.issuer.environment, &*self.local.entropy)
    }

    /// The secret that an earlier command left in a file, which may be good.
    pub(crate) fn secret(&self, found: Option<&str>) -> Option<ClientSecret> {
        let environment = self.local.settings.config.issuer.environment;
        found.and_then(|text| ClientSecret::parse(text, environment).ok())
    }

    fn view(&self, client: &Client) -> ClientView {
        ClientView::of(client, self.local.now())
    }

    pub(super) fn faults(&self, draft: &ClientDraft) -> Vec<Misplaced> {
        let catalog = &self.local.settings.catalog;
        let faults = draft.clone().resolve(catalog, &self.defaults(), self.local.now()).err();
        faults.into_iter().flatten().map(Misplaced::from).collect()
    }

    pub(super) async fn create_client(
        &self,
        draft: ClientDraft,
        handover: &mut Handover,
    ) -> Result<New, Refusal> {
        let desk = self.desk().await?;
        let resolved = draft.resolve(desk.catalog, &desk.defaults, desk.now);
        let client =
            resolved.map_err(|faults| Refusal::Draft(faults.into_iter().map(Misplaced::from).collect()))?;
        let found = self.secret(handover.found());
        let is_found = found.is_some();
        let secret = found.unwrap_or_else(|| self.draw_secret());
        // Its file comes first: a client whose secret nobody has would be of no use.
        handover.write_ahead(&self.view(&client), secret.reveal())?;
        let (id, text) = (client.id.clone(), Zeroizing::new(secret.reveal().to_owned()));
        let digest = secret.digest(&self.hasher);
        let client = match desk.register(&BY, client, secret).await {
            Ok(new) => new.client,
            Err(AdminRefusal::ClientExists { .. }) if is_found => {
                let held = desk.client(&BY, &id).await?;
                // The command that was cut off had done it.
                if held.secrets.iter().all(|own| own.digest != digest) {
                    return Err(AdminRefusal::ClientExists { id }.into());
                }
                held
            }
            Err(why) => return Err(not_done(why, &id, handover)),
        };
        let own = client.secrets.iter().find(|own| own.digest == digest);
        let secret_id = own.map_or_else(String::new, |own| own.id.clone());
        Ok(New { client: self.view(&client), secret_id, secret: text })
    }

    pub(super) async fn client(&self, id: &ClientId) -> Result<ClientView, Refusal> {
        let held = self.local.store.client(id).await.map_err(AdminRefusal::from)?;
        let client = held.ok_or_else(|| AdminRefusal::ClientUnknown { id: id.clone() })?;
        Ok(self.view(&client))
    }

    pub(super) async fn clients(&self, filter: &ClientFilter) -> Result<Listed, Refusal> {
        let (store, catalog, now) = (&self.local.store, &self.local.settings.catalog, self.local.now());
        let mut listed = Listed::default();
        let mut after: Option<String> = None;
        loop {
            let page = store.clients(after.as_deref(), PAGE).await.map_err(AdminRefusal::from)?;
            let is_last = page.len() < PAGE;
            for found in page {
                match found {
                    Ok(client) => {
                        after = Some(client.id.to_string());
                        if filter.fits(&client, catalog, now) {
                            listed.clients.push(self.view(&client));
                        }
                    }
                    Err(unreadable) => {
                        after = Some(unreadable.id.clone());
                        listed.unreadable.push(UnreadableView::of(&unreadable));
                    }
                }
            }
            if is_last {
                return Ok(listed);
            }
        }
    }

    pub(super) async fn update_client(
        &self,
        id: &ClientId,
        patch: ClientPatch,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.update_client(&BY, id, patch).await?))
    }

    pub(super) async fn disable_client(
        &self,
        id: &ClientId,
        reason: &str,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.disable_client(&BY, id, reason).await?))
    }

    pub(super) async fn enable_client(&self, id: &ClientId) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.enable_client(&BY, id).await?))
    }

    fn effect(&self, effect: Effect<Client>) -> Effect<ClientView> {
        effect.map(|client| self.view(&client))
    }

    pub(super) async fn add_secret(&self, id: &ClientId, handover: &mut Handover) -> Result<New, Refusal> {
        let desk = self.desk().await?;
        let held = desk.client(&BY, id).await?;
        let secret = self.secret(handover.found()).unwrap_or_else(|| self.draw_secret());
        handover.write_ahead(&self.view(&held), secret.reveal())?;
        let registered = desk.register_secret(&BY, id, secret).await;
        let NewSecret { client, id, secret } = registered.map_err(|why| not_done(why, id, handover))?;
        let secret = Zeroizing::new(secret.reveal().to_owned());
        Ok(New { client: self.view(&client), secret_id: id, secret })
    }

    pub(super) async fn drop_secret(
        &self,
        id: &ClientId,
        secret_id: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.drop_secret(&BY, id, secret_id, exposure).await?))
    }

    pub(super) async fn create_client_without_secret(
        &self,
        draft: ClientDraft,
    ) -> Result<ClientView, Refusal> {
        let desk = self.desk().await?;
        let resolved = draft.resolve(desk.catalog, &desk.defaults, desk.now);
        let client = resolved.map_err(AdminRefusal::Draft)?;
        Ok(self.view(&desk.register_without_secret(&BY, client).await?.client))
    }

    pub(super) async fn add_client_key(
        &self,
        id: &ClientId,
        jwk: &serde_json::Value,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.add_client_key(&BY, id, jwk).await?))
    }

    pub(super) async fn drop_client_key(
        &self,
        id: &ClientId,
        kid: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().await?.drop_client_key(&BY, id, kid, exposure).await?))
    }

    pub(super) async fn revoke(&self, draft: &RevocationDraft) -> Result<RevocationView, Refusal> {
        let keyring = self.local.open_keyring().await?;
        Ok(self.desk().await?.revoke(&BY, draft, &keyring).await?)
    }

    pub(super) async fn revocation_status(&self) -> Result<RevocationStatusView, Refusal> {
        let log = self.log().await?;
        let durability = LogDurability::of(&self.local.settings.config);
        Ok(RevocationStatusView::of(log, &durability, None, self.local.moment()))
    }

    pub(super) async fn keys(&mut self) -> Result<Vec<KeyView>, Refusal> {
        let keyring = self.local.keyring().await?;
        Ok(keyring.records().iter().map(KeyView::of).collect())
    }

    pub(super) async fn rotate_keys(
        &mut self,
        format: Option<KeyUse>,
        plan: bool,
        exposure: Exposure,
    ) -> Result<Vec<RotationView>, Refusal> {
        let keyring = self.local.keyring().await?;
        let log = self.log().await?;
        let uses = format.map_or_else(|| vec![KeyUse::Jwt, KeyUse::Paseto], |format| vec![format]);
        let Local { store, entropy, .. } = &self.local;
        let desk =
            KeyDesk { keyring: &keyring, store: &**store, log, now: self.local.now(), entropy: &**entropy };
        let done =
            if plan { desk.plan(&BY, &uses, exposure) } else { desk.rotate(&BY, &uses, exposure).await };
        done.map_err(not_rotated)
    }
}

/// Why nobody here knows who has applied what.
pub(super) fn no_receipts() -> Refusal {
    let message = "verifiers tell the issuer that they poll what they have applied, and not its store";
    Failure::new(Exit::Unusable, "receipts_elsewhere", message)
        .fix("Ask the running issuer: --issuer URL --admin-secret-file FILE.")
        .into()
}

/// A refusal after the secret was written. Where the store did not answer the secret may be good, so it is kept.
fn not_done(why: AdminRefusal, id: &ClientId, handover: &mut Handover) -> Refusal {
    let in_doubt = match &why {
        AdminRefusal::Store(fault) => fault.leaves_in_doubt(),
        AdminRefusal::HalfDone { .. } => true,
        _ => false,
    };
    let failure = match Refusal::from(why) {
        Refusal::Other(failure) if in_doubt => failure,
        refusal => return refusal,
    };
    let doubt = "It may have been done all the same";
    let fix = match handover.leave_in_doubt() {
        Some(file) => {
            format!("{doubt}: the same command again finishes it, with the secret in {}.", file.display())
        }
        None => format!(
            "{doubt}: `chancery client show {id}` tells. If so, nobody has the secret: drop it, and add another one."
        ),
    };
    failure.fix(fix).into()
}

fn not_rotated(why: NotRotated) -> Refusal {
    match why {
        NotRotated::Refused(refusal) => refusal.into(),
        NotRotated::Rotation(RotateError::Keyring(fault)) => keyring_failure(&fault).into(),
        NotRotated::Rotation(why @ (RotateError::Pending { .. } | RotateError::Contended)) => {
            failure(Exit::Refused, why.reason(), &why).into()
        }
    }
}
