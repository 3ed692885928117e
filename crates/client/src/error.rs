//! Why there is no token.

#[cfg(unix)]
use crate::agent::InvalidSocket;
use crate::server::InvalidUrl;
use std::fmt;
use std::time::Duration;

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorKind {
    /// The same request gets the same answer: a person must change something.
    Permanent,
    /// The issuer cannot answer now. Credentials stay good; try again later.
    Transient,
}

/// Why there is no token. Holds neither secret nor token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The answer is not what RFC 6749 section 5 describes: that is no token endpoint, or a broken one.
    #[error("{endpoint} does not answer like a token endpoint: {why}")]
    BadAnswer {
        /// Who was asked.
        endpoint: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// The metadata names another issuer than the one that was asked (RFC 8414 section 3.3).
    #[error("{asked} says that it is the issuer '{found}'; ask it under that name")]
    OtherIssuer {
        /// Who was asked.
        asked: String,
        /// What it calls itself.
        found: String,
    },
    /// The issuer refused (RFC 6749 section 5.2).
    #[error("the issuer refused: {refusal}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the issuer says.
        refusal: Refusal,
    },
    /// The issuer is there and cannot answer: 429 or 5xx.
    #[error("the issuer cannot answer now (status {status}{})", after(*.retry_after))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The issuer's wish, from `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// Nobody answered in time.
    #[error("{endpoint} cannot be reached: {why}")]
    Unreachable {
        /// Who was asked.
        endpoint: String,
        /// What the network says.
        why: String,
    },
}

/// An OAuth error, cut to a sensible length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `error` of RFC 6749 section 5.2, such as `invalid_client`.
    pub error: String,
    /// The issuer's own stable name of the refusal, such as `tenant_required`.
    pub reason: Option<String>,
    /// `error_description`.
    pub description: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        if let Some(reason) = &self.reason {
            write!(f, " ({reason})")?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        Ok(())
    }
}

fn after(wish: Option<Duration>) -> String {
    wish.map_or_else(String::new, |wish| format!(", it asks to wait {}s", wish.as_secs()))
}

impl RequestError {
    /// Whether trying again can help.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::BadAnswer { .. } | Self::OtherIssuer { .. } | Self::Refused { .. } => ErrorKind::Permanent,
            Self::Unavailable { .. } | Self::Unreachable { .. } => ErrorKind::Transient,
        }
    }

    /// How long the issuer asks to wait.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            Self::BadAnswer { .. }
            | Self::OtherIssuer { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. } => None,
        }
    }

    /// As it is told to somebody who comes in the middle of a pause: what is left of the wish, not all of it.
    pub(crate) fn waiting(self, left: Duration) -> Self {
        match self {
            Self::Unavailable { status, retry_after: Some(wish) } => {
                let retry_after = Some(left.min(wish).max(Duration::from_secs(1)));
                Self::Unavailable { status, retry_after }
            }
            other => other,
        }
    }

    /// Whether the issuer says that it is another time there than here.
    #[cfg(unix)]
    pub(crate) fn is_about_the_clock(&self) -> bool {
        matches!(
            self.reason(),
            "assertion_expired" | "assertion_not_yet_valid" | "dpop_proof_in_future" | "dpop_proof_too_old"
        )
    }

    /// The stable name: the issuer's own where it gives one.
    pub fn reason(&self) -> &str {
        match self {
            Self::BadAnswer { .. } => "bad_answer",
            Self::OtherIssuer { .. } => "issuer_mismatch",
            Self::Refused { refusal, .. } => refusal.reason.as_deref().unwrap_or(&refusal.error),
            Self::Unavailable { .. } => "issuer_unavailable",
            Self::Unreachable { .. } => "issuer_unreachable",
        }
    }
}

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetup {
    /// A session knows its issuer by name: it must find more than a token endpoint there.
    #[error("a session needs the URL of the issuer, not that of a token endpoint")]
    NotAnIssuer,
    /// A client that cannot show who it is begins nothing.
    #[error("a public client cannot begin a session by itself; give it a secret or a key")]
    Public,
    /// That is where no agent listens.
    #[cfg(unix)]
    #[error(transparent)]
    Socket(#[from] InvalidSocket),
    /// The TLS of this machine cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The URL is not used.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
}
