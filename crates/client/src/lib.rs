//! How is a token got? A client-credentials client (RFC 6749 section 4.4) with a cache in the process.
//!
//! ```no_run
//! use chancery_client::{AuthorizationServer, Client, Secret, TokenRequest};
//! use chancery_token::scope;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = AuthorizationServer::issuer("https://auth.example.com")?;
//! let secret = Secret::read_file("/run/secrets/billing-sync")?;
//! let client = Client::new(server, "billing-sync".parse()?, secret)?;
//!
//! let invoices = TokenRequest::new().scope(scope!("invoices:read")).resource("https://api.example.com");
//! let token = client.token(&invoices).await?; // from the cache until half of its life is over
//! let header = token.authorization(); // "Bearer …", wiped from memory when dropped
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here tries again on its own. [`RequestError::kind`] says whether trying again can help, and
//! [`RequestError::retry_after`] when.

mod access_token;
mod cache;
mod client;
mod error;
mod flight;
mod http;
mod metadata;
mod request;
mod secret;
mod server;

pub use access_token::AccessToken;
pub use client::{Client, DEFAULT_MIN_TTL};
pub use error::{ErrorKind, InvalidSetup, Refusal, RequestError};
pub use request::TokenRequest;
pub use secret::{Secret, UnreadableSecret};
pub use server::{AuthorizationServer, InvalidUrl};
