//! The proofs of requests: read, held against the request, and used up last.

use super::Dpop;
use super::nonces::Recency;
use super::replays::{Replays, Sighting};
use crate::verified::Verified;
use crate::verifier::{Unproven, Verifier};
use axum::extract::{OriginalUri, Request};
use chancery_token::UnixTime;
use chancery_token::dpop::{self, NotAProof, Proof, ProofPart};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::time::Duration;

/// RFC 9449 section 4.1.
pub(in crate::guard) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// What proofs may be signed with, for challenges and metadata (RFC 9449 section 7.1).
pub(in crate::guard) const ALGS: &[&str] = &dpop::ALGORITHMS;

/// Why a proof lets nobody in. Its sender is to blame, unless there is no room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::guard) enum ProofFault {
    /// The scheme is `DPoP`, and there is none.
    #[error("there is no DPoP header")]
    Missing,
    /// There are several.
    #[error("{headers} DPoP headers")]
    Repeated {
        /// How many.
        headers: usize,
    },
    /// It is none, or for another request or token.
    #[error(transparent)]
    NotAProof(#[from] NotAProof),
    /// It has no nonce.
    #[error("the proof has no nonce")]
    NonceMissing,
    /// Its nonce was not given out here lately.
    #[error("the nonce of the proof is none of ours, or too old")]
    NonceStale,
    /// It was shown before.
    #[error("the proof was shown before")]
    Replayed,
    /// No more proofs can be remembered.
    #[error("there is no room to remember more proofs; give the guard more replay_bytes")]
    NoRoom,
}

impl ProofFault {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub(in crate::guard) const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "dpop_proof_missing",
            Self::Repeated { .. } => "dpop_proof_repeated",
            Self::NotAProof(why) => why.reason(),
            Self::NonceMissing => "dpop_nonce_missing",
            Self::NonceStale => "dpop_nonce_stale",
            Self::Replayed => "dpop_proof_replayed",
            Self::NoRoom => "dpop_proofs_full",
        }
    }
}

/// What a proof is held against, taken from a request before anything waits.
#[derive(Debug)]
pub(in crate::guard) struct Sent {
    method: Method,
    url: String,
    proof: Result<Box<str>, ProofFault>,
}

/// What a guard knows about proofs. One for all routes: a proof that was shown at one was shown at all.
#[derive(Debug)]
pub(in crate::guard) struct Proofs {
    told: Dpop,
    seen: Replays,
}

/// A proof that is good as far as it goes. Whether it was shown before, nobody has asked yet.
#[derive(Debug)]
pub(in crate::guard) struct Shown {
    proof: Proof,
    recency: Recency,
}

impl Proofs {
    pub(in crate::guard) fn new(told: Dpop) -> Self {
        // From as far in the future as may be, to as far in the past, and the second that both ends count.
        let span = 2 * told.window + Duration::from_secs(1);
        Self { seen: Replays::new(span, told.replay_bytes), told }
    }

    pub(in crate::guard) fn takes_unbound(&self) -> bool {
        self.told.takes_unbound()
    }

    /// The request as its sender wrote it: what was nested sees a shorter path.
    pub(in crate::guard) fn sent(&self, request: &Request) -> Sent {
        let original = request.extensions().get::<OriginalUri>().map_or(request.uri(), |uri| &uri.0);
        Sent {
            method: request.method().clone(),
            url: format!("{}{}", self.told.base, original.path()),
            proof: only_proof(request.headers()).map(Into::into),
        }
    }

    /// The token, if it is good and bound to the key that was proved.
    pub(in crate::guard) async fn judge(
        &self,
        verifier: &Verifier,
        token: &str,
        sent: &Sent,
    ) -> Result<(Verified, Shown), Unfit> {
        let text = sent.proof.as_deref().map_err(Clone::clone)?;
        let request = dpop::Request { method: sent.method.as_str(), url: &sent.url, access_token: None };
        let judged = verifier.verify_dpop_now(token, text, &request, self.told.window).await;
        let (token, proof) = judged.map_err(|why| match why {
            Unproven::Proof(why) => Unfit::Proof(why.into()),
            Unproven::Token(why) => Unfit::Token(why),
        })?;
        let recency = match (&self.told.nonces, proof.nonce()) {
            (None, _) => Recency::Current,
            (Some(_), None) => return Err(ProofFault::NonceMissing.into()),
            (Some(nonces), Some(nonce)) => nonces.recency(nonce, verifier.now()),
        };
        match recency {
            Recency::Stale => Err(ProofFault::NonceStale.into()),
            Recency::Current | Recency::Lately => Ok((token, Shown { proof, recency })),
        }
    }

    /// Uses the proof up: to be asked last, so that nobody burns one with a request that is refused anyway.
    pub(in crate::guard) fn use_up(&self, shown: &Shown, now: UnixTime) -> Result<(), ProofFault> {
        // It may have waited for keys meanwhile, for longer than proofs are remembered.
        let until = shown.proof.acceptable_until();
        if now >= until {
            return Err(NotAProof::TooOld { by: now.since(until) + Duration::from_secs(1) }.into());
        }
        match self.seen.see(&shown.proof.id(), now) {
            Sighting::First => Ok(()),
            Sighting::Again => Err(ProofFault::Replayed),
            Sighting::Full => Err(ProofFault::NoRoom),
        }
    }

    /// The nonce for the next proof, if there are any: after a refusal.
    pub(in crate::guard) fn nonce(&self, now: UnixTime) -> Option<HeaderValue> {
        self.told.nonces.as_ref().and_then(|nonces| HeaderValue::try_from(nonces.current(now)).ok())
    }

    /// The nonce for the next proof where that of `shown` is about to be too old (RFC 9449 section 8.2).
    pub(in crate::guard) fn next_nonce(&self, shown: &Shown, now: UnixTime) -> Option<HeaderValue> {
        self.nonce(now).filter(|_| shown.recency == Recency::Lately)
    }
}

/// Why a token with a proof lets nobody in.
#[derive(Debug)]
pub(in crate::guard) enum Unfit {
    Proof(ProofFault),
    Token(crate::rejection::Rejection),
}

impl From<ProofFault> for Unfit {
    fn from(fault: ProofFault) -> Self {
        Self::Proof(fault)
    }
}

fn only_proof(headers: &HeaderMap) -> Result<&str, ProofFault> {
    let mut values = headers.get_all(DPOP).iter();
    match (values.next(), values.count()) {
        (None, _) => Err(ProofFault::Missing),
        (Some(one), 0) => Ok(one.to_str().map_err(|_| NotAProof::Malformed(ProofPart::Segments))?),
        (Some(_), more) => Err(ProofFault::Repeated { headers: more + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::SecretKey;
    use dpop::Draft;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    #[test]
    fn a_proof_that_grew_too_old_while_its_request_waited_lets_nobody_in() {
        let told = Dpop::at("https://api.example.com").unwrap();
        let (window, proofs) = (told.window, Proofs::new(told));
        let request =
            dpop::Request { method: "GET", url: "https://api.example.com/a", access_token: Some("token") };
        let text = Draft { request, jti: "one", iat: NOW, nonce: None }.sign(&SecretKey::from_seed(&[1; 32]));
        let shown = || Shown {
            proof: dpop::verify(&text, &request, NOW, window).unwrap(),
            recency: Recency::Current,
        };
        let too_old = NotAProof::TooOld { by: Duration::from_secs(1) };
        assert_eq!(proofs.use_up(&shown(), NOW.plus(Duration::from_secs(61))), Err(too_old.into()));
        assert_eq!(proofs.use_up(&shown(), NOW.plus(Duration::from_mins(1))), Ok(()));
        assert_eq!(proofs.use_up(&shown(), NOW.plus(Duration::from_mins(1))), Err(ProofFault::Replayed));
    }
}
