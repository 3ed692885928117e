//! The signed documents of the log, and the one door through which a text becomes one.

use crate::delta::VerifiedDelta;
use crate::keys::{DocumentSigner, RevocationKeys};
use crate::sequence::Sequence;
use crate::snapshot::VerifiedSnapshot;
use chancery_token::encoding::from_base64url;
use chancery_token::{Malformed, UnixTime, jws};
use serde::Serialize;
use serde::de::Deserialize;
use std::time::Duration;

/// Largest document that is read or signed. A snapshot of four million single revocations has 57 MB.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// How far in the future a document may have been signed: clocks differ. More is a document of another clock, and would
/// look fresh for too long.
pub const FUTURE_TOLERANCE: Duration = Duration::from_mins(1);

/// The largest sequence in a document: JSON numbers are exact everywhere up to here (RFC 8259 section 6).
const LAST_SEQUENCE: Sequence = Sequence::new((1 << 53) - 1);

/// A document whose signature, issuer and contents are in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// All that is revoked.
    Snapshot(VerifiedSnapshot),
    /// What was revoked since; a heartbeat when that is nothing.
    Delta(VerifiedDelta),
}

impl Document {
    /// The instant of the issuer's last successful look at the end of its log, `iat`.
    pub fn confirmed_at(&self) -> UnixTime {
        match self {
            Self::Snapshot(snapshot) => snapshot.confirmed_at(),
            Self::Delta(delta) => delta.confirmed_at(),
        }
    }
}

/// Why a text is no document of the log. Nothing of it is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    /// Over [`MAX_DOCUMENT_BYTES`]; nothing of it was read.
    #[error("the document has {bytes} bytes; at most 67108864 are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No JWS, or not one that its key signed: it was changed on the way, or is something else.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Another kind of document: a token, a proof.
    #[error("the document is of the kind '{typ}', no snapshot or delta of a revocation log")]
    WrongKind {
        /// The value of `typ`, at most 64 characters of it.
        typ: String,
    },
    /// Signed with a key that is not one of the log's: a token key, or a new one that is not known here yet.
    #[error("no key '{kid}' of the revocation log is known")]
    UnknownKey {
        /// The key it names, at most 64 characters of it.
        kid: String,
    },
    /// The payload is not the JSON of such a document: a member is missing, unknown, repeated, or of another type.
    #[error("the claims of the document are not in order: {fault}")]
    Claims {
        /// What the reader says, at most 128 characters of it.
        fault: String,
    },
    /// Of another issuer's log.
    #[error("the document is of another issuer")]
    IssuerMismatch,
    /// `iat` is more than [`FUTURE_TOLERANCE`] ahead of the clock: one of the two clocks is wrong.
    #[error("the document was signed {}s in the future; check the clocks", iat.since(*now).as_secs())]
    FromFuture {
        /// Its `iat`.
        iat: UnixTime,
        /// The clock here.
        now: UnixTime,
    },
    /// Its sequences contradict each other, or are over 2^53.
    #[error("the sequences of the document contradict each other")]
    Sequences,
    /// What it says was revoked cannot be read.
    #[error(transparent)]
    Entries(#[from] BadEntries),
    /// The entries of a delta do not lead from its `prev` to its `head`.
    #[error("the entries of the document do not lead to its head")]
    ChainBroken,
}

/// Why the entries of a document are refused, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEntries {
    /// Not base64url, cut off, with something behind them, or with a number that is too large.
    #[error("the entries '{member}' are cut off or misshapen")]
    Malformed {
        /// The member of the document.
        member: &'static str,
    },
    /// Not in their order.
    #[error("the entries '{member}' are not sorted")]
    Unsorted {
        /// The member of the document.
        member: &'static str,
    },
    /// One stands twice.
    #[error("the entries '{member}' hold one twice")]
    Duplicated {
        /// The member of the document.
        member: &'static str,
    },
    /// Fewer or more than the document says.
    #[error("the document announces {announced} entries and holds {held}")]
    Miscounted {
        /// What it announces.
        announced: u64,
        /// What it holds.
        held: u64,
    },
    /// A sequence that the document does not reach.
    #[error("the entries '{member}' hold a sequence outside of the document")]
    OutOfRange {
        /// The member of the document.
        member: &'static str,
    },
    /// A kind that a later version knows. To step over it would revive what it ends, so nothing further is applied.
    #[error("an entry is of kind {code}, which this version does not know; update it before it falls behind")]
    UnknownKind {
        /// The byte that names the kind.
        code: u8,
    },
}

impl BadDocument {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "document_too_large",
            Self::Malformed(malformed) => malformed.reason(),
            Self::WrongKind { .. } => "document_kind",
            Self::UnknownKey { .. } => "document_key_unknown",
            Self::Claims { .. } => "document_claims",
            Self::IssuerMismatch => "document_issuer_mismatch",
            Self::FromFuture { .. } => "document_from_future",
            Self::Sequences => "document_sequences",
            Self::Entries(entries) => entries.reason(),
            Self::ChainBroken => "chain_broken",
        }
    }
}

impl BadEntries {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "entries_malformed",
            Self::Unsorted { .. } => "entries_unsorted",
            Self::Duplicated { .. } => "entries_duplicated",
            Self::Miscounted { .. } => "entries_miscounted",
            Self::OutOfRange { .. } => "entries_out_of_range",
            Self::UnknownKind { .. } => "entry_kind_unknown",
        }
    }
}

/// A document would be larger than anybody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the document would have {bytes} bytes, and verifiers read 67108864 at most: revoke by client or tenant"
)]
pub struct DocumentTooLarge {
    /// The size it would have.
    pub bytes: usize,
}

impl DocumentTooLarge {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        "document_too_large"
    }
}

impl RevocationKeys {
    /// Checks size, form, kind, key, signature, `iss`, `iat` and contents of `text`, in that order. `issuer` is compared
    /// byte for byte.
    pub fn open(&self, text: &str, issuer: &str, now: UnixTime) -> Result<Document, BadDocument> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(BadDocument::TooLarge { bytes: text.len() });
        }
        let compact = jws::Compact::parse_at_most(text, MAX_DOCUMENT_BYTES)?;
        let header = compact.header();
        let typ = header.typ.as_deref().ok_or(Malformed::TypeMissing)?;
        let read = match typ {
            crate::snapshot::TYP => {
                |payload: &[u8], asked| VerifiedSnapshot::read(payload, asked).map(Document::Snapshot)
            }
            crate::delta::TYP => {
                |payload: &[u8], asked| VerifiedDelta::read(payload, asked).map(Document::Delta)
            }
            other => return Err(BadDocument::WrongKind { typ: excerpt(other, 64) }),
        };
        let kid = header.kid.as_deref().ok_or(Malformed::KidMissing)?;
        let key = self.key(kid).ok_or_else(|| BadDocument::UnknownKey { kid: excerpt(kid, 64) })?;
        let payload = compact.verify(key)?;
        read(&payload, Asked { issuer, now })
    }
}

/// What a payload is checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    issuer: &'a str,
    now: UnixTime,
}

impl Asked<'_> {
    /// The instant of a document of the right issuer, not in the future.
    pub(crate) fn accept(&self, iss: &str, iat: u64) -> Result<UnixTime, BadDocument> {
        let iat = UnixTime::from_secs(iat);
        if iss != self.issuer {
            Err(BadDocument::IssuerMismatch)
        } else if iat > self.now.plus(FUTURE_TOLERANCE) {
            Err(BadDocument::FromFuture { iat, now: self.now })
        } else {
            Ok(iat)
        }
    }
}

/// Reads a payload: one flat object whose members are known, and none twice.
pub(crate) fn claims<'p, C: Deserialize<'p>>(payload: &'p [u8]) -> Result<C, BadDocument> {
    // A list of the values would be read as well.
    if payload.first() != Some(&b'{') {
        return Err(BadDocument::Claims { fault: "not an object".to_owned() });
    }
    serde_json::from_slice(payload)
        .map_err(|fault| BadDocument::Claims { fault: excerpt(&fault.to_string(), 128) })
}

/// Whether each sequence is at most the next, and all fit a JSON number.
pub(crate) fn ascending(sequences: &[Sequence]) -> Result<(), BadDocument> {
    let sorted = sequences.is_sorted() && sequences.last().is_none_or(|last| *last <= LAST_SEQUENCE);
    if sorted { Ok(()) } else { Err(BadDocument::Sequences) }
}

pub(crate) fn decode(member: &'static str, text: &str) -> Result<Vec<u8>, BadEntries> {
    from_base64url(text).ok_or(BadEntries::Malformed { member })
}

impl DocumentSigner {
    #[expect(
        clippy::expect_used,
        reason = "the claims are structs of text and whole numbers, which JSON can always say"
    )]
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, DocumentTooLarge> {
        let header = format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{}"}}"#, self.kid());
        let payload = serde_json::to_vec(claims).expect("claims can be written to memory");
        let text = jws::sign(&header, &payload, &*self.signer);
        if text.len() > MAX_DOCUMENT_BYTES { Err(DocumentTooLarge { bytes: text.len() }) } else { Ok(text) }
    }
}

fn excerpt(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(most).collect()
}
