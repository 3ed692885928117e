//! The shared store: one database of a Redis, for any number of issuers of one name.
//!
//! Every verb is one script, so it happens whole or not at all. Every script declares its keys, which share one
//! hash tag. Every command also says whose store it expects: a database that was emptied or exchanged while it was
//! in use is a fault, and never an answer about a client.

mod connect;
mod durable;
mod examine;
mod family;
mod fault;
mod keys;
mod link;
mod log;
mod open;
mod reply;
mod scripts;
mod verbs;

pub use open::RedisFault;

use crate::config::RedisUrl;
use link::Link;
use std::fmt;
use std::sync::OnceLock;

/// A store in one database of a Redis.
pub struct RedisStore {
    address: RedisUrl,
    link: Link,
    /// The revocation log of the issuer whose store this is, once it was seen here.
    owner: OnceLock<String>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisStore({})", self.address)
    }
}

#[cfg(test)]
mod tests;
