//! The revocation log as an issuer holds it: over real stores, with clocks that stand still.
#![cfg(test)]

mod contention;
mod joining;
mod journal;
mod looking;
mod losing;
mod recovering;
mod steered;
mod trimming;
mod world;
mod writing;
