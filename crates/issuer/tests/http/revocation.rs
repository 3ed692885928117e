//! The revocation log as it is published: by the real issuer behind a real socket, and followed by a real verifier.

mod clock;
mod documents;
mod follow;
mod office;
mod questions;
mod receipts;
mod storm;
