//! Papers: the service that keeps the documents. It takes tokens that are bound to a key, each with a proof.

mod bill;
mod document;
mod routes;
mod samples;
mod shelves;

pub use bill::{Bill, Plan};
pub use document::{Document, Title};
pub use routes::{routes, service};
pub use shelves::Shelves;
