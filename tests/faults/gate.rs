//! A service's verifier that follows the revocation log.

use crate::issuer::ISSUER;
use crate::support::{AUDIENCE, until};
use chancery_revocation::{Freshness, Sequence};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::clock::{Clock, SystemClock};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom};
use chancery_verifier::{Revocation, Verifier};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How old news may be.
pub(crate) const MAX_STALENESS: Duration = Duration::from_mins(5);

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// What keys are fetched from, and what is followed.
#[derive(Clone)]
pub(crate) struct Places {
    /// The issuer whose keys are believed: of tokens, and of the log.
    pub(crate) keys: String,
    /// Where the documents of the log are.
    pub(crate) log: Vec<String>,
}

/// A clock by which whoever waits has waited long: each look at it may be far from the last.
#[derive(Debug)]
pub(crate) struct Hasty {
    machine: SystemClock,
    passed_millis: AtomicU64,
}

impl Hasty {
    pub(crate) fn new() -> Self {
        Self { machine: SystemClock::new(), passed_millis: AtomicU64::new(0) }
    }

    /// Lets the longest wait of a follower pass: 10 s (docs/PROTOCOL.md).
    pub(crate) fn skip(&self) {
        self.passed_millis.fetch_add(11_000, Ordering::SeqCst);
    }
}

impl Clock for Hasty {
    fn now(&self) -> UnixTime {
        self.machine.now()
    }

    fn monotonic(&self) -> Duration {
        self.machine.monotonic() + Duration::from_millis(self.passed_millis.load(Ordering::SeqCst))
    }
}

/// A verifier with its follower, in a runtime of its own.
pub(crate) struct Gate {
    verifier: Verifier,
    follower: Follower,
    clock: Arc<dyn Clock>,
    runtime: Runtime,
}

impl Gate {
    /// Starts it; what it heard before is in `disk`, if that is given.
    pub(crate) fn start(
        places: &Places,
        max_staleness: Duration,
        disk: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let policy = Revocation::Follow(Freshness::MaxStaleness(max_staleness));
        let verifier = Verifier::new(ISSUER, AUDIENCE, policy).unwrap();
        let verifier = verifier.environment(Environment::Test).clock(Arc::clone(&clock));
        let disk = disk.map_or(DiskState::Nowhere, |folder| DiskState::Directory(folder.to_owned()));
        let keys = KeysFrom::Url(format!("{}/.well-known/jwks.json", places.keys));
        let settings = FollowSettings::new(keys, disk)
            .log_from(LogFrom::Urls(places.log.clone()))
            .log_keys_from(LogKeysFrom::Url(format!("{}/keys/revocation.json", places.keys)));
        let follower = runtime.block_on(async { Follower::start(&verifier, settings) }).unwrap();
        Self { verifier, follower, clock, runtime }
    }

    /// Starts one that has never heard anything, and waits until it has.
    pub(crate) fn open(places: &Places, clock: Arc<dyn Clock>) -> Self {
        let gate = Self::start(places, MAX_STALENESS, None, clock);
        gate.wait_ready();
        gate
    }

    pub(crate) fn wait_ready(&self) {
        self.runtime.block_on(self.follower.wait_ready(PATIENCE)).unwrap();
    }

    /// `good`, or the reason why not.
    pub(crate) fn says(&self, token: &str) -> &'static str {
        self.verifier.verify(token, self.clock.now()).map_or_else(|rejection| rejection.reason(), |_| "good")
    }

    /// Waits until the log is known here up to `sequence`.
    #[track_caller]
    pub(crate) fn reaches(&self, sequence: u64) {
        let sequence = Sequence::new(sequence);
        assert!(
            self.runtime.block_on(self.follower.wait_applied(sequence, PATIENCE)),
            "{sequence} never came: {:?}",
            self.follower.status().log
        );
    }

    /// Has it ask what is new, now.
    pub(crate) fn ask(&self) {
        self.runtime.block_on(self.follower.poll_once());
    }

    /// How often something showed that the store lost something.
    pub(crate) fn alarms(&self) -> u64 {
        self.log().alarms
    }

    /// Where it stands with the log.
    pub(crate) fn log(&self) -> chancery_verifier::follow::LogStatus {
        self.follower.status().log.expect("it follows the log")
    }

    /// Waits until it says that.
    pub(crate) fn comes_to(&self, token: &str, word: &'static str) {
        until(word, || (self.says(token) == word).then_some(()));
    }
}
