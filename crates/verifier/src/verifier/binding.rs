//! Whether whoever sends a token is the one that it is bound to. Asked again at every hit of the cache: what a holder proved
//! once, a thief did not.

use super::Verifier;
use crate::rejection::Rejection;
use crate::verified::Verified;
use chancery_token::{Claims, Confirmation, UnixTime};

/// What is bound comes with proof of its key, and what comes with proof is bound to that key (RFC 9449 section 7.1).
/// `proved` is the thumbprint of a key that the sender proved to have.
pub(super) fn judge_binding(claims: &Claims, proved: Option<&[u8; 32]>) -> Result<(), Rejection> {
    match (&claims.cnf, proved) {
        (None, None) => Ok(()),
        (Some(Confirmation::DpopKey(bound)), Some(proved)) if bound == proved => Ok(()),
        (Some(_), None) => Err(Rejection::ProofRequired),
        (Some(_), Some(_)) => Err(Rejection::OtherKeyProved),
        (None, Some(_)) => Err(Rejection::NotBound),
    }
}

impl Verifier {
    /// As [`Verifier::verify`], of a token whose sender is known from elsewhere to have the key with this RFC 7638 thumbprint.
    /// **Nothing is proved here**: whoever calls it answers for that. With a key that is read out of the token itself a
    /// stolen token passes, which is right only for whoever lets nobody in, but tells others what to have proved (RFC 9449
    /// section 6.2). Services call `verify_dpop`, or guard their routes.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn dangerously_verify_as_held_by(
        &self,
        key: &[u8; 32],
        token: &str,
        now: UnixTime,
    ) -> Result<Verified, Rejection> {
        self.judge(token, Some(key), now)
    }
}
