//! Names that belong to the issuer itself.

use crate::catalog::Catalog;
use crate::error::{CatalogError, Fault};

/// The product of the issuer's own administration. No catalog may use the name.
pub const ADMIN_PRODUCT: &str = "chancery";

/// The audience of the administration of `issuer`.
pub fn admin_audience(issuer: &str) -> String {
    format!("{}/admin", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// A token whose audience is the issuer would be restricted to nothing in particular (rule ).
pub(crate) fn check(catalog: Catalog, issuer: &str) -> Result<Catalog, Vec<CatalogError>> {
    let admin = admin_audience(issuer);
    let taken = |audience: &str| {
        let bare = |url: &str| url.strip_suffix('/').unwrap_or(url).to_owned();
        bare(audience) == bare(issuer) || bare(audience) == admin
    };
    let faults: Vec<CatalogError> = catalog
        .products
        .iter()
        .filter(|product| taken(&product.audience))
        .map(|product| CatalogError {
            file: catalog.file.clone(),
            line: product.line,
            fault: Fault::Reserved { what: "the audience", value: product.audience.clone() },
        })
        .collect();
    if faults.is_empty() { Ok(catalog) } else { Err(faults) }
}
