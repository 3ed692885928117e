//! What a verifier does that met a token which is ahead of the log.

use super::pace::BREATH;
use super::task::LogCourse;
use crate::source::LogSource;
use chancery_revocation::Sequence;
use std::future::Future;
use std::pin::Pin;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a strict verifier waits for news before it says that it does not know. Word of a revocation reaches the
/// followers of an issuer within less.
const MOMENT: Duration = Duration::from_millis(250);

/// The verifier's way to its follower. Weak, for the follower holds the verifier.
#[derive(Debug)]
pub(in crate::follow) struct Behind(pub(in crate::follow) Weak<LogCourse>);

impl LogSource for Behind {
    fn news_wanted(&self) {
        if let Some(course) = self.0.upgrade() {
            course.news_wanted();
        }
    }

    fn caught_up(&self, rvs: Sequence) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if let Some(course) = self.0.upgrade() {
                // Whoever is behind after this moment says so.
                let _ = tokio::time::timeout(MOMENT, course.caught_up(rvs)).await;
            }
        })
    }
}

impl LogCourse {
    /// Wakes the task, once a second at most however many tokens ask.
    fn news_wanted(&self) {
        let now = u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX);
        let breath = u64::try_from(BREATH.as_millis()).unwrap_or(u64::MAX);
        let last = self.hurried_at.load(Ordering::Relaxed);
        let is_due = last == NEVER || now.saturating_sub(last) >= breath;
        if is_due && self.hurried_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.hurry.store(true, Ordering::Release);
            self.wake.notify_one();
        }
    }

    pub(in crate::follow) async fn caught_up(&self, rvs: Sequence) {
        let mut landed = self.landed.subscribe();
        let knows = || self.verifier.log().position().is_some_and(|position| position.sequence >= rvs);
        while !knows() && landed.changed().await.is_ok() {}
    }
}

/// No token was ahead yet.
pub(super) const NEVER: u64 = u64::MAX;
