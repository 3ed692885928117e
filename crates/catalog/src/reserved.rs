//! Names that belong to the issuer itself.

use crate::administration;
use crate::catalog::Catalog;
use crate::error::{CatalogError, Fault};

/// The product of the issuer's own administration. No catalog may use the name.
pub const ADMIN_PRODUCT: &str = "chancery";

/// The audience of the administration of `issuer`.
pub fn admin_audience(issuer: &str) -> String {
    format!("{}/admin", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// The catalog with the administration of `issuer` as its last product. A token whose audience is the issuer would
/// be restricted to nothing in particular (rule ), so no other product may have it.
pub(crate) fn served_by(mut catalog: Catalog, issuer: &str) -> Result<Catalog, Vec<CatalogError>> {
    catalog.products.retain(|product| !product.is_administration());
    let admin = admin_audience(issuer);
    let bare = |url: &str| url.strip_suffix('/').unwrap_or(url).to_owned();
    let taken = |audience: &str| bare(audience) == bare(issuer) || bare(audience) == admin;
    let faults: Vec<CatalogError> = catalog
        .products
        .iter()
        .filter(|product| taken(&product.audience))
        .map(|product| CatalogError {
            file: catalog.file.clone(),
            line: product.audience_line,
            fault: Fault::Reserved { what: "the audience", value: product.audience.clone() },
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    catalog.products.push(administration::product(admin));
    Ok(catalog)
}
