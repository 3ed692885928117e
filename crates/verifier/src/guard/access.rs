//! Who may use a route.

use chancery_token::Scope;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

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
        reason: Cow<'static, str>,
    },
    /// Whoever shows a token that meets the demand.
    Token(Demand),
}

/// What a token must be good for. Names at least one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    all_of: Arc<[Scope]>,
    at_most: Option<Duration>,
}

impl Demand {
    /// The scopes that the token must carry, every one of them (rule R32).
    pub fn all_of(&self) -> &[Scope] {
        &self.all_of
    }

    /// The oldest news of the revocation log that the route goes by, where that is less than the verifier's policy says.
    pub fn at_most(&self) -> Option<Duration> {
        self.at_most
    }

    pub(super) fn shared(&self) -> Arc<[Scope]> {
        Arc::clone(&self.all_of)
    }
}

/// Opens a route to everybody, and says why.
pub fn public(reason: impl Into<Cow<'static, str>>) -> Access {
    Access::Public { reason: reason.into() }
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
    pub fn public_reason(&self) -> Option<&str> {
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
        all_of(scopes)
    }
}

/// No scope at all would let every token in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name at least one scope, or say why the route is public")]
pub struct NoScope;

/// For routes that are read from a table: all of them, and one at least.
impl TryFrom<Vec<Scope>> for Access {
    type Error = NoScope;

    fn try_from(scopes: Vec<Scope>) -> Result<Self, NoScope> {
        if scopes.is_empty() { Err(NoScope) } else { Ok(all_of(scopes)) }
    }
}

fn all_of(scopes: impl IntoIterator<Item = Scope>) -> Access {
    let mut unique: Vec<Scope> = Vec::new();
    for scope in scopes {
        if !unique.contains(&scope) {
            unique.push(scope);
        }
    }
    Access::Token(Demand { all_of: unique.into(), at_most: None })
}

/// Asks for younger news of the revocation log on one route than on the others, because what it does cannot be undone.
///
/// ```
/// use chancery_verifier::guard::{AtMost, Router, delete, get};
/// use chancery_verifier::scope;
/// use std::time::Duration;
///
/// # async fn list() {}
/// # async fn remove() {}
/// const SECONDS_5: Duration = Duration::from_secs(5);
///
/// let invoices: Router = Router::new()
///     .route("/invoices", get(scope!("invoices:read"), list))
///     .route("/invoices/{id}", delete(scope!("invoices:delete").at_most(SECONDS_5), remove));
/// ```
/// Past that age the route answers 503, and the others go on. The follower asks often enough for the shortest; a
/// verifier that ignores revocation, or a span below [`crate::SHORTEST_STALENESS`], is a fault that
/// [`crate::guard::Router::guard`] tells. A public route looks at no token, and nothing changes there.
pub trait AtMost: Into<Access> {
    /// News of the revocation log that are older than `most` are not used here.
    fn at_most(self, most: Duration) -> Access {
        match self.into() {
            Access::Token(demand) => {
                let most = demand.at_most.map_or(most, |already| already.min(most));
                Access::Token(Demand { at_most: Some(most), ..demand })
            }
            public @ Access::Public { .. } => public,
        }
    }
}

impl AtMost for Scope {}
impl<const N: usize> AtMost for [Scope; N] {}
impl AtMost for Access {}
