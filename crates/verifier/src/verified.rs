//! What is left when every check has passed.

use crate::record::Record;
use chancery_revocation::TokenMarks;
use chancery_token::bounds::Axis;
use chancery_token::{Authentic, Claims, ClientId, Scope, ScopeSet, Subject, TenantId, TokenId};
use std::fmt;
use std::sync::Arc;

/// A token that one verifier accepted at one instant.
///
/// Only [`crate::Verifier::verify`] makes one; it cannot be read from anywhere. Cloning is cheap.
///
/// ```compile_fail
/// let forged: chancery_verifier::Verified = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Clone)]
pub struct Verified {
    token: Arc<Token>,
    /// What the route demanded; `None` outside of a guard.
    demanded: Option<Arc<[Scope]>>,
}

struct Token {
    claims: Claims,
    kid: Arc<str>,
    /// What the revocation log can name of it, worked out once.
    marks: Option<TokenMarks>,
}

/// Whether a token carries what the revocation log can name of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marked {
    /// The log is asked about it.
    Yes,
    /// Nobody asks.
    No,
}

impl Verified {
    pub(crate) fn new(authentic: Authentic, marked: Marked) -> Self {
        let (claims, kid) = authentic.into_parts();
        let marks = match marked {
            Marked::Yes => Some(TokenMarks::of(&claims, &kid)),
            Marked::No => None,
        };
        Self { token: Arc::new(Token { claims, kid, marks }), demanded: None }
    }

    pub(crate) fn marks(&self) -> Option<&TokenMarks> {
        self.token.marks.as_ref()
    }

    /// Every claim.
    pub fn claims(&self) -> &Claims {
        &self.token.claims
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> &ClientId {
        &self.token.claims.client_id
    }

    /// Whom the token speaks for.
    pub fn subject(&self) -> &Subject {
        &self.token.claims.sub
    }

    /// The tenant whose records it may touch.
    pub fn tenant(&self) -> &TenantId {
        &self.token.claims.tenant
    }

    /// Its own name, for logs: it identifies the token and cannot be used in its place.
    pub fn token_id(&self) -> TokenId {
        self.token.claims.jti
    }

    /// What it may do.
    pub fn scopes(&self) -> &ScopeSet {
        &self.token.claims.scope
    }

    /// The key that signed it.
    pub fn kid(&self) -> &str {
        &self.token.kid
    }

    /// Whether it carries `scope`.
    pub fn has(&self, scope: &Scope) -> bool {
        self.token.claims.scope.contains(scope)
    }

    /// The scopes that the route demanded which it opened; none outside of a guard.
    pub fn demanded(&self) -> &[Scope] {
        self.demanded.as_deref().unwrap_or_default()
    }

    /// Whether the record at hand is one of those that the token is for: of its tenant, and within the bounds
    /// that apply to the scopes that this route demanded. Outside of a guard every bound of the token applies.
    pub fn allows(&self, record: &(impl Record + ?Sized)) -> Result<(), Forbidden> {
        if let Some(demanded) = &self.demanded {
            return self.allows_with(demanded, record);
        }
        let bounded: Vec<Scope> =
            self.token.claims.bounds.iter().filter_map(|(scope, _, _)| scope.cloned()).collect();
        self.allows_with(&bounded, record)
    }

    /// As [`Verified::allows`], for a service that decides on its own which scopes are in use.
    pub fn allows_with(&self, scopes: &[Scope], record: &(impl Record + ?Sized)) -> Result<(), Forbidden> {
        if record.tenant() != self.token.claims.tenant.as_str() {
            return Err(Forbidden::OtherTenant);
        }
        let admitted = self.token.claims.bounds.admit(scopes, |axis| record.value(axis));
        admitted.map_err(|out| Forbidden::OutOfBounds { axis: out.axis })
    }

    #[cfg(feature = "axum")]
    pub(crate) fn demanding(self, demanded: Arc<[Scope]>) -> Self {
        Self { demanded: Some(demanded), ..self }
    }
}

/// Names the token without showing what could be abused: the text of the token is not kept.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("jti", &self.token.claims.jti)
            .field("client_id", &self.token.claims.client_id)
            .field("tenant", &self.token.claims.tenant)
            .field("scope", &self.token.claims.scope)
            .finish_non_exhaustive()
    }
}

/// The token is good and has the scope, but not for this record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The record belongs to another tenant.
    #[error("the record belongs to another tenant")]
    OtherTenant,
    /// The record is outside a bound of the token.
    #[error("the record is outside the token's bound on '{axis}'")]
    OutOfBounds {
        /// The axis of the bound.
        axis: Axis,
    },
}

impl Forbidden {
    /// The stable name of the refusal; see `docs/ERRORS.md`. One for both: whether another tenant's record
    /// exists is not told.
    pub const fn reason(&self) -> &'static str {
        "out_of_bounds"
    }
}
