//! A client is changed, switched off and switched on.

use super::Desk;
use super::change::Wish;
use crate::admin::authority::Authority;
use crate::admin::effect::Effect;
use crate::admin::exposure::Exposure;
use crate::admin::patch::ClientPatch;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::client::{Client, ClientState, DisabledBy, check_text};
use chancery_token::{ClientId, scope};

impl Desk<'_> {
    /// Changes what the patch names, and nothing else. Where the client loses something, the tokens that it has end.
    pub async fn update_client(
        &self,
        by: &Authority,
        id: &ClientId,
        patch: ClientPatch,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let decide = |_: &Rights<'_>, held: &Client| {
            patch.apply(held, self.catalog, self.now).map_err(AdminRefusal::Draft)
        };
        let wish = Wish {
            by,
            scope: &scope!("clients:update"),
            id,
            act: Act::Grant,
            exposure: Exposure::Kept,
            because: "The client may do less than before.",
        };
        let done = self.change(wish, decide).await;
        Self::tell(by, "client.update", id.as_str(), done)
    }

    /// Switches the client off: it gets no more tokens, and those that it has end. `reason` is a sentence. One that is
    /// off already stays off for its first reason.
    pub async fn disable_client(
        &self,
        by: &Authority,
        id: &ClientId,
        reason: &str,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let done = async {
            let scope = scope!("clients:disable");
            self.entitled(by, &scope)?;
            check_text(reason).map_err(|fault| AdminRefusal::Text { what: "the reason", fault })?;
            let decide = |rights: &Rights<'_>, held: &Client| {
                let by = if rights.is_operators() { DisabledBy::Operator } else { DisabledBy::Tenant };
                Ok(held.clone().disable(self.now, reason, by))
            };
            let exposure = Exposure::Kept;
            let wish = Wish { by, scope: &scope, id, act: Act::Withdraw, exposure, because: reason };
            self.change(wish, decide).await
        };
        let done = done.await;
        Self::tell(by, "client.disable", id.as_str(), done)
    }

    /// Switches the client on again, with the grants and secrets that it had.
    pub async fn enable_client(&self, by: &Authority, id: &ClientId) -> Result<Effect<Client>, AdminRefusal> {
        let decide = |rights: &Rights<'_>, held: &Client| match held.state {
            ClientState::Disabled { by: DisabledBy::Operator, .. } if !rights.is_operators() => {
                let what = format!("'{id}' was switched off by the operator, who alone switches it on");
                Err(AdminRefusal::BeyondOneself { what })
            }
            ClientState::Active | ClientState::Disabled { .. } => Ok(held.clone().enable()),
        };
        let wish = Wish {
            by,
            scope: &scope!("clients:update"),
            id,
            act: Act::Grant,
            exposure: Exposure::Kept,
            because: "It was switched off before.",
        };
        let done = self.change(wish, decide).await;
        Self::tell(by, "client.enable", id.as_str(), done)
    }
}
