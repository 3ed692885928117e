//! One request to the issuer that any number of callers wait for.

use tokio::sync::watch;

/// A request that is under way, and ends with an `O`.
#[derive(Debug)]
pub(crate) struct Flight<O>(watch::Receiver<Option<O>>);

/// Whoever makes the request; tells the outcome to all who wait.
#[derive(Debug)]
pub(crate) struct Pilot<O>(watch::Sender<Option<O>>);

impl<O: Clone> Flight<O> {
    /// Begins one.
    pub(crate) fn begin() -> (Pilot<O>, Self) {
        let (sender, receiver) = watch::channel(None);
        (Pilot(sender), Self(receiver))
    }

    /// Waits for its end; `None` when the request was given up without one.
    pub(crate) async fn land(mut self) -> Option<O> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }

    /// Whether nobody makes the request any more, and no outcome was told.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.has_changed().is_err() && self.0.borrow().is_none()
    }
}

impl<O> Clone for Flight<O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<O> Pilot<O> {
    /// Tells the outcome.
    pub(crate) fn land(self, outcome: O) {
        self.0.send_replace(Some(outcome));
    }
}
