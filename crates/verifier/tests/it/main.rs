//! What the verifier promises, over its public API.

#![cfg(test)]

mod follow;
mod core;
mod guard;
