//! How a client proves who it is, and what binds its tokens to it.

use serde::{Deserialize, Serialize};

/// Most keys that a client may hold at once: the one in use and its successor.
pub const MAX_KEYS: usize = 2;

/// How a client proves who it is (the names of the IANA registry, RFC 7591 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// By a secret: `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1).
    #[default]
    Secret,
    /// By a signed assertion: `private_key_jwt` (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// Not at all: a public client (RFC 6749 section 2.1). It refreshes what it was given, with proof of its key, and
    /// begins nothing.
    None,
}

impl Authentication {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
    pub(super) fn is_secret(&self) -> bool {
        *self == Self::Secret
    }

    /// The word for it in requests and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// Whether the access tokens of a client are bound to a key (RFC 9449).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DpopPolicy {
    /// Where it sends a proof.
    #[default]
    Optional,
    /// Always: a request without a proof is refused.
    Required,
}

impl DpopPolicy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
    pub(super) fn is_optional(&self) -> bool {
        *self == Self::Optional
    }
}
