//! Token exchange over HTTP, end to end (RFC 8693).

mod ahead;
mod bound;
mod described;
mod dying;
mod handing;
mod refusals;
mod world;
