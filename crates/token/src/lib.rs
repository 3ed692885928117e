//! What a Chancery token is: scopes, bounds, claims, wire forms, keys.
//!
//! Pure: no I/O, no clock, no randomness. Time and random bytes are arguments.
//!
//! A token goes through two doors. [`KeySet::open`] checks form, key and signature and yields an [`Authentic`];
//! the verifier crate then judges issuer, audience, time and revocation. Nothing else makes either.

pub mod bounds;
pub mod claims;
#[cfg(feature = "dpop")]
pub mod dpop;
pub mod ed25519;
pub mod encoding;
pub mod id;
mod json;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod malformed;
pub mod paserk;
pub mod paseto;
pub mod scope;

mod access_token;
mod keyset;
mod time;

pub use access_token::{MAX_ISSUED_BYTES, TokenSigner, TokenTooLarge};
pub use bounds::Bounds;
pub use claims::{Claims, Confirmation};
pub use ed25519::{PublicKey, SecretKey, Signer};
pub use id::{ClientId, Environment, FamilyId, Format, Subject, TenantId, TokenId};
pub use jwt::AlgorithmName;
pub use keyset::{Authentic, BadKeyDocument, KeyDocument, KeySet, MAX_KEY_DOCUMENT_BYTES, NotAuthentic};
pub use malformed::Malformed;
pub use scope::{Everything, Scope, ScopePattern, ScopeSet};
pub use time::UnixTime;

/// Longest compact token that is looked at. Ours have about 700 bytes; 8 KiB is the usual limit of HTTP servers
/// for all headers together, so nothing larger could reach a service.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
