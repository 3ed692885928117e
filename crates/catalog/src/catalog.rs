//! The catalog as a whole.

use crate::error::CatalogError;
use crate::product::Product;
use crate::scope_entry::{Found, ScopeEntry};
use crate::template::Template;
use crate::{read, reserved};

/// Everything that may be asked for, in the order of its file. Products have different names and audiences.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) products: Vec<Product>,
    pub(crate) templates: Vec<Template>,
    pub(crate) file: String,
}

impl Catalog {
    /// Reads a catalog. `file_name` only stands in the errors, all of which are found at once.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Vec<CatalogError>> {
        read::catalog(text, file_name)
    }

    /// The catalog as `issuer` serves it: with the product of its own administration, last. No product may take
    /// the issuer's own name, or the audience of its administration, as its audience. A catalog that was served by
    /// another issuer before is served by this one alone.
    pub fn served_by(self, issuer: &str) -> Result<Self, Vec<CatalogError>> {
        reserved::served_by(self, issuer)
    }

    /// The product whose audience is `audience`, compared byte for byte (RFC 8707 section 2).
    pub fn product(&self, audience: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.audience() == audience)
    }

    /// All products; the administration of the issuer is the last one once the catalog is served.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The products that know the scope `resource:action`, each with what it says about it. Two products may use
    /// the same words: then the audience tells them apart.
    pub fn scope(&self, scope: &str) -> impl Iterator<Item = (&Product, &ScopeEntry)> {
        self.products.iter().filter_map(move |product| Some((product, product.scope(scope)?)))
    }

    /// As [`Catalog::scope`], and by the aliases of a scope too.
    pub fn find(&self, text: &str) -> impl Iterator<Item = (&Product, Found<'_>)> {
        self.products.iter().filter_map(move |product| Some((product, product.find(text)?)))
    }

    /// The templates, in the order of the file.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The template of this name.
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.name == name)
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
