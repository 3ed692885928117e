//! The catalog as a whole.

use crate::error::CatalogError;
use crate::product::{Product, ScopeEntry};
use crate::{read, reserved};

/// Everything that may be asked for, in the order of its file. Products have different names and audiences.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) products: Vec<Product>,
    pub(crate) file: String,
}

impl Catalog {
    /// Reads a catalog. `file_name` only stands in the errors, all of which are found at once.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Vec<CatalogError>> {
        read::catalog(text, file_name)
    }

    /// Checks what depends on who serves the catalog: no product takes the issuer's own name, or the audience of
    /// its administration, as its audience.
    pub fn served_by(self, issuer: &str) -> Result<Self, Vec<CatalogError>> {
        reserved::check(self, issuer)
    }

    /// The product whose audience is `audience`, compared byte for byte (RFC 8707 section 2).
    pub fn product(&self, audience: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.audience() == audience)
    }

    /// All products.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The products that know the scope `resource:action`, each with what it says about it. Two products may use
    /// the same words: then the audience tells them apart.
    pub fn scope(&self, scope: &str) -> impl Iterator<Item = (&Product, &ScopeEntry)> {
        self.products.iter().filter_map(move |product| Some((product, product.scope(scope)?)))
    }

    /// Every scope with its product.
    pub fn scopes(&self) -> impl Iterator<Item = (&Product, &ScopeEntry)> {
        self.products.iter().flat_map(|product| product.scopes().map(move |entry| (product, entry)))
    }

    /// The name of the file it came from.
    pub fn file(&self) -> &str {
        &self.file
    }
}
