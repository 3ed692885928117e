//! What a session remembers, and its file holds. Pure: bytes in, bytes out.

mod document;

use crate::access_token::AccessToken;
use crate::credentials::Credentials;
use crate::request::TokenRequest;
use chancery_token::{ClientId, SecretKey, UnixTime};
use document::{Document, Head};
use serde_json::error::Category;
use std::fmt;
use url::Url;
use zeroize::Zeroizing;

/// The version of the file that this program writes, and the only one that it reads.
pub(crate) const VERSION: u64 = 1;
/// Longest content of a file. A token has at most 8 KiB; the rest is room for the tokens of other issuers.
pub(crate) const MAX_CONTENT: usize = 64 * 1024;

/// A session: on what terms it was begun, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) terms: Terms,
    pub(crate) state: State,
}

/// What does not change as long as a session lives.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Reached by https, or on this machine: secrets travel there.
    pub(crate) issuer: Url,
    pub(crate) client_id: ClientId,
    pub(crate) credentials: Credentials,
    pub(crate) request: TokenRequest,
    pub(crate) proof: Proof,
    pub(crate) origin: Origin,
}

/// What its tokens are bound to.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a session, and most have a key")]
pub(crate) enum Proof {
    /// A key that is the session's own (RFC 9449).
    Dpop(SecretKey),
    /// Nothing (RFC 6750).
    Bearer,
}

/// Where a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was begun by the client itself.
    Begun,
    /// Another session handed it on: it cannot begin anew.
    Delegated,
}

/// Where a session stands.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// It has tokens.
    Live(Tokens),
    /// It was to be ended, and nobody has confirmed that it is: its tokens are handed out no more.
    Ending(Tokens),
    /// It is over, and has no tokens any more.
    Ended {
        /// What the issuer said.
        reason: String,
        /// When that was heard, by this machine's clock.
        at: UnixTime,
    },
}

/// What was got last.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: AccessToken,
    /// Missing where the issuer gave none: then the client asks by its credentials each time.
    pub(crate) refresh: Option<RefreshToken>,
}

/// A refresh token. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) text: Zeroizing<String>,
    /// By then it must have been used, if the issuer says.
    pub(crate) expires_at: Option<UnixTime>,
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("text", &"***").field("expires_at", &self.expires_at).finish()
    }
}

/// Why bytes are no record. Says nothing of what they are: they may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// What was written is damaged.
    Corrupt(FileDamage),
    /// No program of ours wrote it.
    Foreign,
    /// A program of ours wrote it, of another version.
    OtherVersion(u64),
}

/// What is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileDamage {
    /// It ends too early.
    CutOff {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
    },
    /// A member of it says what cannot be.
    Member(&'static str),
    /// A member is missing, unknown, there twice or not what it is to be.
    Shape {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
    },
    /// It is no JSON (RFC 8259).
    Syntax {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
    },
}

impl fmt::Display for FileDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff { line, column } => write!(f, "it ends at line {line}, column {column}"),
            Self::Member(name) => write!(f, "its member \"{name}\" says what cannot be"),
            Self::Shape { line, column } => write!(
                f,
                "at line {line}, column {column} a member is missing, unknown, repeated or not what it is to be"
            ),
            Self::Syntax { line, column } => write!(f, "it is no JSON at line {line}, column {column}"),
        }
    }
}

impl Record {
    /// Reads the content of a file.
    pub(crate) fn read(content: &[u8]) -> Result<Self, Unfit> {
        match content.trim_ascii_start().first() {
            // Only an object has a member that says whose it is.
            Some(b'{') => {}
            Some(_) => return Err(Unfit::Foreign),
            None => return Err(Unfit::Corrupt(FileDamage::CutOff { line: 1, column: 1 })),
        }
        let head: Head = serde_json::from_slice(content).map_err(damage)?;
        match head.version() {
            Some(VERSION) => {}
            Some(other) => return Err(Unfit::OtherVersion(other)),
            None => return Err(Unfit::Foreign),
        }
        // It is JSON, so what the parser stumbles upon is the kind of a member.
        let document: Document = serde_json::from_slice(content).map_err(|why| {
            Unfit::Corrupt(FileDamage::Shape { line: why.line().max(1), column: why.column().max(1) })
        })?;
        document.record().map_err(|member| Unfit::Corrupt(FileDamage::Member(member)))
    }

    /// The content of its file. May be longer than [`MAX_CONTENT`], when a token is.
    pub(crate) fn write(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it, so that no half of it stays behind when the buffer grows.
        let mut content = Zeroizing::new(Vec::with_capacity(MAX_CONTENT));
        let written = serde_json::to_writer(&mut *content, &Document::of(self));
        debug_assert!(written.is_ok(), "texts and numbers can be written into memory");
        content.push(b'\n');
        content
    }
}

/// What the parser says could quote what it read; where it stood does not.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which passes by value")]
fn damage(why: serde_json::Error) -> Unfit {
    let (line, column) = (why.line().max(1), why.column().max(1));
    Unfit::Corrupt(match why.classify() {
        Category::Data => FileDamage::Shape { line, column },
        Category::Eof => FileDamage::CutOff { line, column },
        Category::Io | Category::Syntax => FileDamage::Syntax { line, column },
    })
}

#[cfg(test)]
pub(crate) mod tests;
