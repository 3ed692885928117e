//! Who may have a token? The issuer: clients, keys, stores, grants, HTTP.
//!
//! One issuer signs for one environment, from one store, with one set of keys. Several processes may be that
//! issuer together: what they share is in the [`store`].

pub mod admin;
mod assertion;
mod audit;
pub mod client;
pub mod config;
mod credential;
mod dpop_nonces;
pub mod family;
pub mod grant;
mod http;
pub mod issuer;
pub mod judge;
pub mod keyring;
pub mod master_key;
mod metrics;
pub mod revocation;
pub mod secret;
pub mod serve;
pub mod store;

pub use http::Route;
pub use issuer::Issuer;
pub use serve::{Drained, serve};

#[cfg(test)]
mod scratch;
