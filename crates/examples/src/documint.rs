//! DocuMint makes PDF invoices for other companies. Each company is a tenant; creating, reading, deleting and
//! exporting are four scopes, and the account is administered apart from all of them.
//!
//! | file | what it shows |
//! | --- | --- |
//! | `documint/catalog.toml` | what may be asked for, in sentences, and templates for the jobs there are |
//! | `documint/clients/*.toml` | five clients, one for each job, each with its reasons and its bounds |
//! | `documint/routes.rs` | every route with the scope that the guard asks for, in one table |
//! | `documint/archive.rs` | the records; none leaves before the token was held against it |
//! | `bin/documint.rs` | the program: `cargo run --release --bin documint -- --help` |
//!
//! The guard asks for the scope, once, where the route stands; the archive asks for the record (rule R40). Whether
//! another tenant has a record is not told: numbers show whose they are (`A-1`), so the answer is the same for one
//! that exists and one that does not.

mod account;
mod archive;
mod customer;
mod draft;
mod invoice;
mod pdf;
mod refusal;
mod routes;
mod samples;
mod series;
mod serving;
mod template;

pub use account::{Account, Plan};
pub use archive::Archive;
pub use customer::Customer;
pub use draft::{Draft, MAX_LINES};
pub use invoice::{Invoice, Line};
pub use refusal::Refusal;
pub use routes::{routes, service};
pub use serving::{DRAIN, serve, serve_until};
pub use template::Template;

/// What DocuMint's clients may ask for, as `catalog.toml` of an issuer.
pub const CATALOG: &str = include_str!("documint/catalog.toml");
/// DocuMint's audience in that catalog.
pub const AUDIENCE: &str = "https://api.documint.example";
/// The clients of this example by id, as files for `chancery client create --file`.
pub const CLIENTS: [(&str, &str); 5] = [
    ("support-tool", include_str!("documint/clients/support-tool.toml")),
    ("invoice-robot", include_str!("documint/clients/invoice-robot.toml")),
    ("housekeeper", include_str!("documint/clients/housekeeper.toml")),
    ("print-shop", include_str!("documint/clients/print-shop.toml")),
    ("account-admin", include_str!("documint/clients/account-admin.toml")),
];
