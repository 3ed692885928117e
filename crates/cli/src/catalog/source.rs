//! Which catalog, and which product of it.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::local::{ConfigFile, catalog_failure};
use chancery_catalog::{Catalog, Product};
use std::path::Path;

/// The catalog of `file`, else the one that the configuration names. A file that is named stands for itself: it has
/// no issuer, and so no administration.
pub(super) fn read(file: Option<&Path>, config: &ConfigFile) -> Result<Catalog, Failure> {
    let Some(path) = file else { return Ok(config.read()?.catalog) };
    let text = std::fs::read_to_string(path).map_err(|why| {
        let message = format!("the catalog {} cannot be read: {why}", path.display());
        Failure::new(Exit::Config, "catalog_unreadable", message)
            .fix("Name the catalog's file, or none for the one that is configured.")
    })?;
    Catalog::parse(&text, &path.display().to_string()).map_err(|faults| catalog_failure(&faults))
}

/// The product of this name.
pub(super) fn product<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Product, Failure> {
    catalog.products().iter().find(|product| product.name() == name).ok_or_else(|| {
        Failure::unusable("product_unknown", format!("{} has no product '{name}'", catalog.file()))
            .fix(format!("Name one of {}.", names(catalog.products())))
    })
}

/// The product of this name, or the only one that a service can be.
pub(super) fn only_product<'c>(catalog: &'c Catalog, name: Option<&str>) -> Result<&'c Product, Failure> {
    if let Some(name) = name {
        return product(catalog, name);
    }
    let mut products = catalog.products().iter().filter(|product| !product.is_administration());
    match (products.next(), products.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Failure::unusable("product_missing", format!("{} has several products", catalog.file()))
            .fix(format!("Say which one the service is: --product {}.", names(catalog.products())))),
    }
}

fn names(products: &[Product]) -> String {
    products.iter().map(Product::name).collect::<Vec<_>>().join(", ")
}
