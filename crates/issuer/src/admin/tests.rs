//! Administration over the real store.

mod beyond;
mod contention;
mod drafts;
mod ending;
mod first_admin;
mod last_admin;
mod life;
mod listing;
mod narrowing;
mod neighbour;
mod patches;
mod proofs;
mod revoking;
mod sequences;
mod told;
mod world;
