//! What was got.

use crate::binding::Binding;
use chancery_token::{SecretKey, UnixTime};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// An access token and what its issuer says about it. Cloning is cheap; the text is wiped when the last clone
/// is dropped, and never printed.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    text: Zeroizing<String>,
    /// When it was asked for, or given by an agent.
    obtained_at: UnixTime,
    expires_at: UnixTime,
    scope: Option<String>,
    binding: Binding,
    /// What it is bound to, where this process has the key.
    key: Option<SecretKey>,
}

impl AccessToken {
    /// One as an issuer gave it, or whoever keeps the key in the place of this process.
    pub(crate) fn received(
        text: Zeroizing<String>,
        (obtained_at, expires_at): (UnixTime, UnixTime),
        scope: Option<String>,
        binding: Binding,
    ) -> Self {
        Self(Arc::new(Inner { text, obtained_at, expires_at, scope, binding, key: None }))
    }

    /// One that is bound to `key`.
    pub(crate) fn bound(
        text: Zeroizing<String>,
        (obtained_at, expires_at): (UnixTime, UnixTime),
        scope: Option<String>,
        key: SecretKey,
    ) -> Self {
        Self(Arc::new(Inner { text, obtained_at, expires_at, scope, binding: Binding::Dpop, key: Some(key) }))
    }

    /// The token itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    /// The value of the `Authorization` header (RFC 6750 section 2.1, RFC 9449 section 7.1). A bound token needs a proof
    /// beside it: [`crate::Session::authorize`].
    pub fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new([self.0.binding.scheme(), " ", &self.0.text].concat())
    }

    /// When it was asked for, by this machine's clock; of one that an agent gave, what fits its life.
    pub(crate) fn obtained_at(&self) -> UnixTime {
        self.0.obtained_at
    }

    /// How long it was given for.
    pub(crate) fn life(&self) -> Duration {
        self.0.expires_at.since(self.0.obtained_at)
    }

    /// The second from which on it is worth nothing, by this machine's clock and never too late: counted from
    /// when it was asked for.
    pub fn expires_at(&self) -> UnixTime {
        self.0.expires_at
    }

    /// How long it lives from `now`. By a clock that went back since it was got, no longer than it was given for.
    pub fn ttl(&self, now: UnixTime) -> Duration {
        self.0.expires_at.since(now).min(self.life())
    }

    /// The scopes that were given, if the issuer says so (RFC 6749 section 5.1); they can be fewer than asked for.
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// Whether it is bound to a key.
    pub fn binding(&self) -> Binding {
        self.0.binding
    }

    /// The key that it is bound to, where this process has it.
    pub(crate) fn key(&self) -> Option<&SecretKey> {
        self.0.key.as_ref()
    }
}

/// Whether a token can go into a header, or a form, as it is.
pub(crate) fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("text", &"***")
            .field("expires_at", &self.0.expires_at)
            .field("scope", &self.0.scope)
            .field("binding", &self.0.binding)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clock_that_goes_back_makes_a_token_live_longer_than_it_was_given_for() {
        let from = UnixTime::from_secs(1_795_305_600);
        let text = Zeroizing::new("t".to_owned());
        let life = (from, from.plus(Duration::from_mins(15)));
        let token = AccessToken::received(text, life, None, Binding::Bearer);
        for (now, secs) in [
            (from, 900),
            (from.plus(Duration::from_secs(899)), 1),
            (from.plus(Duration::from_hours(1)), 0),
            (from.minus(Duration::from_hours(2)), 900),
            (UnixTime::from_secs(0), 900),
        ] {
            assert_eq!(token.ttl(now), Duration::from_secs(secs), "{now}");
        }
    }
}
