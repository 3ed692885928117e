//! Is this token good? Answered offline.
//!
//! ```
//! use chancery_verifier::{Revocation, UnixTime, Verifier};
//!
//! let verifier = Verifier::new(
//!     "https://auth.example.com",
//!     "https://api.example.com",
//!     Revocation::Ignore { reason: "tokens live five minutes, and nothing here can be destroyed" },
//! )?;
//! // Keys come from a follower (feature `follow`), or by hand through `install_keys`. Until then:
//! let refused = verifier.verify("eyJ…", UnixTime::from_secs(1_795_305_600)).unwrap_err();
//! assert_eq!(refused.reason(), "keys_unavailable");
//! # Ok::<(), chancery_verifier::InvalidSetup>(())
//! ```
//!
//! The core does no I/O, and `now` is an argument; keys and news of the revocation log are installed. The feature
//! `follow` fetches both, `axum` guards routes, `dpop` judges proofs that come with tokens, `testing` issues tokens for
//! the tests of your service.

pub mod clock;
pub mod entropy;

mod cache;
mod record;
mod rejection;
mod revocation;
mod source;
mod verified;
mod verifier;

#[cfg(feature = "follow")]
pub mod follow;
#[cfg(feature = "axum")]
pub mod gate;
#[cfg(feature = "axum")]
pub mod guard;
#[cfg(feature = "testing")]
pub mod testing;

pub use chancery_revocation::{self as revocation_log, Freshness, RevocationKeys};
pub use chancery_token::{self as token, Environment, Format, KeySet, Scope, UnixTime, scope};
pub use record::{Record, Value};
pub use rejection::{Blame, KeysUnavailable, Rejection};
pub use revocation::{LONGEST_STALENESS, NotFresher, NotInstalled, Revocation, SHORTEST_STALENESS};
pub use verified::{Forbidden, Verified};
#[cfg(feature = "dpop")]
pub use verifier::Unproven;
pub use verifier::{
    DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, FutureIat, InvalidSetup, MAX_LEEWAY, Verifier, WrongFormat,
};
