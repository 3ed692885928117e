//! What may be asked for: products, their resources and actions, and for each scope its sentence, owner and risk.
//!
//! Pure: text goes in, a [`Catalog`] or every fault of the text at once comes out. A catalog that exists is in
//! good order, so nobody checks it again.
//!
//! ```
//! let text = r#"
//! [product.documint]
//! title = "DocuMint"
//! audience = "https://api.documint.example"
//!
//! [product.documint.resource.invoices.action.read]
//! sentence = "Can view invoices of the projects this app manages."
//! owner = "billing"
//! risk = "read"
//! "#;
//! let catalog = chancery_catalog::Catalog::parse(text, "catalog.toml").unwrap();
//! let product = catalog.product("https://api.documint.example").unwrap();
//! assert_eq!(product.scope("invoices:read").unwrap().risk(), chancery_catalog::Risk::Read);
//! ```

mod administration;
mod catalog;
mod error;
mod lint;
mod nearest;
mod product;
mod read;
mod reserved;
mod routes;
mod scope_entry;
mod template;
mod view;

pub use catalog::Catalog;
pub use error::{CatalogError, Fault};
pub use lint::{Finding, RULES, RuleText, lint};
pub use product::{AxisKind, Product, Resource};
pub use reserved::{ADMIN_PRODUCT, admin_audience};
pub use routes::{Route, RouteFinding, RouteTable, RouteTableFault, check_routes};
pub use scope_entry::{Approval, Found, Risk, ScopeEntry};
pub use template::{Template, TemplateGrant};
pub use view::{CatalogView, ProductView, TemplateView};
