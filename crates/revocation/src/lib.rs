//! What no longer counts: the names of the revocation log.
//!
//! A log has an id and a sequence. Every token carries, as `rvs`, the sequence that its issuer had applied when
//! it decided; a wide entry at sequence `S` ends every matching token below `S`. Pure: no clock, no I/O.

mod log;
mod sequence;

pub use log::LogId;
pub use sequence::{LOG_GAP, Sequence};
