//! Whole-system tests: real processes, real HTTP, real files.
#![cfg(test)]

mod support;

mod agent_command;
mod cli_admin;
mod cli_broken_store;
mod cli_catalog;
mod cli_client;
mod cli_client_file;
mod cli_client_key;
mod cli_client_remote;
mod cli_in_doubt;
mod cli_init;
mod cli_inspect;
mod cli_key;
mod cli_killed;
mod cli_request;
mod cli_rev_drill;
mod cli_rev_leaked;
mod cli_rev_recover;
mod cli_rev_revoke;
mod cli_rev_status;
mod cli_rev_verify;
mod cli_secret;
mod cli_secrets;
mod cli_serve;
mod cli_serve_broken;
mod cli_serve_killed;
mod cli_verify;
mod cli_verify_signature;
mod demo;
mod families;
mod gate_command;
mod gate_nginx;
mod killed_while_writing;
mod python_follower;
mod redis_faults;
mod revocation;
mod s1_documint;
mod s1_two_issuers;
mod s7_summarizer;
mod swallowing_proxy;
mod two_issuers;
mod walk;
