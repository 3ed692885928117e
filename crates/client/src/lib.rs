//! How is a token got, and kept?
//!
//! Three ways, each for another program:
//!
//! | | who has the credentials | what it is for |
//! | --- | --- | --- |
//! | [`Session`] | this program | one kind of token for days: bound to a key (RFC 9449), renewed ahead, shared by processes |
//! | [`Agent`] | an agent on this machine | the same for programs that hold no credentials: they ask over a Unix socket |
//! | [`Client`] | this program | many kinds of bearer tokens by client credentials, with a cache in the process |
//!
//! A session is begun once and opened by every process that shares it:
//!
//! ```no_run
//! use chancery_client::{
//!     AuthorizationServer, Binding, Credentials, Secret, Session, Setup, TokenRequest, World,
//! };
//! use chancery_token::scope;
//! use std::path::Path;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let setup = Setup {
//!     issuer: AuthorizationServer::issuer("https://auth.example.com")?,
//!     client_id: "summarizer".parse()?,
//!     credentials: Credentials::Secret(Secret::read_file("/run/secrets/summarizer")?),
//!     request: TokenRequest::new().scope(scope!("documents:read")),
//!     binding: Binding::Dpop,
//! };
//! let file = Path::new("/var/lib/summarizer/session.json");
//! let session = Session::open_or_begin(file, setup, World::system()).await?;
//! // Calls renew. Where minutes pass without any, this does: then no outage of the issuer meets an old token.
//! let kept = session.clone();
//! tokio::spawn(async move { kept.keep_fresh().await });
//!
//! let url = "https://api.example.com/documents/1".parse()?;
//! let token = session.token().await?; // at hand, but for once in a while
//! let with = session.authorize(&token, "GET", &url, None)?;
//! let mut request = reqwest::Client::new().get(url).header("authorization", with.authorization.as_str());
//! if let Some(proof) = with.dpop {
//!     request = request.header("dpop", proof);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A program that was started by `chancery agent exec`, or that knows where `chancery agent serve` listens, has less to say:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let agent = chancery_client::Agent::of_environment(|name| std::env::var(name).ok())?;
//! let url = "https://api.example.com/documents/1".parse()?;
//! let (token, with) = agent.authorize("GET", &url, None).await?;
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `middleware`, a client of `reqwest` does all of this by itself (`Authorized`): it adds token and proof,
//! answers a server that wants a nonce, and asks for another token after a 401.
//!
//! And many kinds of tokens in one process:
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
//! let token = client.token(&invoices).await?; // from the cache until it is time for the next
//! let header = token.authorization(); // "Bearer …", wiped from memory when dropped
//! # Ok(())
//! # }
//! ```
//!
//! A request is never sent again within a call, but for a nonce, or where a session has to begin anew; sessions try again
//! with the next call, as late as the issuer asks. [`RequestError::kind`] and [`SessionError::kind`] say whether trying again can help, `retry_after` when.

mod access_token;
#[cfg(unix)]
mod agent;
mod binding;
mod cache;
mod client;
mod credentials;
mod due;
mod error;
mod flight;
mod granted;
mod http;
mod metadata;
#[cfg(all(unix, feature = "middleware"))]
mod middleware;
mod request;
mod secret;
mod server;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod tokens;
#[cfg(unix)]
mod wire;
mod world;

/// What a client is called, and what its tokens are good for.
pub use chancery_token::{ClientId, Scope, scope};

pub use access_token::AccessToken;
#[cfg(unix)]
pub use agent::{Agent, AgentFault, InvalidSocket, TOKEN_URL, token_url};
pub use binding::Binding;
pub use client::{Client, DEFAULT_MIN_TTL};
pub use credentials::{ClientKey, Credentials, NotAKey, UnreadableKey};
pub use error::{ErrorKind, InvalidSetup, Refusal, RequestError};
#[cfg(all(unix, feature = "middleware"))]
pub use middleware::Authorized;
pub use request::TokenRequest;
pub use secret::{Secret, UnreadableSecret};
pub use server::{AuthorizationServer, InvalidUrl};
#[cfg(all(unix, feature = "testing"))]
pub use session::testing;
#[cfg(unix)]
pub use session::{
    Authorization, Delegation, Ended, FileDamage, FileFault, FileOrFolder, Phase, Place, Replace, Session,
    SessionError, Setup, Standing, Trouble,
};
#[cfg(unix)]
pub use tokens::Tokens;
pub use world::World;
