//! What the verifier promises, over its public API.

#![cfg(test)]

mod core;
mod follow;
mod gate;
mod guard;
mod verdicts;
