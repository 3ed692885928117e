//! Refresh families over HTTP, end to end: an issuer, its store, its revocation log.

mod answers;
mod bad_input;
mod crowds;
mod ending;
mod epochs;
mod faults;
mod introspecting;
mod keyed;
mod replaying;
mod silence;
mod world;
