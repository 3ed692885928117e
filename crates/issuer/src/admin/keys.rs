//! The signing keys rotate, whoever asks.

use super::authority::Authority;
use super::refusal::AdminRefusal;
use crate::audit;
use crate::client::OPERATOR_TENANT;
use crate::keyring::{Keyring, RotateError, Rotation};
use crate::store::Store;
use chancery_token::{Format, UnixTime};
use chancery_verifier::entropy::Entropy;

const VERB: &str = "key.rotate";

/// Everything that a rotation needs. Made for one request: `now` stands still in it.
#[derive(Clone, Copy, Debug)]
pub struct KeyDesk<'d> {
    /// The keys.
    pub keyring: &'d Keyring,
    /// Where they rest.
    pub store: &'d dyn Store,
    /// The time of the request.
    pub now: UnixTime,
    /// Where new keys come from.
    pub entropy: &'d dyn Entropy,
}

/// Why no key was rotated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRotated {
    /// Whoever asked may not.
    #[error(transparent)]
    Refused(AdminRefusal),
    /// It cannot be done now.
    #[error(transparent)]
    Rotation(#[from] RotateError),
}

impl NotRotated {
    /// Stable name for answers and logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.reason(),
            Self::Rotation(why) => why.reason(),
        }
    }
}

impl KeyDesk<'_> {
    /// What [`KeyDesk::rotate`] would do.
    pub fn plan(&self, by: &Authority, formats: &[Format]) -> Result<Vec<Rotation>, NotRotated> {
        entitled(by)?;
        Ok(self.keyring.plan_rotation(formats, self.now)?)
    }

    /// Rotates the keys of `formats`: all of them, or none.
    pub async fn rotate(&self, by: &Authority, formats: &[Format]) -> Result<Vec<Rotation>, NotRotated> {
        let done = async {
            entitled(by)?;
            Ok(self.keyring.rotate(self.store, formats, self.now, self.entropy).await?)
        };
        let done = done.await;
        let subject = formats.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(" ");
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
