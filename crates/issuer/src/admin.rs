//! Administration: who registers, changes and switches off clients, what they must say, and what they may not do.
//!
//! The same use cases stand behind the admin API and behind the command on the issuer's own machine. They differ
//! in who acts: an [`Authority`]. Nobody grants beyond themselves, and the last administrator stays.

mod authority;
mod covering;
mod desk;
mod draft;
mod effect;
mod end;
mod exposure;
mod fault;
mod filter;
mod first;
mod keeper;
mod keys;
mod narrowing;
mod pages;
mod patch;
mod refusal;
mod resolve;
mod revocation;
mod rights;
mod view;

#[cfg(test)]
mod tests;

pub use authority::Authority;
pub use desk::{Defaults, Desk, ListedClients, NewClient, NewSecret};
pub use draft::{ClientDraft, GrantDraft, RefreshDraft};
pub use effect::{Changed, Effect};
pub use exposure::Exposure;
pub use fault::DraftFault;
pub use filter::{ClientFilter, Standing, UnknownStanding};
pub use first::{FIRST_ADMIN, first, reset};
pub use keys::{KeyDesk, NotRotated};
pub use patch::ClientPatch;
pub use refusal::AdminRefusal;
pub use revocation::{
    BreaksView, BrokenView, EntriesView, LogDurability, LogFaultView, PresentedToken, ReceiptView,
    ReceiptsView, RevocationDraft, RevocationStatusView, RevocationView, VerifiersView,
};
pub use view::{ClientView, DisabledView, KeyTimesView, KeyView, RotationView, SecretView, UnreadableView};
