//! Worked examples: small services that are guarded by Chancery tokens, to read, to run and to copy from.
//!
//! They know the verifier and the client, and nothing of the issuer: so will your services.

pub mod documint;
pub mod program;
pub mod summarizer;

/// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So do the programs in the guides.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/first-service.md")]
struct FirstService;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/bound-tokens.md")]
struct BoundTokens;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/revocation.md")]
struct RevocationGuide;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/agents.md")]
struct AgentsGuide;
