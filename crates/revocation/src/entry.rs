//! What one entry of the log says, and the bytes that say it.
//!
//! Who revoked, and why, is in the audit log of the issuer: an entry goes out to everybody.

use crate::kind::Kind;
use crate::mark::{IdMark, NameMark};
use crate::minute::Minute;
use crate::sequence::Sequence;
use chancery_token::{ClientId, FamilyId, Subject, TenantId, TokenId, UnixTime};

/// What is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kill {
    /// The token of this id, and those that descend from it, whatever their `rvs`.
    Token {
        /// Its `jti`.
        jti: IdMark,
        /// When it expires anyway.
        end: Minute,
    },
    /// Every token of this family, past and in flight: families never come back.
    Family {
        /// Its `sid`.
        sid: IdMark,
        /// When no family of today lives any more.
        end: Minute,
    },
    /// Every token with a lower `rvs` that a client asked for, speaks in or acts in.
    Client {
        /// The client.
        client_id: NameMark,
        /// When no family of today lives any more.
        end: Minute,
    },
    /// Every token with a lower `rvs` for a tenant.
    Tenant {
        /// The tenant.
        tenant: NameMark,
        /// When no family of today lives any more.
        end: Minute,
    },
    /// Every token with a lower `rvs` that speaks or acts for a subject.
    Subject {
        /// The subject.
        sub: NameMark,
        /// When no family of today lives any more.
        end: Minute,
    },
    /// Every token with a lower `rvs`.
    All {
        /// When no family of today lives any more.
        end: Minute,
    },
    /// Every token of a signing key, whatever its `rvs`, for the thief chooses it. It never ends: key ids are never
    /// used again.
    Key {
        /// The key.
        kid: NameMark,
    },
}

impl Kill {
    /// Ends one token, which expires at `exp`.
    pub fn token(jti: TokenId, exp: UnixTime) -> Self {
        Self::Token { jti: IdMark::of_token(jti), end: Minute::at_or_after(exp) }
    }

    /// Ends a family. `end` is when no family that lives now can live any more.
    pub fn family(sid: FamilyId, end: UnixTime) -> Self {
        Self::Family { sid: IdMark::of_family(sid), end: Minute::at_or_after(end) }
    }

    /// Ends what a client has. `end` as in [`Kill::family`].
    pub fn client(client_id: &ClientId, end: UnixTime) -> Self {
        Self::Client { client_id: NameMark::client(client_id), end: Minute::at_or_after(end) }
    }

    /// Ends what is out for a tenant. `end` as in [`Kill::family`].
    pub fn tenant(tenant: &TenantId, end: UnixTime) -> Self {
        Self::Tenant { tenant: NameMark::tenant(tenant), end: Minute::at_or_after(end) }
    }

    /// Ends what speaks or acts for a subject. `end` as in [`Kill::family`].
    pub fn subject(sub: &Subject, end: UnixTime) -> Self {
        Self::Subject { sub: NameMark::subject(sub), end: Minute::at_or_after(end) }
    }

    /// Ends everything. `end` as in [`Kill::family`].
    pub fn all(end: UnixTime) -> Self {
        Self::All { end: Minute::at_or_after(end) }
    }

    /// Ends everything that a key signed.
    pub fn key(kid: &str) -> Self {
        Self::Key { kid: NameMark::key(kid) }
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Token { .. } => Kind::Token,
            Self::Family { .. } => Kind::Family,
            Self::Client { .. } => Kind::Client,
            Self::Tenant { .. } => Kind::Tenant,
            Self::Subject { .. } => Kind::Subject,
            Self::All { .. } => Kind::All,
            Self::Key { .. } => Kind::Key,
        }
    }

    /// When there is nothing left for it to end; `None` for a key, which has no such time.
    pub const fn end(&self) -> Option<Minute> {
        match *self {
            Self::Token { end, .. }
            | Self::Family { end, .. }
            | Self::Client { end, .. }
            | Self::Tenant { end, .. }
            | Self::Subject { end, .. }
            | Self::All { end } => Some(end),
            Self::Key { .. } => None,
        }
    }

    /// The same kill, remembered until `end` at least.
    pub(crate) fn until(mut self, least: Minute) -> Self {
        match &mut self {
            Self::Token { end, .. }
            | Self::Family { end, .. }
            | Self::Client { end, .. }
            | Self::Tenant { end, .. }
            | Self::Subject { end, .. }
            | Self::All { end } => *end = (*end).max(least),
            Self::Key { .. } => {}
        }
        self
    }

    /// The parts of a kill by name; `None` for one by id.
    pub(crate) const fn wide(&self) -> Option<(Kind, NameMark, Minute)> {
        Some(match *self {
            Self::Token { .. } | Self::Family { .. } => return None,
            Self::Client { client_id, end } => (Kind::Client, client_id, end),
            Self::Tenant { tenant, end } => (Kind::Tenant, tenant, end),
            Self::Subject { sub, end } => (Kind::Subject, sub, end),
            Self::All { end } => (Kind::All, NameMark::NOBODY, end),
            Self::Key { kid } => (Kind::Key, kid, Minute::MAX),
        })
    }

    /// The reverse of [`Kill::wide`].
    pub(crate) const fn from_wide(kind: Kind, name: NameMark, end: Minute) -> Option<Self> {
        Some(match kind {
            Kind::Token | Kind::Family => return None,
            Kind::Client => Self::Client { client_id: name, end },
            Kind::Tenant => Self::Tenant { tenant: name, end },
            Kind::Subject => Self::Subject { sub: name, end },
            Kind::All => Self::All { end },
            Kind::Key => Self::Key { kid: name },
        })
    }
}

/// A kill at its place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its place.
    pub sequence: Sequence,
    /// What it ends.
    pub kill: Kill,
}

/// Why bytes are no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// A kind that a later version knows. Nobody may step over it: what it ends would go on.
    #[error("an entry is of kind {code}, which this version does not know; update it before it falls behind")]
    UnknownKind {
        /// The byte that names the kind.
        code: u8,
    },
    /// Too short, or too long, for its kind.
    #[error("an entry of kind '{kind}' does not have {bytes} bytes")]
    Length {
        /// Its kind.
        kind: Kind,
        /// How many bytes there are.
        bytes: usize,
    },
    /// No byte at all.
    #[error("an entry has no bytes")]
    Empty,
}

impl BadEntry {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownKind { .. } => "entry_kind_unknown",
            Self::Length { .. } | Self::Empty => "entries_malformed",
        }
    }
}

impl Entry {
    /// The canonical bytes, without the sequence: the code of the kind; the mark; the end as four bytes, the highest
    /// first. An `all` has no mark, a `key` no end. This is what the chain hashes and what stores keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(21);
        bytes.push(self.kill.kind().code());
        match &self.kill {
            Kill::Token { jti: id, .. } | Kill::Family { sid: id, .. } => {
                bytes.extend_from_slice(&id.get().to_be_bytes());
            }
            Kill::Client { client_id: name, .. }
            | Kill::Tenant { tenant: name, .. }
            | Kill::Subject { sub: name, .. }
            | Kill::Key { kid: name } => bytes.extend_from_slice(name.as_bytes()),
            Kill::All { .. } => {}
        }
        if let Some(end) = self.kill.end() {
            bytes.extend_from_slice(&end.get().to_be_bytes());
        }
        bytes
    }

    /// Reads the canonical bytes of the entry at `sequence`.
    pub fn from_bytes(sequence: Sequence, bytes: &[u8]) -> Result<Self, BadEntry> {
        let (&code, rest) = bytes.split_first().ok_or(BadEntry::Empty)?;
        let kind = Kind::from_code(code).ok_or(BadEntry::UnknownKind { code })?;
        let kill = match kind {
            Kind::Token | Kind::Family => by_id(kind, rest),
            Kind::Key => rest.try_into().ok().map(|kid| Kill::Key { kid: NameMark::from_bytes(kid) }),
            Kind::All => rest.try_into().ok().map(|end| Kill::All { end: minute(end) }),
            Kind::Client | Kind::Tenant | Kind::Subject => by_name(kind, rest),
        };
        let kill = kill.ok_or(BadEntry::Length { kind, bytes: bytes.len() })?;
        Ok(Self { sequence, kill })
    }
}

fn by_id(kind: Kind, rest: &[u8]) -> Option<Kill> {
    let (id, end) = rest.split_first_chunk()?;
    let (id, end) = (IdMark::new(u64::from_be_bytes(*id)), minute(end.try_into().ok()?));
    Some(if kind == Kind::Token { Kill::Token { jti: id, end } } else { Kill::Family { sid: id, end } })
}

fn by_name(kind: Kind, rest: &[u8]) -> Option<Kill> {
    let (name, end) = rest.split_first_chunk()?;
    Kill::from_wide(kind, NameMark::from_bytes(*name), minute(end.try_into().ok()?))
}

const fn minute(bytes: [u8; 4]) -> Minute {
    Minute::new(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests;
