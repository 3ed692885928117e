//! What a guard is told about DPoP proofs (RFC 9449).

mod nonces;
mod proofs;
mod replays;

pub(super) use proofs::{ALGS, ProofFault, Proofs, Sent, Unfit};

use nonces::Nonces;
use std::time::Duration;
use url::Url;

/// How old a proof may be, and how far in the future, unless said otherwise: what clocks differ by, and a slow network.
pub const DEFAULT_PROOF_WINDOW: Duration = Duration::from_mins(1);
/// The longest: a proof that was stolen with its token is remembered for so long, and in this process alone.
pub const MAX_PROOF_WINDOW: Duration = Duration::from_mins(5);
/// Room for about 230,000 proofs in two windows, unless said otherwise.
const DEFAULT_REPLAY_BYTES: usize = 16 * 1024 * 1024;

/// That a guard takes tokens under the scheme `DPoP`, each with a proof that its sender has the key that it is bound to.
/// For [`crate::guard::Router::guard_with_dpop`].
///
/// Proofs that were seen are remembered in this process. Where several processes serve one address, a proof that was
/// stolen on its way can be shown once to each of them; nonces shorten the time for that ([`Dpop::nonces`]).
///
/// ```
/// use chancery_verifier::guard::{Dpop, Guarded, Router, get};
/// use chancery_verifier::{Verifier, scope};
///
/// # async fn list() {}
/// fn app(verifier: Verifier) -> Result<Guarded, Box<dyn std::error::Error>> {
///     let routes = Router::new().route("/invoices", get(scope!("invoices:read"), list));
///     Ok(routes.guard_with_dpop(verifier, Dpop::at("https://api.example.com")?)?)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Dpop {
    base: Box<str>,
    window: Duration,
    unbound: Unbound,
    nonces: Option<Nonces>,
    replay_bytes: usize,
}

/// What becomes of tokens that are bound to no key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unbound {
    /// They are taken, under the scheme `Bearer`.
    #[default]
    Accept,
    /// They are refused: only who proves its key comes in. The metadata says so (RFC 9728,
    /// `dpop_bound_access_tokens_required`).
    Refuse,
}

/// Why an address is none that callers could have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicUrl {
    /// It is no URL.
    #[error("write the public address as callers do: https://api.example.com")]
    NotAUrl,
    /// It is no `http` or `https` URL with a host.
    #[error("the public address is an https URL with a host (or http, where nobody listens)")]
    Scheme,
    /// It says more than where the service is.
    #[error("the public address has no user, query or fragment")]
    Parts,
}

impl Dpop {
    /// For a service that callers reach at `public_url`: scheme and host, port where it is not the usual one, and where a
    /// proxy takes a prefix off the path, that prefix. Proofs name the whole address (`htu`), and the service cannot know
    /// by itself what stands before its proxies; what `Host` says, a caller chooses.
    ///
    /// # Errors
    /// It is no such address.
    pub fn at(public_url: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(public_url).map_err(|_| InvalidPublicUrl::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidPublicUrl::Scheme);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidPublicUrl::Parts);
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').into(),
            window: DEFAULT_PROOF_WINDOW,
            unbound: Unbound::default(),
            nonces: None,
            replay_bytes: DEFAULT_REPLAY_BYTES,
        })
    }

    /// How old a proof may be, and how far in the future; [`DEFAULT_PROOF_WINDOW`] unless said otherwise. More than
    /// [`MAX_PROOF_WINDOW`] means that. Whole seconds count.
    pub fn window(self, window: Duration) -> Self {
        Self { window: window.min(MAX_PROOF_WINDOW), ..self }
    }

    /// What becomes of tokens that are bound to no key; they are accepted unless said otherwise.
    pub fn unbound(self, policy: Unbound) -> Self {
        Self { unbound: policy, ..self }
    }

    /// Gives nonces out and asks for them (RFC 9449 section 9): a proof is then at most four minutes old, whatever the clock
    /// of its sender says, and cannot be made ahead of time. Processes that serve one address share `key`, 32 bytes that
    /// nobody can predict, so that each takes what another gave out.
    pub fn nonces(self, key: &[u8; 32]) -> Self {
        Self { nonces: Some(Nonces::new(key)), ..self }
    }

    /// How many bytes the proofs may take that were seen; 16 MiB unless said otherwise, which is room for 230,000 of them in
    /// two windows: each takes 39 to 78 bytes. When it is full, requests with new proofs are 503.
    pub fn replay_bytes(self, bytes: usize) -> Self {
        Self { replay_bytes: bytes, ..self }
    }

    pub(super) fn takes_unbound(&self) -> bool {
        self.unbound == Unbound::Accept
    }
}
