//! Something is revoked by hand: a token, a family, what a client, a tenant or a subject has out, a key, everything.

mod aimed;
mod refresh_epoch;

use super::Desk;
use crate::admin::authority::Authority;
use crate::admin::refusal::AdminRefusal;
use crate::admin::revocation::{Aim, RevocationDraft, RevocationView, Target};
use crate::audit::{self, Revoked};
use crate::client::MAX_ADMIN_LIFETIME;
use crate::keyring::{KeyState, Keyring};
use crate::revocation::{AppendFault, Appended};
use chancery_revocation::{Kill, Sequence};
use chancery_token::{Format, Scope, Subject, UnixTime, scope};

const REVOKES: Scope = scope!("revocations:create");

/// Tokens for the administration are JWTs (docs/PROTOCOL.md).
const ADMINISTRATION: Format = Format::Jwt;

/// The sequence of what was appended for one: others may have been appended with it.
pub(super) fn last(appended: &Appended) -> Sequence {
    appended.entries.last().map_or(appended.at.sequence, |entry| entry.sequence)
}

/// Why nothing was revoked; of a key, that it signs no more all the same.
fn not_revoked(fault: AppendFault, key: Option<&str>) -> AdminRefusal {
    match key {
        None => AdminRefusal::NotRevoked(fault),
        Some(kid) => AdminRefusal::HalfDone { what: format!("key '{kid}' signs no more"), fault },
    }
}

impl Desk<'_> {
    /// Revokes what the draft says; or says who would break. The keys are those of the issuer: a token that is handed
    /// in is revoked only if one of them signed it.
    pub async fn revoke(
        &self,
        by: &Authority,
        draft: &RevocationDraft,
        keyring: &Keyring,
    ) -> Result<RevocationView, AdminRefusal> {
        if let Some(read) = draft.refresh_epoch() {
            return self.revoke_refresh_epoch(by, read, draft.plan, keyring).await;
        }
        let mut subject = String::new();
        let done = self.revoked(by, draft, keyring, &mut subject).await;
        let because = draft.reason.as_deref().unwrap_or_default();
        match &done {
            Ok(view) if view.planned => {}
            Ok(view) => {
                let entry = if view.changed { Revoked::Now } else { Revoked::Before };
                audit::admin_revoked(by, &subject, because, entry, view.sequence);
            }
            Err(why) => audit::admin_acted(by, "revoke", &subject, why.reason()),
        }
        done
    }

    async fn revoked(
        &self,
        by: &Authority,
        draft: &RevocationDraft,
        keyring: &Keyring,
        subject: &mut String,
    ) -> Result<RevocationView, AdminRefusal> {
        let read = draft.read();
        // What cannot be read may be anything: the auditor is told no more of it than its kind.
        *subject = read.as_ref().map_or_else(|_| draft.kind_read().to_owned(), |(aim, _)| aim.name());
        let rights = self.rights(by, &REVOKES)?;
        let (aim, reason) = read.map_err(AdminRefusal::Revocation)?;
        let key = if let Aim::Key(kid) = &aim { Some(kid.clone()) } else { None };
        let mut target = self.target(&rights, aim, keyring).await?;
        *subject = target.name();
        if self.ends(by, &target, key.as_deref(), keyring) {
            target.note.push_str(" Your own tokens are among them.");
        }
        let log = self.log.current().position().log;
        if draft.plan {
            return Ok(target.view(reason, log, None));
        }
        if let Some(kid) = &key {
            keyring.revoke(self.store, kid, self.now, self.entropy).await.map_err(AdminRefusal::of_key)?;
        }
        let kills = target.kills();
        let ended = kills.iter().map(|kill| self.ended_at(kill)).collect::<Option<Vec<_>>>();
        if let Some(sequence) = ended.and_then(|ended| ended.into_iter().max()) {
            // The key was taken out by a write of its own, which the log knows nothing of.
            let settled = match &key {
                Some(_) => self.log.settle_all().await,
                None => self.log.settle(sequence).await,
            };
            settled.map_err(|fault| not_revoked(fault.into(), key.as_deref()))?;
            return Ok(target.view(reason, log, Some((sequence, false))));
        }
        let appended = self.log.append(&kills).await;
        let appended = appended.map_err(|fault| not_revoked(fault, key.as_deref()))?;
        let sequence = last(&appended);
        Ok(target.view(reason, appended.at.log, Some((sequence, true))))
    }

    /// The entry that ends this for good already. What a client, a tenant, a subject or everybody has got since an
    /// earlier entry ends only with another one.
    pub(super) fn ended_at(&self, kill: &Kill) -> Option<Sequence> {
        let log = self.log.current();
        let ended = log.kept().ended_at(kill).or_else(|| log.published().ended_at(kill))?;
        // Of an id only its block is remembered, which may end later than the log does.
        Some(ended.min(log.position().sequence))
    }

    /// Until when an entry is remembered that may end families.
    pub(in crate::admin) fn family_end(&self) -> UnixTime {
        self.log.current().retention().family_end(self.now)
    }

    /// Whether tokens of administrators that may still live bear the name of the key.
    fn signed_administrators(&self, kid: &str, keyring: &Keyring) -> bool {
        if keyring.signer(ADMINISTRATION, self.now).kid() == kid {
            return true;
        }
        let record = keyring.records().into_iter().find(|record| record.kid == kid);
        record.is_some_and(|record| match record.state {
            KeyState::Retired { at, .. } => {
                record.keys == ADMINISTRATION.into() && self.now < at.plus(MAX_ADMIN_LIFETIME)
            }
            KeyState::Active { .. } | KeyState::Published { .. } => false,
        })
    }

    /// Whether tokens of who asks end by it.
    fn ends(&self, by: &Authority, target: &Target, key: Option<&str>, keyring: &Keyring) -> bool {
        let Authority::Administrator { client, tenant } = by else { return false };
        if let Some(kid) = key {
            return self.signed_administrators(kid, keyring);
        }
        let end = self.family_end();
        [Kill::client(&client.id, end), Kill::tenant(tenant, end), Kill::all(end)].contains(&target.kill)
            || target.kill == Kill::subject(&Subject::from(client.id.clone()), end)
    }
}
