//! The issuer's side of the revocation log: appended by compare-and-set, followed, published as signed documents.
//!
//! What an entry means, and whether a log is the one that was known, is decided in `chancery-revocation`; here bytes
//! move between it, the store and the wire.

mod fault;
pub mod introspect;
mod journal;
mod log;
mod own_keys;
mod publish;
mod receipts;
pub mod recover;
pub mod revoke;
mod settings;

pub use fault::{AppendFault, Blind, ClockJumped, LogFault};
pub use log::{Appended, Applying, BeforeApplied, Figures, LogState, RevocationLog};
pub use own_keys::OwnKeys;
pub use publish::Publisher;
pub(crate) use publish::{Edition, SNAPSHOT_LIFETIME, Signed, Undeliverable};
pub use receipts::{Connected, Reach, Receipt, Receipts};
pub use settings::{Journaling, LONGEST_FAMILY, LogSettings, SKEW};
