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
        if !claims.sub.is_client(&claims.client_id) && !claims.sub.is_user() {
            return Err(Rejection::SubjectMismatch);
        }
        if claims.exp <= claims.iat {
            return Err(Rejection::EndsBeforeItBegins { iat: claims.iat, exp: claims.exp });
        }
        let lifetime = claims.exp.since(claims.iat);
        if lifetime > self.max_lifetime {
            return Err(Rejection::LifetimeTooLong { lifetime, most: self.max_lifetime });
        }
        if claims.cnf.is_some() {
            return Err(Rejection::ProofRequired);
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
