//! The kinds of entries.

use std::fmt;

/// What an entry ends. In this order they stand in documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One token, and those that descend from it.
    Token,
    /// A refresh family with all its access tokens.
    Family,
    /// All that a client asked for or takes part in.
    Client,
    /// All tokens for one tenant.
    Tenant,
    /// All that speaks or acts for a subject.
    Subject,
    /// Every token.
    All,
    /// Every token that one key signed, whatever it says of itself.
    Key,
}

impl Kind {
    /// All of them.
    pub const EVERY: [Self; 7] =
        [Self::Token, Self::Family, Self::Client, Self::Tenant, Self::Subject, Self::All, Self::Key];

    /// The word for it, in hashes, commands and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Family => "family",
            Self::Client => "client",
            Self::Tenant => "tenant",
            Self::Subject => "subject",
            Self::All => "all",
            Self::Key => "key",
        }
    }

    /// The byte for it, in stores and documents.
    pub const fn code(self) -> u8 {
        match self {
            Self::Token => 1,
            Self::Family => 2,
            Self::Client => 3,
            Self::Tenant => 4,
            Self::Subject => 5,
            Self::All => 6,
            Self::Key => 7,
        }
    }

    /// The kind of a byte; `None` for one that a later version may know.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::EVERY.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
