//! What no longer counts: the revocation log.
//!
//! One totally ordered log per issuer. Every token carries, as `rvs`, the sequence that its issuer had applied when it
//! decided; a kill by name at sequence `S` ends every matching token below `S`. So no clock has a say, and an issuer that
//! was cut off cannot issue around a revocation that it has not seen.
//!
//! - An issuer holds a [`Log`]: it appends [`Kill`]s, compares itself with its store, and moves the floor.
//! - It signs what it publishes with a [`DocumentSigner`]: a snapshot, and deltas, of which an empty one is a heartbeat.
//! - A verifier opens them with [`RevocationKeys::open`], keeps what it knows in a [`Follow`], and asks that about every
//!   token, by its [`TokenMarks`].
//! - What a store lost, [`recover`] puts together from what everybody holds.
//!
//! Nobody ever un-revokes: no document, in whatever order, takes anything back. What is old enough is forgotten below the
//! floor, where every token is refused.
//!
//! Pure: no clock, no I/O, no randomness. `docs/PROTOCOL.md` says what the documents are, byte by byte.

mod chain;
mod delta;
mod document;
mod entry;
mod filter;
mod floor;
mod follow;
mod freshness;
mod ids;
mod index;
mod keys;
mod kind;
mod log;
mod log_id;
mod mark;
mod minute;
mod outcome;
mod recover;
mod sequence;
mod set;
mod snapshot;
mod standing;
mod token_marks;
mod trail;
mod varint;
mod verdict;
mod wide;
mod wide_records;

pub use chain::{Head, Position};
pub use delta::{Delta, VerifiedDelta};
pub use document::{
    BadDocument, BadEntries, Document, DocumentTooLarge, FUTURE_TOLERANCE, MAX_DOCUMENT_BYTES,
};
pub use entry::{BadEntry, Entry, Kill};
pub use floor::Retention;
pub use follow::{Follow, Restored};
pub use freshness::{Freshness, Moment};
pub use keys::{DocumentSigner, RevocationKeyDocument, RevocationKeys, SharedKey};
pub use kind::Kind;
pub use log::{Batch, DamagedLog, Log, LogFull, Loss, MAX_IDS, Meeting, Passage, Plan, Stored};
pub use log_id::LogId;
pub use mark::{IdMark, NameMark};
pub use minute::Minute;
pub use outcome::{Keep, NeedSnapshot, Outcome};
pub use recover::{Decision, Doubt, Issuers, OnUnprovableLoss, Recovered, Survivor, Trace, recover};
pub use sequence::{LOG_GAP, Sequence};
pub use set::RevokedSet;
pub use snapshot::VerifiedSnapshot;
pub use standing::{Ended, Standing};
pub use token_marks::TokenMarks;
pub use verdict::{Behind, Over, Unknown, Verdict};
