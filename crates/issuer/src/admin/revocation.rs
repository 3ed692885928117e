//! Something is revoked: what is asked for, who breaks, and what is told of the log.

mod breaks;
mod draft;
mod durability;
mod receipts;
mod slip;
mod status;
mod target;
mod view;

pub use draft::{PresentedToken, RevocationDraft};
pub use durability::LogDurability;
pub use receipts::{ReceiptView, ReceiptsView};
pub use status::{EntriesView, LogFaultView, RevocationStatusView, VerifiersView};
pub use view::{BreaksView, BrokenView, RevocationView};

pub(super) use breaks::Breaks;
pub(super) use draft::{Aim, REFRESH_EPOCH};
pub(super) use target::Target;
