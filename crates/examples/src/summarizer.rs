//! A summarizer: an agent that reads documents all day and sums them up, and the service that keeps them.
//!
//! | file | what it shows |
//! | --- | --- |
//! | `summarizer/catalog.toml` | documents and billing, two resources: who reads the one has nothing to do with the other |
//! | `summarizer/clients/*.toml` | the agent, bound to a key and to one folder; and a bookkeeper |
//! | `summarizer/papers.rs` | Papers, the service: routes that take tokens with proofs (DPoP), records held against tokens |
//! | `summarizer/reader.rs` | a document is opened: the middleware of the client brings token and proof |
//! | `summarizer/crew.rs` | workers, each with a session of its own that one of them can lose alone |
//! | `summarizer/summary.rs` | what a document comes to |
//! | `python/summarizer_worker.py` | the same worker in Python, by `chancery agent exec`, without a library |
//!
//! A document may say what it likes: the reader follows what it refers to, and the token decides what opens.
//! `docs/guides/summarizer.md` runs all of it.

pub mod papers;

mod crew;
mod reader;
mod report;
mod summary;
mod worker;

pub use crew::{AllOver, Crew};
pub use report::{Report, Said};
pub use summary::{Found, Reference, Summary};

/// What Papers' clients may ask for, as `catalog.toml` of an issuer.
pub const CATALOG: &str = include_str!("summarizer/catalog.toml");
/// Papers' audience in that catalog.
pub const AUDIENCE: &str = "https://api.papers.example";
/// The clients of this example by id, as files for `chancery client create --file`.
pub const CLIENTS: [(&str, &str); 2] = [
    ("summarizer", include_str!("summarizer/clients/summarizer.toml")),
    ("bookkeeper", include_str!("summarizer/clients/bookkeeper.toml")),
];
