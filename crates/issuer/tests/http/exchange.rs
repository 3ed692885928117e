//! Token exchange over HTTP, end to end (RFC 8693).

mod ahead;
mod bound;
mod delegate_expires_in;
mod described;
mod dying;
mod handing;
mod own;
mod refusals;
mod world;
