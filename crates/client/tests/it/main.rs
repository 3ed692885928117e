//! The client against real HTTP: an endpoint that answers, lies, waits and fails as a test tells it to.

#![cfg(test)]

mod endpoint;

mod cache;
mod errors;
mod wire;
