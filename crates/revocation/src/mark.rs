//! How entries name what they end.
//!
//! **Ids** are named by their first 8 bytes. They are drawn uniformly by the issuer, so nobody chooses them: with
//! a million entries, one token in eighteen million millions is met by chance, and its client gets another.
//!
//! **Names** of clients, tenants and subjects are named by a truncated hash. The documents lie on dumb caches for
//! anybody to read, and a list of who was cut off, with the addresses of people in it, is nobody else's business. A
//! hash keeps names out of logs and sight; whoever guesses a name can still test the guess, so a deployment whose names
//! are secrets must keep the documents to itself. Names are chosen, by strangers too, so 16 bytes are kept: to make
//! another name with the same hash takes 2^128 tries. The word of the kind goes into the hash: a client never meets an
//! entry about a tenant of the same name.

use crate::kind::Kind;
use chancery_token::encoding::base64url;
use chancery_token::{ClientId, FamilyId, Subject, TenantId, TokenId};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The first 8 bytes of the id of a token or a family, as a big-endian number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdMark(u64);

impl IdMark {
    /// Wraps the number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Marks a `jti`.
    pub const fn of_token(id: TokenId) -> Self {
        Self(first_eight(id.as_bytes()))
    }

    /// Marks a `sid`.
    pub const fn of_family(id: FamilyId) -> Self {
        Self(first_eight(id.as_bytes()))
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for IdMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdMark({:016x})", self.0)
    }
}

/// The first 16 bytes of `SHA-256("chancery-rev:" kind 0x00 name)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameMark([u8; 16]);

impl NameMark {
    /// What entries about everything bear in place of a name.
    pub(crate) const NOBODY: Self = Self([0; 16]);

    /// Wraps 16 bytes of a document.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Marks a client.
    pub fn client(id: &ClientId) -> Self {
        Self::of(Kind::Client, id.as_str())
    }

    /// Marks a tenant.
    pub fn tenant(id: &TenantId) -> Self {
        Self::of(Kind::Tenant, id.as_str())
    }

    /// Marks a subject.
    pub fn subject(subject: &Subject) -> Self {
        Self::of(Kind::Subject, subject.as_str())
    }

    /// Marks a key, by its `kid`.
    pub fn key(kid: &str) -> Self {
        Self::of(Kind::Key, kid)
    }

    /// The mark that a client entry would bear about `subject`, who may be a client.
    pub(crate) fn subject_as_client(subject: &Subject) -> Self {
        Self::of(Kind::Client, subject.as_str())
    }

    fn of(kind: Kind, name: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(b"chancery-rev:")
            .chain_update(kind.as_str())
            .chain_update([0])
            .chain_update(name)
            .finalize();
        let mut mark = [0; 16];
        mark.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(mark)
    }

    /// What it is sorted and looked up by.
    pub(crate) const fn prefix(self) -> u64 {
        first_eight(&self.0)
    }
}

impl fmt::Debug for NameMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameMark({})", base64url(&self.0))
    }
}

const fn first_eight(bytes: &[u8; 16]) -> u64 {
    match bytes.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_marked_by_its_first_eight_bytes() {
        let bytes: [u8; 16] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        assert_eq!(IdMark::of_token(TokenId::from_bytes(bytes)).get(), 0x0001_0203_0405_0607);
        assert_eq!(IdMark::of_family(FamilyId::from_bytes(bytes)).get(), 0x0001_0203_0405_0607);
    }

    #[test]
    fn a_name_is_marked_apart_for_every_kind() {
        let marks = [
            NameMark::client(&"acme".parse().unwrap()),
            NameMark::tenant(&"acme".parse().unwrap()),
            NameMark::subject(&"acme".parse().unwrap()),
            NameMark::key("acme"),
        ];
        for (at, mark) in marks.iter().enumerate() {
            assert!(marks.iter().skip(at + 1).all(|other| other != mark));
        }
        let subject: Subject = "acme".parse().unwrap();
        assert_eq!(marks[0], NameMark::subject_as_client(&subject));
    }

    #[test]
    fn a_mark_is_what_any_sha_256_makes_of_the_name() {
        let hash = Sha256::digest(b"chancery-rev:tenant\0acme");
        assert_eq!(NameMark::tenant(&"acme".parse().unwrap()).as_bytes(), &hash[..16]);
    }
}
