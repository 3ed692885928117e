//! Proof of a key, with a request to the token endpoint (RFC 9449 section 5).
//!
//! In two steps, so that a proof is used up last: [`shown`] looks at everything that a proof says, [`Shown::prove`] asks the
//! store whether it is the first time. What is decided about the request is decided in between.

use super::error::Refusal;
use super::router::{TOKEN, base_url};
use crate::client::DpopPolicy;
use crate::issuer::Issuer;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use chancery_token::dpop::{self, NotAProof, Proof, ProofPart};
use chancery_token::{Claims, Confirmation};
use std::time::Duration;

/// RFC 9449 section 4.1.
pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// RFC 9449 section 8.1.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// How far the clock of a client may be from ours. Minutes: it is the nonce that says when a proof was made (RFC 9449 section
/// 11.1), and machines that run agents have clocks that nobody looks after. A proof is remembered for twice as long.
const WINDOW: Duration = Duration::from_mins(5);

/// Why a proof is not taken, or missed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DpopFault {
    /// It does not prove anything.
    #[error(transparent)]
    NotAProof(#[from] NotAProof),
    /// Several `DPoP` headers.
    #[error("there is more than one DPoP header; send one")]
    Repeated,
    /// The client's tokens are always bound, and there was none.
    #[error("the tokens of this client are bound to a key; send a proof of it in the DPoP header")]
    Required,
    /// It has no nonce.
    #[error("the DPoP proof has no nonce; make one with the nonce of the DPoP-Nonce header")]
    NonceMissing,
    /// Its nonce was not given out here lately.
    #[error("the nonce of the DPoP proof is too old; make one with the nonce of the DPoP-Nonce header")]
    NonceStale,
    /// It was shown before.
    #[error("the DPoP proof was used before; make one for each request")]
    Replayed,
}

impl DpopFault {
    /// The code of RFC 9449 section 5 or 8.
    pub(super) const fn error(&self) -> &'static str {
        match self {
            Self::NotAProof(_) | Self::Repeated | Self::Required | Self::Replayed => "invalid_dpop_proof",
            Self::NonceMissing | Self::NonceStale => "use_dpop_nonce",
        }
    }

    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::NotAProof(why) => why.reason(),
            Self::Repeated => "dpop_proof_repeated",
            Self::Required => "dpop_proof_required",
            Self::NonceMissing => "dpop_nonce_missing",
            Self::NonceStale => "dpop_nonce_stale",
            Self::Replayed => "dpop_proof_replayed",
        }
    }
}

/// A proof that is good as far as it goes. Whether it was shown before, nobody has asked yet.
#[derive(Debug)]
pub(super) struct Shown(Proof);

/// How a token is to be sent (RFC 9449 section 5). A certificate makes no type of its own (RFC 8705 section 3).
pub(super) const fn token_type(claims: &Claims) -> &'static str {
    match claims.cnf {
        Some(Confirmation::DpopKey(_)) => "DPoP",
        Some(Confirmation::Certificate(_)) | None => "Bearer",
    }
}

/// Whether there is anything that might be a proof. Answers to such requests tell the nonce ([`tell_nonce`]).
pub(super) fn is_there(headers: &HeaderMap) -> bool {
    headers.contains_key(DPOP)
}

/// The proof that came with a request to the token endpoint: read, and held against the request. `None` where there is none
/// and `policy` asks for none.
pub(super) fn shown(
    issuer: &Issuer,
    headers: &HeaderMap,
    policy: DpopPolicy,
) -> Result<Option<Shown>, DpopFault> {
    let mut proofs = headers.get_all(DPOP).iter();
    let text = match (proofs.next(), proofs.next(), policy) {
        (None, _, DpopPolicy::Optional) => return Ok(None),
        (None, _, DpopPolicy::Required) => return Err(DpopFault::Required),
        (Some(_), Some(_), _) => return Err(DpopFault::Repeated),
        (Some(one), None, _) => one.to_str().map_err(|_| NotAProof::Malformed(ProofPart::Segments))?,
    };
    let url = format!("{}{TOKEN}", base_url(&issuer.settings().issuer));
    let request = dpop::Request { method: Method::POST.as_str(), url: &url, access_token: None };
    let now = issuer.now();
    let proof = dpop::verify(text, &request, now, WINDOW)?;
    let nonce = proof.nonce().ok_or(DpopFault::NonceMissing)?;
    issuer.dpop_nonces().expect_recent(nonce, now).map_err(|_| DpopFault::NonceStale)?;
    Ok(Some(Shown(proof)))
}

impl Shown {
    /// The thumbprint of the key (RFC 7638): what is decided upon, and given to nobody before [`Shown::prove`].
    pub(super) const fn key(&self) -> [u8; 32] {
        self.0.key()
    }

    /// Uses the proof up: it proves something once. Whatever else the request may be refused for is looked at before.
    pub(super) async fn prove(self, issuer: &Issuer) -> Result<(), Refusal> {
        let is_first = issuer.first_use(&self.0.id(), self.0.acceptable_until(), issuer.now()).await?;
        if is_first { Ok(()) } else { Err(DpopFault::Replayed.into()) }
    }
}

/// Tells the nonce that the next proof is to have (RFC 9449 sections 8 and 8.2).
pub(super) fn tell_nonce(issuer: &Issuer, headers: &mut HeaderMap) {
    if let Ok(nonce) = HeaderValue::try_from(issuer.dpop_nonces().current(issuer.now())) {
        headers.insert(DPOP_NONCE, nonce);
    }
}
