//! What was got.

use chancery_token::UnixTime;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// An access token and what its issuer says about it. Cloning is cheap; the text is wiped when the last clone
/// is dropped, and never printed.
#[derive(Clone)]
pub struct AccessToken {
    text: Arc<Zeroizing<String>>,
    expires_at: UnixTime,
    scope: Option<Arc<str>>,
}

impl AccessToken {
    pub(crate) fn new(text: Zeroizing<String>, expires_at: UnixTime, scope: Option<String>) -> Self {
        Self { text: Arc::new(text), expires_at, scope: scope.map(Arc::from) }
    }

    /// The token itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The value of the `Authorization` header (RFC 6750 section 2.1).
    pub fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(["Bearer ", &**self.text].concat())
    }

    /// The second from which on it is worth nothing, by this machine's clock and never too late: counted from
    /// when it was asked for.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// How long it lives from `now`.
    pub fn ttl(&self, now: UnixTime) -> Duration {
        self.expires_at.since(now)
    }

    /// The scopes that were given, if the issuer says so (RFC 6749 section 5.1); they can be fewer than asked for.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("text", &"***")
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .finish()
    }
}
