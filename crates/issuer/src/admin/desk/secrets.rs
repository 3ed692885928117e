//! Secrets change without an outage: a second one is added, then the first one is dropped (R52, R-7.5).

use super::change::Wish;
use super::{Desk, NewSecret};
use crate::admin::authority::Authority;
use crate::admin::effect::Effect;
use crate::admin::exposure::Exposure;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::client::{Authentication, Client};
use crate::secret::ClientSecret;
use chancery_token::{ClientId, scope};

impl Desk<'_> {
    /// Gives the client a new secret beside the one it has, which stays good.
    pub async fn add_secret(&self, by: &Authority, id: &ClientId) -> Result<NewSecret, AdminRefusal> {
        self.register_secret(by, id, ClientSecret::generate(self.environment, self.entropy)).await
    }

    /// As [`Desk::add_secret`], with a secret that its owner has already.
    pub async fn register_secret(
        &self,
        by: &Authority,
        id: &ClientId,
        secret: ClientSecret,
    ) -> Result<NewSecret, AdminRefusal> {
        let stored = secret.stored(self.hasher, self.now);
        let decide = |_: &Rights<'_>, held: &Client| {
            // Sent twice, it is one secret.
            if held.secrets.iter().any(|own| own.digest == stored.digest) {
                return Ok(held.clone());
            }
            if held.authentication == Authentication::None {
                return Err(AdminRefusal::PublicClient { id: held.id.clone() });
            }
            held.clone().with_secret(stored.clone()).map_err(AdminRefusal::TooManySecrets)
        };
        let wish = Wish {
            by,
            scope: &scope!("secrets:create"),
            id,
            act: Act::Grant,
            exposure: Exposure::Kept,
            because: "It lost something before.",
        };
        let done = self.change(wish, decide).await.map(Effect::into_inner);
        let done = done.map(|client| NewSecret { client, id: stored.id.clone(), secret });
        Self::tell(by, "secret.create", id.as_str(), done)
    }

    /// Drops one secret of the client: from then on it proves nothing. The only one cannot be dropped. If it has
    /// leaked, all tokens that the client has end too: whose they are, nobody can say.
    pub async fn drop_secret(
        &self,
        by: &Authority,
        id: &ClientId,
        secret_id: &str,
        exposure: Exposure,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let decide = |_: &Rights<'_>, held: &Client| {
            if held.secrets.iter().all(|own| own.id != secret_id) {
                // Sent again after it was done in half.
                if exposure == Exposure::Leaked && held.owes_entry.is_some() {
                    return Ok(held.clone());
                }
                let held_ids = held.secrets.iter().map(|own| own.id.clone()).collect();
                let (id, secret_id) = (held.id.clone(), secret_id.to_owned());
                return Err(AdminRefusal::SecretUnknown { id, secret_id, held: held_ids });
            }
            let next = held.clone().without_secret(secret_id);
            if next.secrets.is_empty() && next.authentication == Authentication::Secret {
                return Err(AdminRefusal::LastSecret { id: held.id.clone() });
            }
            Ok(next)
        };
        let wish = Wish {
            by,
            scope: &scope!("secrets:delete"),
            id,
            act: Act::Withdraw,
            exposure,
            because: "A secret of it has leaked.",
        };
        let done = self.change(wish, decide).await;
        Self::tell(by, "secret.delete", id.as_str(), done)
    }
}
