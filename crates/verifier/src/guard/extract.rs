//! The token as an argument of handlers.

use crate::verified::Verified;
use axum::extract::{FromRequestParts, MatchedPath, OptionalFromRequestParts};
use http::request::Parts;

/// Marks requests that came through a public route.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThroughPublicRoute;

/// A handler takes a token where there cannot be one. The caller gets a 500 with the reason; the log says what to
/// change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// The route is public.
    #[error("the route is public, so no token is looked at: give it a scope, or take Option<Verified>")]
    PublicRoute,
    /// The route is in no guarded router.
    #[error("the route is not guarded: declare it in a chancery_verifier::guard::Router")]
    Unguarded,
}

impl NoToken {
    /// The stable name of the fault; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::PublicRoute => "public_route_has_no_token",
            Self::Unguarded => "route_not_guarded",
        }
    }

    fn at(self, parts: &Parts) -> Self {
        let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        tracing::error!(
            target: "chancery_verifier::guard",
            reason = self.reason(),
            http.route = route,
            evidence = %self,
            "refused"
        );
        self
    }
}

fn presented(parts: &Parts) -> Result<Verified, NoToken> {
    match (parts.extensions.get::<Verified>(), parts.extensions.get::<ThroughPublicRoute>()) {
        (Some(token), _) => Ok(token.clone()),
        (None, Some(ThroughPublicRoute)) => Err(NoToken::PublicRoute),
        (None, None) => Err(NoToken::Unguarded),
    }
}

/// The token that opened the route.
impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = NoToken;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoToken> {
        presented(parts).map_err(|no_token| no_token.at(parts))
    }
}

/// For a handler that stands behind public and guarded routes alike: `None` on the public ones, whatever the
/// caller sent.
impl<S: Sync> OptionalFromRequestParts<S> for Verified {
    type Rejection = NoToken;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, NoToken> {
        match presented(parts) {
            Ok(token) => Ok(Some(token)),
            Err(NoToken::PublicRoute) => Ok(None),
            Err(NoToken::Unguarded) => Err(NoToken::Unguarded.at(parts)),
        }
    }
}
