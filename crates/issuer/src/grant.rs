//! Whether a client gets a token, and what it says. Pure decisions, one file per grant type.

mod asked;
mod attach;
pub mod client_credentials;
pub mod exchange;
mod grant_type;
mod narrow;
pub mod refresh;
mod refusal;
mod scopes;

pub use grant_type::{GrantType, UnknownGrantType};
pub use refusal::{GrantRefusal, RefusedScope, WhyRefused};

use chancery_catalog::Product;
use chancery_token::{Claims, Environment};
use std::time::Duration;

/// What an access token is called where tokens are exchanged (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Most scopes in one request. A token of 4 KiB has no room for more of a usual length.
pub const MAX_REQUESTED_SCOPES: usize = 64;

/// What is the same for every token of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `env` of its tokens.
    pub environment: Environment,
    /// The longest life of any of them.
    pub max_lifetime: Duration,
}

/// A yes: what to sign, and for which product.
#[derive(Clone, Debug)]
pub struct Granted<'c> {
    /// What the token says.
    pub claims: Claims,
    /// Its audience; says how the token is written.
    pub product: &'c Product,
}
