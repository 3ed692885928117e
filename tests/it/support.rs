//! The shipped binary, run in folders of its own.

mod administered;
mod agent;
mod binary;
mod chancery;
mod documint;
mod folder;
mod gate;
mod http;
mod interrupted;
mod kept;
mod local_http;
mod metrics;
mod moved_clock;
mod office;
mod preload;
mod refresher;
mod running;
mod server;
mod wait;

pub(crate) use administered::Administered;
pub(crate) use agent::Agent;
pub(crate) use chancery::{Chancery, Ran};
pub(crate) use documint::Documint;
pub(crate) use folder::Folder;
pub(crate) use gate::Gate;
pub(crate) use http::{Answer, Http};
pub(crate) use kept::{family, owed};
pub(crate) use local_http::LocalHttp;
pub(crate) use metrics::counted;
pub(crate) use moved_clock::MovedClock;
pub(crate) use office::{Office, Told};
pub(crate) use preload::compiled;
pub(crate) use refresher::{Pair, Refresher};
pub(crate) use server::Server;
pub(crate) use wait::{found_within, until, within};

/// DocuMint's audience in the built-in catalog.
pub(crate) const AUDIENCE: &str = "https://api.documint.example";
