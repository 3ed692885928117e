//! What a token crate is asked by those who mean it ill, and by those who wrote the standards.
#![cfg(test)]

mod claims;
mod dpop;
mod issued;
mod jwt_form;
mod jwt_header;
mod key_documents;
mod kinds;
mod paseto_form;
mod properties;
mod vectors;
mod world;
