//! An office, a clock that stands, a verifier and its follower.

use super::office::{DEADLINE, Office, Reply};
use chancery_verifier::clock::{Clock, FixedClock};
use chancery_verifier::entropy::PredictableEntropy;
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, Notice};
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Rejection, Revocation, Verified, Verifier};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
/// What the offices of these tests say; the refresh then comes after 405 to 495 seconds.
pub(crate) const MAX_AGE: u64 = 600;
/// Long enough for every refresh that [`MAX_AGE`] allows.
pub(crate) const INTERVAL: Duration = Duration::from_secs(496);

pub(crate) struct World {
    pub(crate) office: Office,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) verifier: Verifier,
    pub(crate) follower: Follower,
    pub(crate) notices: Arc<Mutex<Vec<Notice>>>,
}

pub(crate) fn issuer() -> TestIssuer {
    TestIssuer::new(ISSUER, AUDIENCE)
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(issuer().now()))
}

pub(crate) fn verifier(issuer: &str, clock: &Arc<FixedClock>) -> Verifier {
    let clock: Arc<dyn Clock> = clock.clone();
    Verifier::new(issuer, AUDIENCE, Revocation::Ignore { reason: "a test" }).unwrap().clock(clock)
}

pub(crate) fn settings(keys_from: KeysFrom) -> FollowSettings {
    FollowSettings::new(keys_from, DiskState::Nowhere).entropy(Arc::new(PredictableEntropy::new(1)))
}

/// A JWK Set of these keys.
pub(crate) fn document_of(numbers: &[u8]) -> String {
    let entry = |number: &u8| -> serde_json::Value {
        let document: serde_json::Value =
            serde_json::from_str(&issuer().key_number(*number).key_document()).unwrap();
        document["keys"][0].clone()
    };
    serde_json::json!({ "keys": numbers.iter().map(entry).collect::<Vec<_>>() }).to_string()
}

/// The same as an answer that stays fresh for [`MAX_AGE`].
pub(crate) fn keys_of(numbers: &[u8]) -> Reply {
    Reply::ok(document_of(numbers)).max_age(MAX_AGE)
}

impl World {
    /// Key number 1 is published and held.
    pub(crate) async fn new() -> Self {
        Self::with(|settings| settings).await
    }

    pub(crate) async fn with(change: impl FnOnce(FollowSettings) -> FollowSettings) -> Self {
        let office = Office::new();
        office.publish_keys(keys_of(&[1]));
        let (clock, notices) = (clock(), Arc::<Mutex<Vec<Notice>>>::default());
        let verifier = verifier(ISSUER, &clock);
        let told = Arc::clone(&notices);
        let settings = settings(KeysFrom::Url(office.keys_url()))
            .on_notice(move |notice| told.lock().unwrap().push(notice.clone()));
        let follower = Follower::start(&verifier, change(settings)).unwrap();
        follower.wait_ready(DEADLINE).await.unwrap();
        assert_eq!(office.asked_for_keys(), 1);
        Self { office, clock, verifier, follower, notices }
    }

    /// A token of key number `number` that is good now.
    pub(crate) fn token(&self, number: u8) -> String {
        issuer().key_number(number).at(self.clock.now()).token().sign()
    }

    /// A good token that names a key which nobody has.
    pub(crate) fn with_unknown_key(&self, kid: &str) -> String {
        issuer().at(self.clock.now()).token().header("kid", kid).sign()
    }

    /// The verdict without I/O.
    pub(crate) fn verify(&self, token: &str) -> Result<Verified, Rejection> {
        self.verifier.verify(token, self.clock.now())
    }

    /// Lets time pass, and the follower do what is due then.
    pub(crate) async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.follower.poll_once().await;
    }

    pub(crate) fn last_reason(&self) -> Option<&'static str> {
        self.follower.status().last_failure.map(|last| last.fault.reason())
    }
}

pub(crate) fn reason<T>(verdict: Result<T, Rejection>) -> &'static str {
    verdict.map(|_| ()).expect_err("the token is refused").reason()
}

/// A directory of one test, removed with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("chancery-follow-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind at worst.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
