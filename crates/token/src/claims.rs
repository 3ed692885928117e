//! The claims of an access token (RFC 9068 section 2.2, and our own).

mod read;
mod write;

use crate::bounds::Bounds;
use crate::id::{ClientId, Environment, FamilyId, Subject, TenantId, TokenId};
use crate::scope::ScopeSet;
use crate::time::UnixTime;
#[cfg(feature = "dpop")]
pub(crate) use read::{Round, whole_seconds};
pub(crate) use write::largest_claim;

/// Most actors in a delegation chain.
pub const MAX_ACTORS: usize = 4;
/// Most tokens that a token may descend from.
pub const MAX_ANCESTORS: usize = 8;

/// What a token says. Building one proves nothing: what was signed comes as [`crate::Authentic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it, a URL, compared byte for byte (RFC 7519 section 4.1.1).
    pub iss: String,
    /// The one resource server it is for (RFC 7519 section 4.1.3).
    pub aud: String,
    /// Whom it speaks for: the client, or later a person (RFC 7519 section 4.1.2).
    pub sub: Subject,
    /// The client that asked for it (RFC 8693 section 4.3).
    pub client_id: ClientId,
    /// When the issuer decided (RFC 7519 section 4.1.6).
    pub iat: UnixTime,
    /// From this second on it is worth nothing (RFC 7519 section 4.1.4).
    pub exp: UnixTime,
    /// Before this second it is worth nothing; our issuer never writes it (RFC 7519 section 4.1.5).
    pub nbf: Option<UnixTime>,
    /// Its own name (RFC 7519 section 4.1.7).
    pub jti: TokenId,
    /// What it may do (RFC 8693 section 4.2).
    pub scope: ScopeSet,
    /// Whose records it may touch.
    pub tenant: TenantId,
    /// Which of them.
    pub bounds: Bounds,
    /// The refresh family it came from.
    pub sid: Option<FamilyId>,
    /// The sequence of the revocation log that the issuer had applied when it decided.
    pub rvs: u64,
    /// The key that its holder must prove to have (RFC 7800).
    pub cnf: Option<Confirmation>,
    /// Who acts, the current actor first (RFC 8693 section 4.1).
    pub act: Vec<Subject>,
    /// The tokens it came from, the nearest first.
    pub anc: Vec<TokenId>,
    /// The world it belongs to.
    pub env: Environment,
}

/// The key a token is bound to (RFC 7800 section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `jkt`: the RFC 7638 thumbprint of a DPoP key (RFC 9449 section 6.1).
    DpopKey([u8; 32]),
    /// `x5t#S256`: the SHA-256 of a client certificate (RFC 8705 section 3.1).
    Certificate([u8; 32]),
}

/// How times are written: the one difference between the claims of the two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeForm {
    /// A JSON number of seconds (RFC 7519 section 2).
    NumericDate,
    /// Text (PASETO specification, "Registered Claims").
    Rfc3339,
}
