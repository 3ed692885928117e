//! The decisions about a follower.

use super::address::InvalidAddress;
use super::http::Timeouts;
use super::introduction::Introduction;
use super::log::{LogFrom, LogKeysFrom};
use super::notice::Notice;
use crate::entropy::{Entropy, SystemEntropy};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Hours, not minutes: issuers were away for hours, and verifiers that gave up after five minutes made an outage
/// of their own (auth0/node-jwks-rsa#385).
pub const DEFAULT_MAX_STALE: Duration = Duration::from_hours(12);
/// Rule asks for a bound that no setting passes: a key that leaked is used for a week at most by a verifier
/// that was kept from its issuer.
pub const LONGEST_MAX_STALE: Duration = Duration::from_hours(7 * 24);
/// Below this, keys would end before they are refreshed.
pub const SHORTEST_MAX_STALE: Duration = Duration::from_mins(1);
/// The cooldown of panva/jose.
pub const DEFAULT_COOLDOWN: Duration = Duration::from_secs(30);
/// Anybody can send unknown keys: a shorter cooldown would let them drive requests at the issuer.
pub const SHORTEST_COOLDOWN: Duration = Duration::from_secs(1);
/// Rule.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(2);
/// Both from camunda/camunda#60434: off the path of requests, and short.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// As [`DEFAULT_CONNECT_TIMEOUT`]; also the timeout of panva/jose.
pub const DEFAULT_TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysFrom {
    /// Where the issuer's metadata says (RFC 8414): `jwks_uri` for JWTs, `paserk_uri` for PASETO. The `issuer` in
    /// the metadata must equal the verifier's, byte for byte.
    Discovery,
    /// At this address: https, or http on this machine.
    Url(String),
}

/// Whether the last good keys outlive the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskState {
    /// In this directory, a small file per issuer and format, readable by the owner alone; and where the revocation log
    /// is followed, its keys and documents. The service starts and verifies with its issuer down, until the keys reach
    /// their last age, or the news theirs. **Whoever can write there decides which keys are trusted.** The directory is
    /// created if it is missing.
    Directory(PathBuf),
    /// Nowhere: a service that restarts while its issuer is down refuses every token until it is back.
    Nowhere,
}

/// How an issuer's keys are followed. The two arguments of [`FollowSettings::new`] have no default.
#[derive(Clone)]
pub struct FollowSettings {
    pub(super) keys_from: KeysFrom,
    pub(super) disk: DiskState,
    pub(super) max_stale: Duration,
    pub(super) cooldown: Duration,
    pub(super) wait: Duration,
    pub(super) timeouts: Timeouts,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) on_notice: Option<OnNotice>,
    pub(super) log_from: LogFrom,
    pub(super) log_keys_from: LogKeysFrom,
    pub(super) introduction: Option<Introduction>,
}

pub(super) type OnNotice = Arc<dyn Fn(&Notice) + Send + Sync>;

/// Why a follower does not start. Never because the issuer is away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFollow {
    /// A follower is attached to the verifier already.
    #[error("the verifier has a follower already: start one follower for a verifier and share its clones")]
    AlreadyFollowed,
    /// The cooldown is too short.
    #[error("the cooldown is {}ms: at least {}ms, or strangers drive requests at the issuer", given.as_millis(), SHORTEST_COOLDOWN.as_millis())]
    Cooldown {
        /// What was asked for.
        given: Duration,
    },
    /// The HTTP client cannot be built.
    #[error("no https client: {detail} (are CA certificates installed?)")]
    HttpClient {
        /// What it says.
        detail: String,
    },
    /// Discovery starts from the issuer, and the issuer is no address.
    #[error("the keys of '{issuer}' cannot be discovered: {why}")]
    Issuer {
        /// The verifier's issuer.
        issuer: String,
        /// What is wrong with it.
        why: InvalidAddress,
    },
    /// Discovery of the revocation log starts from the issuer, and the issuer is no address.
    #[error("the revocation log of the issuer cannot be discovered: {why}")]
    LogIssuer {
        /// What is wrong with it.
        why: InvalidAddress,
    },
    /// An address of the revocation log, or of its keys, cannot be used.
    #[error("the revocation log is not fetched from the configured address: {why}")]
    LogUrl {
        /// What is wrong with it.
        why: InvalidAddress,
    },
    /// The list of addresses of the revocation log is empty.
    #[error("no address of the revocation log is given: name one, or discover it")]
    NoLogUrl,
    /// The last age of keys is out of bounds.
    #[error("keys would be used for {}s without word of the issuer: choose between {}s and {}s", given.as_secs(), SHORTEST_MAX_STALE.as_secs(), LONGEST_MAX_STALE.as_secs())]
    MaxStale {
        /// What was asked for.
        given: Duration,
    },
    /// Credentials are to be shown to the issuer alone, and none of the configured addresses is on its origin.
    #[error(
        "none of the configured addresses of the revocation log is on the issuer's origin, so that the credentials would be \
         shown to nobody: say ShownTo::EveryPlace if issuers answer there, or drop them"
    )]
    NobodyToShow,
    /// Called outside of a tokio runtime.
    #[error("a follower needs a tokio runtime: start it from async code")]
    NoRuntime,
    /// A timeout of zero.
    #[error("a timeout of zero lets no fetch succeed")]
    Timeout,
    /// The address of the keys cannot be used.
    #[error("keys are not fetched from the configured address: {why}")]
    Url {
        /// What is wrong with it.
        why: InvalidAddress,
    },
}

impl InvalidFollow {
    /// The stable name of the mistake.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AlreadyFollowed => "already_followed",
            Self::Cooldown { .. } => "cooldown_too_short",
            Self::HttpClient { .. } => "no_http_client",
            Self::Issuer { .. } => "invalid_issuer",
            Self::LogIssuer { .. } => "invalid_log_issuer",
            Self::LogUrl { .. } => "invalid_log_url",
            Self::NoLogUrl => "no_log_url",
            Self::MaxStale { .. } => "max_stale_out_of_bounds",
            Self::NobodyToShow => "credentials_for_nobody",
            Self::NoRuntime => "no_runtime",
            Self::Timeout => "zero_timeout",
            Self::Url { .. } => "invalid_key_url",
        }
    }
}

impl FollowSettings {
    /// Where the keys are, and whether they outlive the process.
    pub fn new(keys_from: KeysFrom, disk: DiskState) -> Self {
        Self {
            keys_from,
            disk,
            max_stale: DEFAULT_MAX_STALE,
            cooldown: DEFAULT_COOLDOWN,
            wait: DEFAULT_WAIT,
            timeouts: Timeouts { connect: DEFAULT_CONNECT_TIMEOUT, total: DEFAULT_TOTAL_TIMEOUT },
            entropy: Arc::new(SystemEntropy),
            on_notice: None,
            log_from: LogFrom::default(),
            log_keys_from: LogKeysFrom::default(),
            introduction: None,
        }
    }

    /// How long keys are used after the issuer confirmed them last, over restarts too; [`DEFAULT_MAX_STALE`]
    /// unless said otherwise. Then every token is refused. Between [`SHORTEST_MAX_STALE`] and
    /// [`LONGEST_MAX_STALE`].
    pub fn max_stale(self, max_stale: Duration) -> Self {
        Self { max_stale, ..self }
    }

    /// How long no second fetch is made for unknown keys; [`DEFAULT_COOLDOWN`] unless said otherwise. At least
    /// [`SHORTEST_COOLDOWN`].
    pub fn cooldown(self, cooldown: Duration) -> Self {
        Self { cooldown, ..self }
    }

    /// How long a request with an unknown key waits for the fetch; [`DEFAULT_WAIT`] unless said otherwise.
    pub fn wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// How long a connection may take; [`DEFAULT_CONNECT_TIMEOUT`] unless said otherwise.
    pub fn connect_timeout(self, connect: Duration) -> Self {
        Self { timeouts: Timeouts { connect, ..self.timeouts }, ..self }
    }

    /// How long one request may take from connection to the last byte; [`DEFAULT_TOTAL_TIMEOUT`] unless said
    /// otherwise.
    pub fn total_timeout(self, total: Duration) -> Self {
        Self { timeouts: Timeouts { total, ..self.timeouts }, ..self }
    }

    /// Where the jitter comes from; the operating system unless said otherwise.
    pub fn entropy(self, entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, ..self }
    }

    /// Is called when keys or news become stale, end, or are fresh again, when the setup is wrong, and when the issuer's
    /// revocation log lost something. Called from the follower's tasks: it must not block.
    pub fn on_notice(self, on_notice: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self { on_notice: Some(Arc::new(on_notice)), ..self }
    }

    /// Where the documents of the revocation log are, for a verifier that follows it; discovered unless said otherwise.
    pub fn log_from(self, log_from: LogFrom) -> Self {
        Self { log_from, ..self }
    }

    /// Where the keys of the revocation log are, for a verifier that follows it; discovered unless said otherwise.
    pub fn log_keys_from(self, log_keys_from: LogKeysFrom) -> Self {
        Self { log_keys_from, ..self }
    }

    /// Which verifier this is, for one that follows the revocation log; an anonymous one unless said otherwise.
    pub fn introduce(self, introduction: Introduction) -> Self {
        Self { introduction: Some(introduction), ..self }
    }

    pub(super) fn judge(&self) -> Result<(), InvalidFollow> {
        if !(SHORTEST_MAX_STALE..=LONGEST_MAX_STALE).contains(&self.max_stale) {
            return Err(InvalidFollow::MaxStale { given: self.max_stale });
        }
        if self.cooldown < SHORTEST_COOLDOWN {
            return Err(InvalidFollow::Cooldown { given: self.cooldown });
        }
        if self.timeouts.connect.is_zero() || self.timeouts.total.is_zero() {
            return Err(InvalidFollow::Timeout);
        }
        Ok(())
    }
}

impl fmt::Debug for FollowSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowSettings")
            .field("keys_from", &self.keys_from)
            .field("disk", &self.disk)
            .field("max_stale", &self.max_stale)
            .field("cooldown", &self.cooldown)
            .field("wait", &self.wait)
            .field("timeouts", &self.timeouts)
            .field("log_from", &self.log_from)
            .field("log_keys_from", &self.log_keys_from)
            .field("introduction", &self.introduction)
            .finish_non_exhaustive()
    }
}
