//! What a token is bound to.

use std::fmt;

/// Whether a token is worth something without the key of its holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    /// Bound to a key that the client made, and proved with each request (RFC 9449): a copied token is worth nothing.
    #[default]
    Dpop,
    /// Whoever has it may use it (RFC 6750).
    Bearer,
}

impl Binding {
    /// The name of the scheme, as `token_type` and the header `Authorization` say it.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Dpop => "DPoP",
            Self::Bearer => "Bearer",
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme())
    }
}
