//! One request to the issuer that any number of callers wait for.

use crate::access_token::AccessToken;
use crate::error::RequestError;
use tokio::sync::watch;

/// What a request ended with.
pub(crate) type Outcome = Result<AccessToken, RequestError>;

/// A request that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight(watch::Receiver<Option<Outcome>>);

/// Whoever makes the request; tells the outcome to all who wait.
#[derive(Debug)]
pub(crate) struct Pilot(watch::Sender<Option<Outcome>>);

impl Flight {
    /// Begins one.
    pub(crate) fn begin() -> (Pilot, Self) {
        let (sender, receiver) = watch::channel(None);
        (Pilot(sender), Self(receiver))
    }

    /// Waits for its end; `None` when the request was given up without one.
    pub(crate) async fn land(mut self) -> Option<Outcome> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }

    /// Whether nobody makes the request any more, and no outcome was told.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.has_changed().is_err() && self.0.borrow().is_none()
    }
}

impl Pilot {
    /// Tells the outcome.
    pub(crate) fn land(self, outcome: Outcome) {
        self.0.send_replace(Some(outcome));
    }
}
