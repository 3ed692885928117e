//! The whole router in process: the real store in a folder of its own, a clock that stands until it is moved.
#![cfg(test)]

mod admin_bodies;
mod admin_caller;
mod admin_clients;
mod admin_desk;
mod admin_faults;
mod admin_gate;
mod admin_log;
mod admin_revocations;
mod admin_revocations_faults;
mod admin_secrets;
mod admin_socket;
mod agreeing;
mod captured;
mod client_authentication;
mod client_credentials;
mod described;
mod desk;
mod form;
mod health;
mod introspect;
mod keys;
mod known_clients;
mod metadata;
mod metrics;
mod openapi;
mod presenting;
mod revocation;
mod revocation_log;
mod revoke;
mod revoke_faults;
mod scopes_page;
mod secrecy;
mod serving;
mod watched;
