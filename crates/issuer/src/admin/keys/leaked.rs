//! Keys that somebody else may have are taken out of the keyring; then the log says so.

use super::{KeyDesk, NotRotated};
use crate::admin::authority::Authority;
use crate::admin::refusal::AdminRefusal;
use crate::admin::view::RotationView;
use crate::audit::{self, Revoked};
use crate::keyring::{KeyRevocation, KeyState, KeyUse, Rotation};
use chancery_revocation::{Kill, Sequence};
use chancery_token::Format;

impl KeyDesk<'_> {
    pub(super) fn plan_of_leaked(&self, of: KeyUse) -> Result<RotationView, NotRotated> {
        if of == KeyUse::Revocation {
            let planned = self.keyring.plan_rotation(&[of], self.now)?;
            let at_once = |rotation: &Rotation| RotationView::of(&self.at_once(rotation.clone()));
            return Ok(planned
                .iter()
                .map(at_once)
                .next()
                .unwrap_or_else(|| self.replaced(of, String::new())));
        }
        let retires = self.signing(of);
        let waits = |state: KeyState| !matches!(state, KeyState::Retired { .. });
        let records = self.keyring.records();
        let mut others =
            records.iter().filter(|key| key.keys == of && key.kid != retires && waits(key.state));
        let activates = others.next().map_or_else(String::new, |key| key.kid.clone());
        Ok(RotationView { activates, ..self.replaced(of, retires) })
    }

    /// Takes out the key of each of `uses` that signs now. A key that was taken out before, and of which the log does
    /// not know, is the one that is meant: no other one is taken out in its place.
    pub(super) async fn replace_leaked(
        &self,
        by: &Authority,
        uses: &[KeyUse],
    ) -> Result<Vec<RotationView>, AdminRefusal> {
        self.keyring.reload(self.store, self.now).await.map_err(|why| AdminRefusal::of_key(why.into()))?;
        let mut owed: Vec<String> =
            self.keyring.revoked().into_iter().filter(|kid| self.ended_at(kid).is_none()).collect();
        let mut replaced = Vec::with_capacity(uses.len());
        let mut failed = None;
        for of in uses {
            if let Some(kid) = owed.iter().find(|kid| self.keyring.signed_by_revoked(kid) == Some(*of)) {
                replaced.push(self.replaced(*of, kid.clone()));
                continue;
            }
            let kid = self.signing(*of);
            match self.keyring.revoke(self.store, &kid, self.now, self.entropy).await {
                Ok(KeyRevocation::Done(revoked)) => {
                    let publishes = Some(revoked.publishes);
                    replaced.push(RotationView { publishes, ..self.replaced(*of, kid.clone()) });
                }
                Ok(KeyRevocation::Already) => replaced.push(self.replaced(*of, kid.clone())),
                Err(why) => {
                    failed = Some(AdminRefusal::of_key(why));
                    break;
                }
            }
            owed.push(kid);
        }
        // Whatever was taken out is revoked, also if another one was not.
        self.append(by, &owed).await?;
        for view in &mut replaced {
            view.sequence = self.ended_at(&view.retires);
        }
        failed.map_or(Ok(replaced), Err)
    }

    async fn append(&self, by: &Authority, kids: &[String]) -> Result<(), AdminRefusal> {
        if kids.is_empty() {
            return Ok(());
        }
        let kills: Vec<Kill> = kids.iter().map(|kid| Kill::key(kid)).collect();
        let appended = self.log.append(&kills).await.map_err(|fault| AdminRefusal::HalfDone {
            what: format!("{} signs no more", kids.join(", ")),
            fault,
        })?;
        for (kid, entry) in kids.iter().zip(&appended.entries) {
            audit::admin_revoked(
                by,
                &format!("key {kid}"),
                "It has leaked.",
                Revoked::Now,
                Some(entry.sequence),
            );
        }
        Ok(())
    }

    fn ended_at(&self, kid: &str) -> Option<Sequence> {
        self.log.current().published().ended_at(&Kill::key(kid))
    }

    /// The key that signs now.
    fn signing(&self, of: KeyUse) -> String {
        match format(of) {
            Some(format) => self.keyring.signer(format, self.now).kid().to_owned(),
            None => self.keyring.document_signer(self.now).kid().to_owned(),
        }
    }

    /// How it is told that `kid` signs no more.
    fn replaced(&self, of: KeyUse, kid: String) -> RotationView {
        RotationView::of(&Rotation {
            keys: of,
            retires: kid,
            activates: self.signing(of),
            activates_at: self.now,
            removed_at: self.now,
            publishes: None,
        })
    }

    fn at_once(&self, rotation: Rotation) -> Rotation {
        Rotation { activates_at: self.now, removed_at: self.now, ..rotation }
    }
}

const fn format(of: KeyUse) -> Option<Format> {
    match of {
        KeyUse::Jwt => Some(Format::Jwt),
        KeyUse::Paseto => Some(Format::Paseto),
        KeyUse::Revocation => None,
    }
}
