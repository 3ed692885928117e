//! The client against real HTTP: an endpoint that answers, lies, waits and fails as a test tells it to.

#![cfg(test)]

mod endpoint;
mod local_agent;
#[cfg(unix)]
mod office;
mod service;

mod agent;
mod cache;
mod errors;
mod middleware;
#[cfg(unix)]
mod session;
mod wire;
