//! `chancery gate`, as whoever runs it meets it.

mod asker;
mod doors;
mod ending;
mod faults;
mod issuer_away;
mod reload;
mod told;
mod world;
