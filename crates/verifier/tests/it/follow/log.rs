//! The revocation log, followed over real HTTP.

mod compressed;
mod discovery;
mod disk;
mod documents;
mod hurry;
mod introduced;
mod news;
mod outage;
pub(super) mod world;
