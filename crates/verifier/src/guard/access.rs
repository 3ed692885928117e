//! Who may use a route.

use chancery_token::Scope;
use std::sync::Arc;

/// What a route asks of whoever calls it. Every route states one; there is no default.
///
/// A [`Scope`] or an array of scopes turns into one where a route is declared; [`public`] makes the other kind.
///
/// ```
/// use chancery_verifier::guard::{Access, public};
/// use chancery_verifier::scope;
///
/// let both = Access::from([scope!("invoices:read"), scope!("customers:read")]);
/// assert_eq!(both.scopes().len(), 2);
/// assert_eq!(public("liveness probe").scopes(), []);
/// ```
/// An empty array would let every token in, so it does not compile; nor does a literal that is no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token.
    Public {
        /// Why that is right, for whoever reviews the table of routes. Blank is refused by
        /// [`crate::guard::Router::guard`].
        reason: &'static str,
    },
    /// Whoever shows a token that meets the demand.
    Token(Demand),
}

/// What a token must be good for. Names at least one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    all_of: Arc<[Scope]>,
}

impl Demand {
    /// The scopes that the token must carry, every one of them (rule R32).
    pub fn all_of(&self) -> &[Scope] {
        &self.all_of
    }

    pub(super) fn shared(&self) -> Arc<[Scope]> {
        Arc::clone(&self.all_of)
    }
}

/// Opens a route to everybody, and says why.
pub fn public(reason: &'static str) -> Access {
    Access::Public { reason }
}

impl Access {
    /// The scopes that a token must carry; none if the route is public.
    pub fn scopes(&self) -> &[Scope] {
        match self {
            Self::Public { .. } => &[],
            Self::Token(demand) => demand.all_of(),
        }
    }

    /// Why the route is public, if it is.
    pub fn public_reason(&self) -> Option<&'static str> {
        match self {
            Self::Public { reason } => Some(reason),
            Self::Token(_) => None,
        }
    }
}

impl From<Scope> for Access {
    fn from(scope: Scope) -> Self {
        [scope].into()
    }
}

/// All of them; a scope that is written twice counts once.
impl<const N: usize> From<[Scope; N]> for Access {
    fn from(scopes: [Scope; N]) -> Self {
        const { assert!(N > 0, "name at least one scope, or say public(\"why\")") }
        let mut unique: Vec<Scope> = Vec::with_capacity(N);
        for scope in scopes {
            if !unique.contains(&scope) {
                unique.push(scope);
            }
        }
        Self::Token(Demand { all_of: unique.into() })
    }
}
