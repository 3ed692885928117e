//! The follower of keys and of the revocation log, against an issuer that answers over real HTTP.

mod discovery;
mod disk;
mod documents;
mod log;
mod logs;
mod metrics;
mod office;
mod outage;
mod readiness;
mod refresh;
mod setup;
mod storm;
mod world;
