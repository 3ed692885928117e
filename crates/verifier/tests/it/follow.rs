//! The key follower, against an issuer that answers over real HTTP.

mod discovery;
mod disk;
mod documents;
mod logs;
mod office;
mod outage;
mod refresh;
mod setup;
mod storm;
mod world;
