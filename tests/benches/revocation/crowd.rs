//! Verifiers that follow one issuer, all in this process.

use crate::issuer::{AUDIENCE, Issuer};
use crate::time::now;
use chancery_revocation::Sequence;
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::follow::{
    DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom, LogStatus,
};
use chancery_verifier::{Environment, Freshness, Revocation, Verifier};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Whatever is waited for happens long before, or never.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// When the next revocation comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// When all are connected: each has sent its next question.
    Connected,
    /// As soon as the one before is applied: some questions are still on their way.
    AtOnce,
}

/// One verifier and what keeps it informed.
struct One {
    verifier: Verifier,
    follower: Follower,
}

/// All of them.
pub(crate) struct Crowd(Vec<Arc<One>>);

impl Crowd {
    /// So many, that hear of the log at `places`, or where the issuer says.
    pub(crate) async fn gather(count: usize, issuer: &Issuer, places: LogFrom) -> Result<Self, String> {
        let start = || -> Result<Arc<One>, String> {
            let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_mins(5)));
            let verifier =
                Verifier::new(issuer.url(), AUDIENCE, policy).map_err(|fault| fault.to_string())?;
            // A cache for each would be most of the memory that this takes.
            let verifier = verifier.environment(Environment::Test).cache_bytes(0);
            let keys = KeysFrom::Url(format!("{}/.well-known/jwks.json", issuer.url()));
            let log_keys = LogKeysFrom::Url(format!("{}/keys/revocation.json", issuer.url()));
            let settings = FollowSettings::new(keys, DiskState::Nowhere)
                .log_from(places.clone())
                .log_keys_from(log_keys);
            let follower = Follower::start(&verifier, settings).map_err(|fault| fault.to_string())?;
            Ok(Arc::new(One { verifier, follower }))
        };
        let crowd = Self((0..count).map(|_| start()).collect::<Result<_, _>>()?);
        for one in &crowd.0 {
            one.follower.wait_ready(PATIENCE).await.map_err(|fault| fault.to_string())?;
        }
        // The snapshot was the first question.
        crowd.connected(&vec![1; count]).await?;
        Ok(crowd)
    }

    /// One revocation: how many milliseconds after its acknowledgement each had applied it.
    pub(crate) async fn hears_of_a_revocation(
        &self,
        issuer: &Issuer,
        next_comes: Next,
    ) -> Result<Vec<f64>, String> {
        let token = issuer.token().await?;
        let (next, asked) = (self.at()?.next(), self.asked()?);
        let mut applied = JoinSet::new();
        for one in self.0.iter().map(Arc::clone) {
            applied.spawn(async move { one.follower.wait_applied(next, PATIENCE).await.then(now) });
        }
        issuer.revoke(&token).await?;
        let acknowledged = now();
        let mut millis = Vec::with_capacity(self.0.len());
        while let Some(at) = applied.join_next().await {
            let at = at.map_err(|fault| fault.to_string())?.ok_or("a verifier never applied a revocation")?;
            // The fastest hear of it before whoever revoked does.
            millis.push(at.saturating_duration_since(acknowledged).as_secs_f64() * 1e3);
        }
        let wall = SystemClock::new().now();
        let refuses = |one: &Arc<One>| match one.verifier.verify(&token, wall) {
            Err(refused) if refused.reason() == "revoked" => Ok(()),
            other => Err(format!("a verifier says {other:?} of a revoked token")),
        };
        self.0.iter().try_for_each(refuses)?;
        if next_comes == Next::Connected {
            self.connected(&asked).await?;
        }
        Ok(millis)
    }

    /// Where all of them are.
    fn at(&self) -> Result<Sequence, String> {
        let mut places =
            self.0.iter().map(|one| status(one).and_then(|log| log.position.map(|at| at.sequence)));
        let first = places.next().flatten().ok_or("a verifier knows nothing")?;
        if places.all(|place| place == Some(first)) { Ok(first) } else { Err("some are behind".to_owned()) }
    }

    /// How often each has asked.
    fn asked(&self) -> Result<Vec<u64>, String> {
        self.0
            .iter()
            .map(|one| status(one).map(|log| log.asked).ok_or("nothing is followed".to_owned()))
            .collect()
    }

    /// Waits until each has asked once more than `before`.
    async fn connected(&self, before: &[u64]) -> Result<(), String> {
        let start = now();
        let mut looks = tokio::time::interval(LOOK);
        while self.asked()?.iter().zip(before).any(|(now, before)| now <= before) {
            if start.elapsed() > PATIENCE {
                return Err("a verifier does not ask again".to_owned());
            }
            looks.tick().await;
        }
        Ok(())
    }
}

fn status(one: &Arc<One>) -> Option<LogStatus> {
    one.follower.status().log
}
