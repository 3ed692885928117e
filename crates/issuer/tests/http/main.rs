//! The whole router in process: the real store in a folder of its own, a clock that stands until it is moved.
#![cfg(test)]

mod captured;
mod client_authentication;
mod client_credentials;
mod desk;
mod form;
mod health;
mod keys;
mod known_clients;
mod metadata;
mod metrics;
mod scopes_page;
mod secrecy;
mod serving;
mod watched;
