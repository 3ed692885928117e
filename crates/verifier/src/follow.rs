//! Follows the keys of an issuer, and its revocation log, in the background.
//!
//! ```no_run
//! use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
//! use chancery_verifier::{Revocation, Verifier};
//! use std::time::Duration;
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::new(
//!     "https://auth.example.com",
//!     "https://api.example.com",
//!     Revocation::Ignore { reason: "tokens live five minutes, and nothing here can be destroyed" },
//! )?;
//! let settings = FollowSettings::new(KeysFrom::Discovery, DiskState::Directory("/var/lib/invoices".into()));
//! // Comes back at once, whether the issuer is up or not. Keep the handle: dropping it stops the follower.
//! let follower = Follower::start(&verifier, settings)?;
//! // Bind and serve here. Only where keys must be there first:
//! follower.wait_ready(Duration::from_secs(5)).await?;
//! println!("{:?}", follower.status().age); // the gauge `jwks_age_seconds`
//! # Ok(())
//! # }
//! ```
//!
//! What it promises:
//!
//! - A token whose key is known never waits and causes no request.
//! - Keys are fetched again at about three quarters of their lifetime ([`MIN_LIFETIME`] to [`MAX_LIFETIME`],
//!   [`DEFAULT_LIFETIME`] if the issuer does not say). A key that is missing from a good answer stops verifying
//!   at that moment.
//! - An answer that is no key set, or one without a usable key, changes nothing.
//! - While the issuer is away the last good keys are used, until [`FollowSettings::max_stale`] after the issuer
//!   confirmed them, by the wall clock and by one that cannot be set back. Then every token is refused.
//! - The first unknown key causes a fetch at once; all who meet one meanwhile wait for the same fetch. After it,
//!   unknown keys are refused without a request for the cooldown. While fetches fail, an unknown key is
//!   `keys_unavailable` (503) and not `unknown_key` (401): nobody can say whether it exists.
//!
//! Where the verifier says [`crate::Revocation::Follow`], it follows the revocation log as well:
//!
//! - A snapshot first, then a question that the issuer holds until something is revoked, or for 25 s, or for half of the
//!   shortest age that a route asks for. Its answer is signed; one without entries is the heartbeat.
//! - What is known only grows. No document, in whatever order, from whomever, revives a token.
//! - When one of several places fails, the next one is asked, after a random wait of at most ten seconds.
//! - A token that is ahead of what is known here has the issuer asked at once, once a second at most.
//! - With a name and a client's credentials ([`Introduction`]) the issuer counts it, and can say when it had applied what.
//! - Documents are kept on disk as they came, and are opened anew at the start. A service starts with everything else
//!   down, and judges until they are too old; without any, it refuses every token.

mod address;
mod cache_control;
mod fault;
mod fetch;
mod http;
mod introduction;
mod kept_file;
mod ledger;
mod log;
mod lookup;
mod metrics;
mod notice;
mod pace;
mod plan;
mod readiness;
mod settings;
mod state_file;
mod status;
mod task;

pub use address::{Address, InvalidAddress};
pub use fault::{FetchBlame, FetchFault};
pub use introduction::{
    Credentials, Introduction, InvalidVerifierName, MAX_NAME_CHARS, ShownTo, VerifierName,
};
pub use log::{LogFrom, LogKeysFrom, LogStanding, LogStatus, Receipts};
pub use notice::Notice;
pub use pace::{DEFAULT_LIFETIME, MAX_LIFETIME, MIN_LIFETIME};
pub use readiness::{Missing, Readiness};
pub use settings::{
    DEFAULT_CONNECT_TIMEOUT, DEFAULT_COOLDOWN, DEFAULT_MAX_STALE, DEFAULT_TOTAL_TIMEOUT, DEFAULT_WAIT,
    DiskState, FollowSettings, InvalidFollow, KeysFrom, LONGEST_MAX_STALE, SHORTEST_COOLDOWN,
    SHORTEST_MAX_STALE,
};
pub use status::{FetchCounts, HeldKey, LastFailure, Standing, Status, UnknownKeyCounts};

use crate::verifier::Verifier;
use chancery_revocation::Sequence;
use chancery_token::KeySet;
use fetch::{Fetcher, UnusableFetcher};
use ledger::Ledger;
use log::{Asker, Behind, LogCourse, Parts, Places};
use lookup::Lookups;
use state_file::StateFile;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use task::{Course, Landed};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::AbortHandle;

/// Keeps the keys of one verifier and its clones fresh, and where it follows the revocation log, what is known of that.
/// Dropping it stops the fetches; what is installed stays in use until its last age.
#[derive(Debug)]
pub struct Follower {
    course: Arc<Course>,
    task: AbortHandle,
    log: Option<LogTask>,
}

/// The task of the revocation log.
#[derive(Debug)]
struct LogTask {
    course: Arc<LogCourse>,
    task: AbortHandle,
}

/// Why tokens cannot be judged yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// They did not come in time. The follower goes on trying.
    #[error("keys, or news of the revocation log, did not come within {}ms{}", waited.as_millis(), last.as_ref().map_or_else(String::new, |last| format!(": {last}")))]
    Late {
        /// How long was waited.
        waited: Duration,
        /// What the last fetch met, if one failed.
        last: Option<FetchFault>,
    },
    /// They will not come before the setup is mended.
    #[error(transparent)]
    Setup(FetchFault),
}

impl Follower {
    /// Starts to follow the keys of `verifier`'s issuer, in the format that it takes. Returns at once: nothing is
    /// fetched here, only a small file is read if there is one. Fails for wrong settings, never because the
    /// issuer is away.
    ///
    /// Options of the verifier come before this call: each begins a verifier anew, without a follower. A verifier
    /// has one follower in its life.
    pub fn start(verifier: &Verifier, settings: FollowSettings) -> Result<Self, InvalidFollow> {
        settings.judge()?;
        let runtime = Handle::try_current().map_err(|_| InvalidFollow::NoRuntime)?;
        let log = log_course(verifier, &settings)?;
        let FollowSettings {
            keys_from, disk, max_stale, cooldown, wait, timeouts, entropy, on_notice, ..
        } = settings;
        let (issuer, format) = (verifier.issuer(), verifier.accepted_format());
        let fetcher = Fetcher::new(issuer, format, &keys_from, timeouts)
            .map_err(|why| invalid(why, issuer, &keys_from))?;
        let state_file = match disk {
            DiskState::Directory(directory) => Some(StateFile::new(directory, issuer, format)),
            DiskState::Nowhere => None,
        };
        let clock = verifier.shared_clock();
        let now = ledger::Now { wall: clock.now(), monotonic: clock.monotonic() };
        let course = Arc::new(Course {
            verifier: verifier.clone(),
            clock,
            entropy,
            fetcher,
            state_file,
            max_stale,
            wait,
            on_notice,
            ledger: Mutex::new(Ledger::new(max_stale, cooldown, now)),
            landed: watch::Sender::new(Landed { flight: 0, good: false }),
            wake: Notify::new(),
            looks: Mutex::new(Vec::new()),
        });
        if !verifier.attach(Arc::new(Lookups(Arc::downgrade(&course)))) {
            return Err(InvalidFollow::AlreadyFollowed);
        }
        course.restore(now);
        let task = runtime.spawn(Arc::clone(&course).run()).abort_handle();
        let log = log.map(|course| {
            // The verifier has no other follower, so it has no other task of the log.
            let _ = verifier.attach_log(Arc::new(Behind(Arc::downgrade(&course))));
            course.restore();
            let task = runtime.spawn(Arc::clone(&course).run()).abort_handle();
            LogTask { course, task }
        });
        Ok(Self { course, task, log })
    }

    /// Whether tokens can be judged: for the readiness probe of a service. There are keys to verify with, of which stale
    /// ones are some; and where the revocation log is followed, what is known of it is young enough.
    pub fn ready(&self) -> bool {
        self.readiness().is_ready()
    }

    /// Waits until it is [`Follower::ready`], at most for `most`. Not needed before binding or serving: tokens are
    /// refused with 503 until then.
    pub async fn wait_ready(&self, most: Duration) -> Result<(), NotReady> {
        let mut landed = self.course.landed.subscribe();
        let mut heard = self.log.as_ref().map(|log| log.course.landed.subscribe());
        let ready = async {
            loop {
                if self.ready() {
                    return Ok(());
                }
                if let Some(last) = self.last_fault().filter(|fault| fault.blame() == FetchBlame::Setup) {
                    return Err(NotReady::Setup(last));
                }
                // The senders live as long as this handle.
                let heard = async {
                    match &mut heard {
                        Some(heard) => {
                            let _ = heard.changed().await;
                        }
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = landed.changed() => {}
                    () = heard => {}
                }
            }
        };
        match tokio::time::timeout(most, ready).await {
            Ok(outcome) => outcome,
            Err(_) => Err(NotReady::Late { waited: most, last: self.last_fault() }),
        }
    }

    /// Waits until the revocation log is known here up to `sequence`, at most for `most`; says whether it is. It waits for
    /// the follower, which asks as it always does, and never for a verifier that ignores revocation.
    pub async fn wait_applied(&self, sequence: Sequence, most: Duration) -> bool {
        match &self.log {
            Some(log) => tokio::time::timeout(most, log.course.caught_up(sequence)).await.is_ok(),
            None => false,
        }
    }

    /// Of the keys, or if those are in order, of the log.
    fn last_fault(&self) -> Option<FetchFault> {
        let Status { last_failure, log, .. } = self.status();
        last_failure.or_else(|| log?.last_failure).map(|last| last.fault)
    }

    /// Where the follower stands now.
    pub fn status(&self) -> Status {
        let now = self.course.now();
        let log = self.log.as_ref().map(|log| log.course.status());
        Status { log, ..self.course.ledger().status(now) }
    }

    /// Has the follower look at the verifier's clock and do what is due by it; returns when that is done. Where the
    /// revocation log is followed, the issuer is asked what is new, and does not hold the answer back. The follower
    /// does so on its own when real time passes. This is for programs that move the clock themselves:
    /// tests with a [`crate::clock::FixedClock`].
    pub async fn poll_once(&self) {
        let (done, looked) = oneshot::channel();
        self.course.looks.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        self.course.wake.notify_one();
        // The task ends only with this handle.
        let _ = looked.await;
        if let Some(log) = &self.log {
            log.course.poll_once().await;
        }
    }
}

/// What follows the log, if the verifier does.
fn log_course(
    verifier: &Verifier,
    settings: &FollowSettings,
) -> Result<Option<Arc<LogCourse>>, InvalidFollow> {
    let Some(policy) = verifier.freshness() else { return Ok(None) };
    let issuer = verifier.issuer();
    let places = Places::new(issuer, &settings.log_from, settings.log_keys_from.clone())?;
    let introduction = settings.introduction.clone();
    if let (LogFrom::Urls(_), Some(introduction)) = (&settings.log_from, &introduction)
        && introduction.has_credentials()
        && !places.documents().any(|place| introduction.is_shown_at(place, issuer))
    {
        return Err(InvalidFollow::NobodyToShow);
    }
    let asker = Asker::new(issuer, places, settings.timeouts, introduction)
        .map_err(|detail| InvalidFollow::HttpClient { detail })?;
    let disk = match &settings.disk {
        DiskState::Directory(directory) => Some(directory.clone()),
        DiskState::Nowhere => None,
    };
    let parts = Parts {
        verifier: verifier.clone(),
        clock: verifier.shared_clock(),
        entropy: Arc::clone(&settings.entropy),
        on_notice: settings.on_notice.clone(),
        max_stale: settings.max_stale,
        asker,
        disk,
    };
    Ok(Some(Arc::new(LogCourse::new(parts, policy))))
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(log) = &self.log {
            log.task.abort();
        }
    }
}

impl Course {
    /// Takes over what an earlier process kept on disk, if it is still good.
    fn restore(&self, now: ledger::Now) {
        let Some(file) = &self.state_file else { return };
        let issuer = self.verifier.issuer();
        let path = file.path();
        let ignored = |why: &dyn std::fmt::Display| {
            tracing::warn!(issuer, path = %path.display(), error = %why, "the keys on disk are not used");
        };
        let state =
            match file.read(issuer, self.verifier.accepted_format(), self.fetcher.configured_address()) {
                Ok(Some(state)) => state,
                Ok(None) => return,
                Err(why) => return ignored(&why),
            };
        if state.confirmed_at > now.wall {
            // Their age cannot be told, so it cannot be bounded.
            return ignored(&"they are from the future: was the clock set back?");
        }
        let good_until = state.confirmed_at.plus(self.max_stale);
        if now.wall >= good_until {
            return ignored(&format!("they might be used until {good_until} only"));
        }
        let read = match KeySet::read(self.verifier.accepted_format(), state.document.as_bytes()) {
            Ok(read) => read,
            Err(why) => return ignored(&why),
        };
        if let Err(why) = self.verifier.install_keys_until(read.keys.clone(), good_until) {
            return ignored(&why);
        }
        tracing::info!(issuer, confirmed_at = %state.confirmed_at, "started with the keys on disk");
        self.ledger().restore(now, state, read.keys, read.skipped);
    }
}

fn invalid(why: UnusableFetcher, issuer: &str, keys_from: &KeysFrom) -> InvalidFollow {
    match (why, keys_from) {
        (UnusableFetcher::Client(detail), _) => InvalidFollow::HttpClient { detail },
        (UnusableFetcher::Address(why), KeysFrom::Discovery) => {
            InvalidFollow::Issuer { issuer: issuer.to_owned(), why }
        }
        // Not shown: it may carry a password.
        (UnusableFetcher::Address(why), KeysFrom::Url(_)) => InvalidFollow::Url { why },
    }
}
