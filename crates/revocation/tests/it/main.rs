//! The log as issuers and verifiers use it.
#![cfg(test)]

mod documents;
mod follow;
mod judge;
mod log;
mod model;

mod recover;
mod sizes;
mod vectors;

mod world;
