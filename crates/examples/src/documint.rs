//! DocuMint makes PDF invoices for other companies. Each company is a tenant; creating, reading, deleting and
//! exporting are four scopes, and the account is administered apart from all of them.
//!
//! The guard asks for the scope, once, where the route stands; the handler asks for the record.

mod account;
mod archive;
mod invoice;
mod refusal;
mod routes;

pub use archive::Archive;
pub use invoice::Invoice;
pub use refusal::Refusal;
pub use routes::{routes, service};

/// What DocuMint's clients may ask for, as `catalog.toml` of an issuer.
pub const CATALOG: &str = include_str!("documint/catalog.toml");
/// DocuMint's audience in that catalog.
pub const AUDIENCE: &str = "https://api.documint.example";

/// Serves the guarded service, until the task is dropped.
///
/// # Errors
/// As [`axum::serve()`]: none that can be recovered from.
pub async fn serve(
    listener: tokio::net::TcpListener,
    service: chancery_verifier::guard::Guarded,
) -> std::io::Result<()> {
    axum::serve(listener, service).await
}
