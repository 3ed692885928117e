//! The revocation log as an issuer holds it: over real stores, with clocks that stand still.
#![cfg(test)]

mod begun_again;
mod clocks;
mod contention;
mod joining;
mod journal;
mod journal_file;
mod looking;
mod losing;
mod recovering;
mod settling;
mod steered;
mod trimming;
mod world;
mod writing;
