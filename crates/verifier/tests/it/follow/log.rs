//! The revocation log, followed over real HTTP.

mod discovery;
mod disk;
mod documents;
mod hurry;
mod news;
mod outage;
mod world;
