//! Keys of clients change without an outage, as secrets do: a second one is added, then the first one is dropped (R52,
//! Whoever may hand out secrets may do this: either lets somebody act as the client.

use super::Desk;
use super::change::Wish;
use crate::admin::authority::Authority;
use crate::admin::effect::Effect;
use crate::admin::exposure::Exposure;
use crate::admin::fault;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::client::{Authentication, Client, ClientKey};
use chancery_token::{ClientId, scope};
use serde_json::Value;

impl Desk<'_> {
    /// Gives the client another public key, a JWK, beside the one it has, which stays good. Where the client still
    /// authenticates by a secret, the key waits for its change-over.
    pub async fn add_client_key(
        &self,
        by: &Authority,
        id: &ClientId,
        jwk: &Value,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let done = async {
            let scope = scope!("secrets:create");
            self.entitled(by, &scope)?;
            let key = ClientKey::read(jwk).map_err(|why| AdminRefusal::Draft(vec![fault::of_key(why)]))?;
            let decide = |_: &Rights<'_>, held: &Client| {
                if held.authentication == Authentication::None {
                    return Err(AdminRefusal::PublicClient { id: held.id.clone() });
                }
                // Sent twice, it is one key.
                if held.keys.contains(&key) {
                    return Ok(held.clone());
                }
                held.clone().with_key(key.clone()).map_err(AdminRefusal::TooManyKeys)
            };
            let (act, exposure) = (Act::Grant, Exposure::Kept);
            let because = "It lost something before.";
            self.change(Wish { by, scope: &scope, id, act, exposure, because }, decide).await
        };
        let done = done.await;
        Self::tell(by, "client_key.create", id.as_str(), done)
    }

    /// Drops one key of the client: from then on it proves nothing. The only one that the client authenticates by cannot
    /// be dropped. If it has leaked, all tokens that the client has end too.
    pub async fn drop_client_key(
        &self,
        by: &Authority,
        id: &ClientId,
        kid: &str,
        exposure: Exposure,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let decide = |_: &Rights<'_>, held: &Client| {
            if held.keys.iter().all(|own| own.kid != kid) {
                // Sent again after it was done in half.
                if exposure == Exposure::Leaked && held.owes_entry.is_some() {
                    return Ok(held.clone());
                }
                let held_kids = held.keys.iter().map(|own| own.kid.clone()).collect();
                let (id, kid) = (held.id.clone(), kid.to_owned());
                return Err(AdminRefusal::ClientKeyUnknown { id, kid, held: held_kids });
            }
            let next = held.clone().without_key(kid);
            if next.keys.is_empty() && next.authentication == Authentication::PrivateKeyJwt {
                return Err(AdminRefusal::LastClientKey { id: held.id.clone() });
            }
            Ok(next)
        };
        let wish = Wish {
            by,
            scope: &scope!("secrets:delete"),
            id,
            act: Act::Withdraw,
            exposure,
            because: "A key of it has leaked.",
        };
        let done = self.change(wish, decide).await;
        Self::tell(by, "client_key.delete", id.as_str(), done)
    }
}
