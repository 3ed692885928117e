//! Whole-system tests: real processes, real HTTP, real files.
#![cfg(test)]

mod support;

mod cli_client;
mod cli_init;
mod cli_inspect;
mod cli_key;
mod cli_request;
mod cli_secrets;
mod cli_serve;
mod cli_serve_broken;
mod cli_serve_killed;
mod cli_verify;
mod cli_verify_signature;
mod demo;
