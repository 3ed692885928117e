//! Tokens that come with a DPoP proof (RFC 9449 section 7).

use super::Verifier;
use crate::rejection::Rejection;
use crate::verified::Verified;
use chancery_token::UnixTime;
use chancery_token::dpop::{self, NotAProof, Proof, Request};
use std::time::Duration;

/// Why a token that came with a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The proof is none, or for another request or another token.
    #[error(transparent)]
    Proof(#[from] NotAProof),
    /// The token is not accepted, or not bound to the key that was proved.
    #[error(transparent)]
    Token(#[from] Rejection),
}

impl Unproven {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Proof(why) => why.reason(),
            Self::Token(why) => why.reason(),
        }
    }
}

impl Verifier {
    /// Judges at `now` a token that came under the scheme `DPoP`, with `proof` that its sender has the key that it is bound
    /// to. `request` is the one that they came with; its `access_token` is this one, whatever stands there. The proof was made
    /// at most `window` before or after `now`.
    ///
    /// Two things are left to the caller, to be asked last: whether the nonce of the proof is a good one, if nonces are
    /// given out, and whether the proof was seen before ([`Proof::id`], until [`Proof::acceptable_until`]).
    ///
    /// # Errors
    /// Whose fault it is, says [`Rejection::blame`]; a proof is always its sender's.
    pub fn verify_dpop(
        &self,
        token: &str,
        proof: &str,
        request: &Request<'_>,
        window: Duration,
        now: UnixTime,
    ) -> Result<(Verified, Proof), Unproven> {
        let proof = dpop::verify(proof, &Request { access_token: Some(token), ..*request }, now, window)?;
        let verified = self.judge(token, Some(&proof.key()), now)?;
        Ok((verified, proof))
    }

    /// As [`Verifier::verify_dpop`], by the verifier's clock, and waiting for keys and news where
    /// [`Verifier::verify_now`] does.
    #[cfg(feature = "axum")]
    pub(crate) async fn verify_dpop_now(
        &self,
        token: &str,
        proof: &str,
        request: &Request<'_>,
        window: Duration,
    ) -> Result<(Verified, Proof), Unproven> {
        let request = Request { access_token: Some(token), ..*request };
        let proof = dpop::verify(proof, &request, self.now(), window)?;
        let verified = self.judge_now(token, Some(&proof.key())).await?;
        Ok((verified, proof))
    }
}
