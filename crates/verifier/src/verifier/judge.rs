//! What the claims of an authentic token must say.

use super::settings::{FutureIat, Settings};
use crate::rejection::Rejection;
use chancery_token::{Claims, UnixTime};

impl Settings {
    /// What of a token does not change while it lives.
    pub(super) fn judge_claims(&self, claims: &Claims) -> Result<(), Rejection> {
        if claims.iss != self.issuer {
            return Err(Rejection::WrongIssuer { expected: self.issuer.clone(), found: claims.iss.clone() });
        }
        if claims.aud != self.audience {
            return Err(Rejection::WrongAudience {
                expected: self.audience.clone(),
                found: claims.aud.clone(),
            });
        }
        if claims.env != self.environment {
            return Err(Rejection::WrongEnvironment { expected: self.environment, found: claims.env });
        }
        // For another client it speaks only where that one handed it on, and then it says who acts (RFC 8693 section 4.1).
        let is_delegated = || claims.act.first().is_some_and(|actor| actor.is_client(&claims.client_id));
        if !claims.sub.is_client(&claims.client_id) && !claims.sub.is_user() && !is_delegated() {
            return Err(Rejection::SubjectMismatch);
        }
        if claims.exp <= claims.iat {
            return Err(Rejection::EndsBeforeItBegins { iat: claims.iat, exp: claims.exp });
        }
        let lifetime = claims.exp.since(claims.iat);
        if lifetime > self.max_lifetime {
            return Err(Rejection::LifetimeTooLong { lifetime, most: self.max_lifetime });
        }
        Ok(())
    }

    /// What of a token changes with the clock: asked again at every hit of the cache.
    pub(super) fn judge_time(&self, claims: &Claims, now: UnixTime) -> Result<(), Rejection> {
        let leeway = self.leeway;
        if now >= claims.exp.plus(leeway) {
            return Err(Rejection::Expired { exp: claims.exp, now, leeway });
        }
        if let Some(nbf) = claims.nbf.filter(|nbf| *nbf > now.plus(leeway)) {
            return Err(Rejection::NotYetValid { nbf, now, leeway });
        }
        if self.future_iat == FutureIat::Refuse && claims.iat > now.plus(leeway) {
            return Err(Rejection::IssuedInFuture { iat: claims.iat, now, leeway });
        }
        Ok(())
    }
}
