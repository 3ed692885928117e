//! What a client is told of a refresh token of its own, and nobody else (RFC 7662).

use super::super::error::Refusal;
use crate::client::Client;
use crate::family::{Decision, Family, Presented, Proof, RefreshRefusal, RefreshToken, Refused};
use crate::issuer::Issuer;
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};

#[derive(serde::Serialize)]
struct Good<'f> {
    active: bool,
    client_id: &'f ClientId,
    exp: u64,
    iat: u64,
    sid: FamilyId,
    tenant: &'f TenantId,
}

/// Good is what a refresh would take now from its client, with proof of its key where it is bound to one. Asking changes
/// nothing.
pub(super) async fn introspect(
    issuer: &Issuer,
    client: &Client,
    text: &str,
) -> Result<Result<Vec<u8>, &'static str>, Refusal> {
    let not_good = |why: RefreshRefusal| Ok(Err(why.reason()));
    let token = match RefreshToken::parse(text, issuer.environment()) {
        Ok(token) => token,
        Err(why) => return not_good(why.into()),
    };
    if let Err(why) = issuer.refresh_key_of(&token, &client.id) {
        return not_good(why);
    }
    let Some(terms) = client.refresh else { return not_good(RefreshRefusal::NotGranted) };
    let _waiting = issuer.wait_for_families()?;
    let Some(family) = issuer.stored_family(token.family).await? else {
        return not_good(RefreshRefusal::Unknown);
    };
    if let Some(ended) = issuer.revocation_log().current().ends(&family.marks()) {
        return not_good(RefreshRefusal::Revoked(ended));
    }
    let presented = Presented {
        generation: token.generation,
        client: &client.id,
        proof: family.cnf.as_ref().map_or(Proof::Authenticated, Proof::Key),
        on_replay: terms.on_replay,
    };
    match family.present(&presented, issuer.now()) {
        // One that is refreshed too often will be taken in a moment.
        Decision::Rotate(_) | Decision::Redeliver(_) | Decision::Refuse(Refused::TooOften { .. }) => {}
        Decision::Replay { .. } => return not_good(RefreshRefusal::Replayed { is_over: false }),
        Decision::Refuse(why) => return not_good(why.into()),
    }
    issuer.may_issue().map_err(Refusal::Blind)?;
    Ok(Ok(serde_json::to_vec(&Good::of(&family)).unwrap_or_default()))
}

impl<'f> Good<'f> {
    fn of(family: &'f Family) -> Self {
        let end: UnixTime = family.idle_end.min(family.absolute_end);
        Self {
            active: true,
            client_id: &family.client,
            exp: end.as_secs(),
            iat: family.created_at.as_secs(),
            sid: family.sid(),
            tenant: &family.tenant,
        }
    }
}
