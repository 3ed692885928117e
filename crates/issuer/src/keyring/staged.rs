//! Keys that are made and judged, and that nobody has yet.

use super::held::{LogKey, TokenKey, Unsignable};
use super::{KeyUse, KeyringFault, KeyringSetup};
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
) -> Result<TokenKey, KeyringFault> {
    let judged = |refusal| KeyringFault::Judged { keys: format.into(), refusal };
    let key = TokenKey::for_tokens(drawn(entropy), format, now, setup).map_err(|_| judged(not_taken()))?;
    judge::examine(&key.signer, &key.public).map_err(judged)?;
    Ok(key)
}

/// The same for a key of the revocation log.
pub(super) fn stage_log_key(
    setup: &KeyringSetup,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<LogKey, KeyringFault> {
    let judged = |refusal| KeyringFault::Judged { keys: KeyUse::Revocation, refusal };
    let key: Result<_, Unsignable> = LogKey::for_the_log(drawn(entropy), now, setup);
    let key = key.map_err(|_| judged(not_taken()))?;
    judge::examine_log_key(&key.signer, &key.public).map_err(judged)?;
    Ok(key)
}

fn drawn(entropy: &dyn Entropy) -> SecretKey {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(&mut *seed);
    SecretKey::from_seed(&seed)
}

fn not_taken() -> JudgeRefusal {
    JudgeRefusal::Key { detail: "the signing library does not take it".into() }
}
