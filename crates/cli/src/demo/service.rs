//! DocuMint, as it would run beside you: it knows the issuer's URL, follows its revocation log, and keeps keys and log on
//! disk.

use chancery_examples::documint::{self, Archive};
use chancery_token::Environment;
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
use chancery_verifier::{Freshness, Revocation, Verifier};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// How old its news of the revocation log may be: it goes on for so long when the issuer is away.
const MAX_STALENESS: Duration = Duration::from_mins(5);

/// A running service. Dropping it stops it.
pub(super) struct Service {
    pub(super) url: String,
    pub(super) verifier: Verifier,
    pub(super) follower: Follower,
    task: AbortHandle,
}

impl Service {
    /// Starts it with whatever keys and log are on disk; it fetches both in the background.
    pub(super) async fn start(issuer: &str, folder: &Path) -> Result<Self, String> {
        let told = |why: &dyn std::fmt::Display| why.to_string();
        let revocation = Revocation::Follow(Freshness::MaxStaleness(MAX_STALENESS));
        let verifier = Verifier::new(issuer, documint::AUDIENCE, revocation)
            .map_err(|why| told(&why))?
            .environment(Environment::Test);
        let disk = DiskState::Directory(folder.join("documint"));
        let settings = FollowSettings::new(KeysFrom::Discovery, disk);
        let follower = Follower::start(&verifier, settings).map_err(|why| told(&why))?;
        let guarded =
            documint::service(Archive::with_examples(), verifier.clone()).map_err(|why| told(&why))?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|why| told(&why))?;
        let url = format!("http://{}", listener.local_addr().map_err(|why| told(&why))?);
        let task = tokio::spawn(documint::serve(listener, guarded)).abort_handle();
        Ok(Self { url, verifier, follower, task })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}
