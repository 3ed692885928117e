//! `chancery agent`: the shipped binary beside a running issuer.

mod away;
mod delegate;
mod exec;
mod faults;
mod key;
mod library;
mod login;
mod proxy;
mod python;
mod secrets;
mod serve;
mod signals;
mod socket;
mod token;
mod upstream;
mod world;
