//! What became of what was asked for.

use chancery_revocation::Sequence;

/// Something is so; and whether it was so before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed<T> {
    /// It was so before; nothing was changed.
    Before(T),
    /// It became so now.
    Now(T),
}

impl<T> Changed<T> {
    /// What it is about, either way.
    pub fn into_inner(self) -> T {
        match self {
            Self::Before(inner) | Self::Now(inner) => inner,
        }
    }

    /// The same about something else.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Changed<U> {
        match self {
            Self::Before(inner) => Changed::Before(make(inner)),
            Self::Now(inner) => Changed::Now(make(inner)),
        }
    }

    pub(super) const fn as_ref(&self) -> &T {
        match self {
            Self::Before(inner) | Self::Now(inner) => inner,
        }
    }
}

/// A client after a change, and what it meant for the tokens that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect<T> {
    /// The client.
    pub client: Changed<T>,
    /// The entry of the revocation log that ended what the client had before; `None` where nothing had to end.
    pub sequence: Option<Sequence>,
}

impl<T> Effect<T> {
    /// The client, changed or not.
    pub fn into_inner(self) -> T {
        self.client.into_inner()
    }

    /// The same about another picture of the client.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Effect<U> {
        Effect { client: self.client.map(make), sequence: self.sequence }
    }
}
