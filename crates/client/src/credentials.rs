//! How a client shows who it is.

mod assertion;
mod key;

pub(crate) use assertion::assertion;
pub use key::{ClientKey, NotAKey, UnreadableKey};

use crate::secret::Secret;
use std::fmt;

/// How a client shows who it is.
#[derive(Clone)]
pub enum Credentials {
    /// By a secret that the issuer knows too (`client_secret_basic`, RFC 6749 section 2.3.1).
    Secret(Secret),
    /// By signing (`private_key_jwt`, RFC 7523 section 2.2): the key never leaves the client.
    Key(ClientKey),
    /// Not at all (`none`, RFC 7591 section 2): it can refresh what it was given, and nothing else.
    Public,
}

impl Credentials {
    /// Whether they are the same.
    #[cfg(unix)]
    pub(crate) fn are(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Secret(one), Self::Secret(other)) => one.expose() == other.expose(),
            (Self::Key(one), Self::Key(other)) => one.secret_key().public() == other.secret_key().public(),
            (Self::Public, Self::Public) => true,
            (Self::Key(_) | Self::Public | Self::Secret(_), _) => false,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(***)",
            Self::Key(_) => "Key(***)",
            Self::Public => "Public",
        })
    }
}
