//! The shipped binary, run in folders of its own.

mod binary;
mod chancery;
mod folder;
mod http;
mod server;
mod wait;

pub(crate) use chancery::{Chancery, Ran};
pub(crate) use folder::Folder;
pub(crate) use http::Http;
pub(crate) use server::Server;
pub(crate) use wait::until;

/// DocuMint's audience in the built-in catalog.
pub(crate) const AUDIENCE: &str = "https://api.documint.example";
