//! What a request does that meets an unknown key.

use super::plan::Lookup;
use super::task::Course;
use crate::source::{KeyLookup, KeySource};
use std::future::Future;
use std::pin::Pin;
use std::sync::Weak;

/// The verifier's way to its follower. Weak, for the follower holds the verifier.
#[derive(Debug)]
pub(super) struct Lookups(pub(super) Weak<Course>);

impl KeySource for Lookups {
    fn key_missing(&self) -> Pin<Box<dyn Future<Output = KeyLookup> + Send + '_>> {
        Box::pin(async move {
            match self.0.upgrade() {
                Some(course) => course.look_up().await,
                // The follower was stopped: nobody fetches.
                None => KeyLookup::CoolingDown,
            }
        })
    }
}

impl Course {
    /// The request only waits; the task fetches. So a request that is given up takes nobody's fetch along.
    async fn look_up(&self) -> KeyLookup {
        let mut landed = self.landed.subscribe();
        let now = self.now();
        let lookup = self.ledger().unknown_key(now);
        let flight = match lookup {
            Lookup::CoolingDown => return KeyLookup::CoolingDown,
            Lookup::Failing => return KeyLookup::Failed,
            Lookup::Join { flight } => flight,
        };
        self.wake.notify_one();
        match tokio::time::timeout(self.wait, landed.wait_for(|landed| landed.flight >= flight)).await {
            Ok(Ok(landed)) if landed.good => KeyLookup::Refreshed,
            _ => KeyLookup::Failed,
        }
    }
}
