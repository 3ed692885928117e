//! Keys that are made and judged, and that nobody has yet.

use super::held::HeldKey;
use super::{KeyringFault, KeyringSetup};
use crate::judge::{self, JudgeRefusal};
use chancery_token::{Format, SecretKey, UnixTime};
use chancery_verifier::entropy::Entropy;
use zeroize::Zeroizing;

/// Makes a key and has it judged: only one that passes can be published.
pub(super) fn stage(
    format: Format,
    setup: &KeyringSetup,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<HeldKey, KeyringFault> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(&mut *seed);
    let judged = |refusal| KeyringFault::Judged { format, refusal };
    let key = HeldKey::new(SecretKey::from_seed(&seed), format, now, setup)
        .map_err(|_| judged(JudgeRefusal::Key { detail: "the signing library does not take it".into() }))?;
    judge::examine(&key.signer, &key.public).map_err(judged)?;
    Ok(key)
}
