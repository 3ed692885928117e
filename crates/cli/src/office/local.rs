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
use chancery_token::ClientId;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who acts here.
const BY: Authority = Authority::MasterKey;

/// An opened store, the key to it, and what registers clients in it.
pub(crate) struct LocalOffice {
    local: Local,
    log: Arc<RevocationLog>,
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
        let log = local.revocation_log().await?;
        let hasher = SecretHasher::new(&local.master);
        Ok(Self { local, log, hasher })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.local.settings.config.issuer.url
    }

    /// What the use cases need, now.
    pub(crate) fn desk(&self) -> Desk<'_> {
        let config = &self.local.settings.config;
        Desk {
            store: &*self.local.store,
            log: &self.log,
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

    /// The secret that an earlier command left in a file, which may be good.
    pub(crate) fn secret(&self, found: Option<&str>) -> Option<ClientSecret> {
        found.and_then(|text| ClientSecret::parse(text, self.desk().environment).ok())
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
        Ok(self.view(&self.desk().client(&BY, id).await?))
    }

    pub(super) async fn clients(&self, filter: &ClientFilter) -> Result<Listed, Refusal> {
        let listed = self.desk().clients(&BY, filter, None, usize::MAX).await?;
        Ok(Listed {
            clients: listed.clients.iter().map(|client| self.view(client)).collect(),
            unreadable: listed.unreadable.iter().map(UnreadableView::of).collect(),
        })
    }

    pub(super) async fn update_client(
        &self,
        id: &ClientId,
        patch: ClientPatch,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().update_client(&BY, id, patch).await?))
    }

    pub(super) async fn disable_client(
        &self,
        id: &ClientId,
        reason: &str,
    ) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().disable_client(&BY, id, reason).await?))
    }

    pub(super) async fn enable_client(&self, id: &ClientId) -> Result<Effect<ClientView>, Refusal> {
        Ok(self.effect(self.desk().enable_client(&BY, id).await?))
    }

    fn effect(&self, effect: Effect<Client>) -> Effect<ClientView> {
        effect.map(|client| self.view(&client))
    }

    pub(super) async fn add_secret(&self, id: &ClientId, handover: &mut Handover) -> Result<New, Refusal> {
        let desk = self.desk();
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
        Ok(self.effect(self.desk().drop_secret(&BY, id, secret_id, exposure).await?))
    }

    pub(super) async fn revoke(&self, draft: &RevocationDraft) -> Result<RevocationView, Refusal> {
        let keyring = self.local.open_keyring().await?;
        Ok(self.desk().revoke(&BY, draft, &keyring).await?)
    }

    pub(super) fn revocation_status(&self) -> RevocationStatusView {
        let durability = LogDurability::of(&self.local.settings.config);
        RevocationStatusView::of(&self.log, &durability, None, self.local.now())
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
        let uses = format.map_or_else(|| vec![KeyUse::Jwt, KeyUse::Paseto], |format| vec![format]);
        let Local { store, entropy, .. } = &self.local;
        let desk = KeyDesk {
            keyring: &keyring,
            store: &**store,
            log: &self.log,
            now: self.local.now(),
            entropy: &**entropy,
        };
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
