//! Administration over the real store.

mod beyond;
mod contention;
mod drafts;
mod first_admin;
mod last_admin;
mod life;
mod listing;
mod neighbour;
mod patches;
mod sequences;
mod told;
mod world;
