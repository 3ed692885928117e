//! The signing keys rotate, whoever asks. Keys that leaked go at once, and what they signed is revoked.

mod leaked;

use super::authority::Authority;
use super::exposure::Exposure;
use super::refusal::AdminRefusal;
use super::view::RotationView;
use crate::audit;
use crate::client::OPERATOR_TENANT;
use crate::keyring::{KeyUse, Keyring, RotateError};
use crate::revocation::RevocationLog;
use crate::store::Store;
use chancery_token::UnixTime;
use chancery_verifier::entropy::Entropy;

const VERB: &str = "key.rotate";

/// Everything that a rotation needs. Made for one request: `now` stands still in it.
#[derive(Clone, Copy, Debug)]
pub struct KeyDesk<'d> {
    /// The keys.
    pub keyring: &'d Keyring,
    /// Where they rest.
    pub store: &'d dyn Store,
    /// Where it is written down which of them are revoked.
    pub log: &'d RevocationLog,
    /// The time of the request.
    pub now: UnixTime,
    /// Where new keys come from.
    pub entropy: &'d dyn Entropy,
}

/// Why no key was rotated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRotated {
    /// Whoever asked may not; or it was done in half.
    #[error(transparent)]
    Refused(AdminRefusal),
    /// It cannot be done now.
    #[error(transparent)]
    Rotation(#[from] RotateError),
}

impl NotRotated {
    /// Stable name for answers and logs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.reason(),
            Self::Rotation(why) => why.reason(),
        }
    }
}

impl KeyDesk<'_> {
    /// What [`KeyDesk::rotate`] would do.
    pub fn plan(
        &self,
        by: &Authority,
        uses: &[KeyUse],
        exposure: Exposure,
    ) -> Result<Vec<RotationView>, NotRotated> {
        entitled(by)?;
        match exposure {
            Exposure::Kept => {
                let planned = self.keyring.plan_rotation(uses, self.now)?;
                Ok(planned.iter().map(RotationView::of).collect())
            }
            Exposure::Leaked => uses.iter().map(|of| self.plan_of_leaked(*of)).collect(),
        }
    }

    /// Rotates the keys of `uses`: all of them, or none. Those that leaked sign no more when it answers, and what they
    /// signed is revoked; sent again after it was done in half, it does the other half.
    pub async fn rotate(
        &self,
        by: &Authority,
        uses: &[KeyUse],
        exposure: Exposure,
    ) -> Result<Vec<RotationView>, NotRotated> {
        let done = async {
            entitled(by)?;
            match exposure {
                Exposure::Kept => {
                    let done = self.keyring.rotate(self.store, uses, self.now, self.entropy).await?;
                    Ok(done.iter().map(RotationView::of).collect())
                }
                Exposure::Leaked => self.replace_leaked(by, uses).await.map_err(NotRotated::Refused),
            }
        };
        let done = done.await;
        let subject = uses.iter().map(|of| of.as_str()).collect::<Vec<_>>().join(" ");
        audit::admin_acted(by, VERB, &subject, done.as_ref().map_or_else(NotRotated::reason, |_| "done"));
        done
    }
}

/// Every tenant's tokens are signed with them.
fn entitled(by: &Authority) -> Result<(), NotRotated> {
    match by {
        Authority::Administrator { tenant, .. } if tenant.as_str() != OPERATOR_TENANT => {
            let what = "the signing keys belong to every tenant, not to one".to_owned();
            Err(NotRotated::Refused(AdminRefusal::BeyondOneself { what }))
        }
        Authority::Administrator { .. } | Authority::MasterKey => Ok(()),
    }
}
