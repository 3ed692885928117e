//! The claims of an assertion (RFC 7523 section 3).

use super::{LEEWAY, MAX_AHEAD, MAX_JTI, NotAnAssertion, object};
use chancery_token::UnixTime;
use chancery_token::encoding::from_base64url;
use serde::Deserialize;
use serde_json::Number;
use std::time::Duration;

/// What an assertion says.
#[derive(Debug)]
pub(super) struct Claims {
    /// `iss` and `sub`, which are the same.
    pub(super) client: String,
    pub(super) expires_at: UnixTime,
    pub(super) jti: String,
    issued_at: Option<UnixTime>,
    not_before: Option<UnixTime>,
    audience: Option<Audience>,
}

#[derive(Deserialize)]
struct Written {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<Number>,
    iat: Option<Number>,
    nbf: Option<Number>,
    jti: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Reads encoded claims. What is missing shows here; [`Claims::check`] judges the rest.
    pub(super) fn read(segment: &str) -> Result<Self, NotAnAssertion> {
        let bytes = from_base64url(segment).ok_or(NotAnAssertion::Form)?;
        let written: Written = object(&bytes).ok_or(NotAnAssertion::Claims)?;
        let time = |number: Option<Number>| match number {
            None => Ok(None),
            Some(number) => seconds(&number).map(Some).ok_or(NotAnAssertion::Claims),
        };
        let (expires_at, issued_at, not_before) =
            (time(written.exp)?, time(written.iat)?, time(written.nbf)?);
        let client = written.iss.filter(|iss| Some(iss) == written.sub.as_ref());
        let jti = written.jti.filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
        Ok(Self {
            client: client.ok_or(NotAnAssertion::Client)?,
            expires_at: expires_at.ok_or(NotAnAssertion::Lifetime)?,
            jti: jti.ok_or(NotAnAssertion::Name)?,
            issued_at,
            not_before,
            audience: written.aud,
        })
    }

    /// Whether they are for `issuer`, compared byte for byte, and for `now`.
    pub(super) fn check(&self, issuer: &str, now: UnixTime) -> Result<(), NotAnAssertion> {
        let is_ours = match &self.audience {
            Some(Audience::One(one)) => one == issuer,
            Some(Audience::Several(several)) => matches!(&several[..], [one] if one == issuer),
            None => false,
        };
        if !is_ours {
            return Err(NotAnAssertion::Audience { issuer: issuer.to_owned() });
        }
        if self.expires_at.plus(LEEWAY) <= now {
            return Err(NotAnAssertion::Expired);
        }
        let latest = now.plus(LEEWAY);
        if self.expires_at > latest.plus(MAX_AHEAD) {
            return Err(NotAnAssertion::Lifetime);
        }
        let begins = [self.issued_at, self.not_before];
        if begins.into_iter().flatten().any(|begin| begin > latest || begin > self.expires_at) {
            return Err(NotAnAssertion::NotYet);
        }
        Ok(())
    }
}

/// A NumericDate, which may have a fraction (RFC 7519 section 2).
fn seconds(number: &Number) -> Option<UnixTime> {
    let whole = number.as_u64();
    let secs = whole.or_else(|| Some(Duration::try_from_secs_f64(number.as_f64()?).ok()?.as_secs()))?;
    Some(UnixTime::from_secs(secs))
}
