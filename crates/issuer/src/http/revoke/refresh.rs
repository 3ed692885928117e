//! A client is done with a refresh token: its family ends, and its access tokens with it (RFC 7009 section 2.1).

use super::super::error::Refusal;
use super::super::observe::Outcome;
use super::settle;
use crate::audit;
use crate::client::Client;
use crate::family::{RefreshRefusal, RefreshToken};
use crate::issuer::Issuer;
use crate::metrics::Revoked;
use crate::revocation::AppendFault;
use crate::revocation::revoke::Quota;
use chancery_revocation::Kill;
use std::sync::Arc;

/// Ends the family of a token, unless nobody goes on with it anyway.
pub(super) async fn revoke(
    issuer: &Arc<Issuer>,
    client: Arc<Client>,
    text: &str,
    outcome: &mut Outcome,
) -> Result<Revoked, Refusal> {
    let needless = |outcome: &mut Outcome, why: RefreshRefusal| {
        outcome.reason = Some(why.reason());
        Ok(Revoked::Needless)
    };
    let token = match RefreshToken::parse(text, issuer.environment()) {
        Ok(token) => token,
        // That is what the client wants (RFC 7009 section 2.2).
        Err(why) => return needless(outcome, why.into()),
    };
    match issuer.refresh_key_of(&token, &client.id) {
        // Under a key that was revoked nobody refreshes, and access tokens may live.
        Ok(_) | Err(RefreshRefusal::EpochRevoked) => {}
        Err(RefreshRefusal::AnotherClients) => return Err(Refusal::AnotherClientsFamily),
        Err(why) => return needless(outcome, why),
    }
    let waiting = issuer.wait_for_families()?;
    let Some(family) = issuer.stored_family(token.family).await? else {
        return needless(outcome, RefreshRefusal::Unknown);
    };
    // Whoever stole a refresh key makes tokens of others' families in the name of a client of his own.
    if family.client != client.id {
        return Err(Refusal::AnotherClientsFamily);
    }
    let (log, now) = (issuer.revocation_log().current(), issuer.now());
    let retention = *log.retention();
    if now >= family.absolute_end.plus(retention.skew) {
        return needless(outcome, RefreshRefusal::Unknown);
    }
    if let Some(ended) = log.ends(&family.marks()) {
        settle(issuer, ended.at.min(log.position().sequence)).await?;
        return needless(outcome, RefreshRefusal::Revoked(ended));
    }
    let window = retention.longest_access;
    let quota = issuer.revoking().tally().quota(&client.id, now, window);
    let (kills, revoked) = match quota {
        Quota::Left => (issuer.kills_of(&family), Revoked::Family),
        Quota::Spent => {
            issuer.revoking().tally().take_by_name(&client.id, now).map_err(Refusal::TooOften)?;
            (vec![Kill::client(&client.id, retention.family_end(now))], Revoked::Client)
        }
    };
    let working = Arc::clone(issuer);
    // It runs on when the caller goes away: what is written counts, and is audited. The log comes first, for it is what
    // counts; the record follows.
    let ending = tokio::spawn(async move {
        let appended = working.revocation_log().append(&kills).await?;
        if quota == Quota::Left {
            working.revoking().tally().note(&client.id, now, window);
        }
        if let Some(kill) = kills.first() {
            audit::family_revoked(&client, &family, kill.kind(), appended.at.sequence);
        }
        working.note_end(&family).await;
        drop(waiting);
        Ok::<_, AppendFault>(())
    });
    let ended = tokio::time::timeout(issuer.request_timeout(), ending).await;
    // Whether time is up or the process stops: nobody knows what became of it.
    ended.ok().and_then(Result::ok).ok_or(Refusal::StoreTimedOut)?.map_err(Refusal::Log)?;
    Ok(revoked)
}
