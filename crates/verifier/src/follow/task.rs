//! The task in the background: does what the plan says, and tells.

use super::fault::{FetchBlame, FetchFault};
use super::fetch::{Cargo, Fetcher};
use super::ledger::{Confirmed, Held, Landing, Ledger, Now};
use super::notice::Notice;
use super::plan::Step;
use super::settings::OnNotice;
use super::state_file::{State, StateFile};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::verifier::Verifier;
use chancery_token::KeySet;
use std::fmt;
use std::future::{self, Future};
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot, watch};

/// A disk that takes longer is left alone until the next time: keys matter more than their copy.
const DISK_TIMEOUT: Duration = Duration::from_secs(5);

/// What the task, the handle and waiting requests share.
pub(super) struct Course {
    pub(super) verifier: Verifier,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) fetcher: Fetcher,
    pub(super) state_file: Option<StateFile>,
    pub(super) max_stale: Duration,
    pub(super) wait: Duration,
    pub(super) on_notice: Option<OnNotice>,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) landed: watch::Sender<Landed>,
    /// Makes the task look at the plan again.
    pub(super) wake: Notify,
    /// Whoever waits until the task has looked at the clock.
    pub(super) looks: Mutex<Vec<oneshot::Sender<()>>>,
}

/// The last flight that came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    pub(super) flight: u64,
    pub(super) good: bool,
}

type Flight = Pin<Box<dyn Future<Output = Result<Cargo, FetchFault>> + Send>>;

impl Course {
    pub(super) fn now(&self) -> Now {
        Now { wall: self.clock.now(), monotonic: self.clock.monotonic() }
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // A ledger is whole after every call: what panicked elsewhere does not spoil it.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until it is aborted. The one place that fetches, so there is never more than one flight.
    pub(super) async fn run(self: Arc<Self>) {
        let mut flight: Option<Flight> = None;
        let mut looks = Vec::new();
        loop {
            looks.append(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner));
            let (step, now) = self.step();
            match step {
                Step::Expire => self.expire(),
                Step::Fetch => flight = Some(Arc::clone(&self).fly(now.monotonic)),
                Step::TellStale { age } => self.tell_stale(age),
                Step::Wait(span) => {
                    if flight.is_none() {
                        for look in mem::take(&mut looks) {
                            // Whoever asked may have gone.
                            let _ = look.send(());
                        }
                    }
                    tokio::select! {
                        outcome = landing(&mut flight) => {
                            flight = None;
                            self.land(outcome).await;
                        }
                        () = tokio::time::sleep(span) => {}
                        () = self.wake.notified() => {}
                    }
                }
            }
        }
    }

    fn step(&self) -> (Step, Now) {
        let now = self.now();
        (self.ledger().step(now), now)
    }

    fn fly(self: Arc<Self>, now: Duration) -> Flight {
        let luggage = self.ledger().luggage();
        Box::pin(async move { self.fetcher.fetch(luggage, now).await })
    }

    async fn land(&self, outcome: Result<Cargo, FetchFault>) {
        let (now, draw) = (self.now(), self.draw());
        let (flight, landing) = {
            let mut ledger = self.ledger();
            let landing = match outcome {
                Ok(cargo) => ledger.confirmed(now, cargo, draw),
                Err(fault) => Landing::Failed(ledger.failed(now, fault, draw)),
            };
            if let Landing::Confirmed(confirmed) = &landing {
                self.install(confirmed.held.keys.clone(), now);
            }
            (ledger.flight(), landing)
        };
        // Installed first: whoever wakes up looks for the key at once.
        let good = matches!(landing, Landing::Confirmed(_));
        self.landed.send_replace(Landed { flight, good });
        match landing {
            Landing::Confirmed(confirmed) => {
                self.tell_confirmed(&confirmed);
                self.keep(&confirmed.held).await;
            }
            Landing::Failed(last) => self.tell_failure(&last.fault, last.in_a_row),
            Landing::InVain => {}
        }
    }

    fn install(&self, keys: KeySet, now: Now) {
        if let Err(wrong) = self.verifier.install_keys_until(keys, now.wall.plus(self.max_stale)) {
            tracing::error!(issuer = self.verifier.issuer(), error = %wrong, "the fetched keys are not installed");
        }
    }

    fn expire(&self) {
        self.verifier.drop_keys();
        tracing::error!(
            issuer = self.verifier.issuer(),
            max_stale_seconds = self.max_stale.as_secs(),
            "the keys reached their last age: every token is refused until the issuer answers",
        );
        self.tell(&Notice::Expired);
    }

    fn tell_stale(&self, age: Duration) {
        let good_until = self.ledger().good_until().unwrap_or_else(|| self.clock.now());
        tracing::warn!(
            issuer = self.verifier.issuer(),
            jwks_age_seconds = age.as_secs(),
            %good_until,
            "the keys are used past their lifetime: fetches fail",
        );
        self.tell(&Notice::Stale { age, good_until });
    }

    fn tell_failure(&self, fault: &FetchFault, in_a_row: u32) {
        let (issuer, reason) = (self.verifier.issuer(), fault.reason());
        if fault.blame() == FetchBlame::Setup {
            tracing::error!(issuer, reason, error = %fault, "the keys cannot be followed until the setup is mended");
            self.tell(&Notice::Setup(fault.clone()));
        } else {
            tracing::warn!(issuer, reason, in_a_row, error = %fault, "fetching the keys failed");
        }
    }

    fn tell_confirmed(&self, confirmed: &Confirmed) {
        let issuer = self.verifier.issuer();
        for (entry, why) in &confirmed.newly_skipped {
            tracing::warn!(issuer, entry, error = %why, "an entry of the key document is left out");
        }
        if !confirmed.added.is_empty() || !confirmed.removed.is_empty() {
            tracing::info!(issuer, added = ?confirmed.added, removed = ?confirmed.removed, "the keys changed");
        }
        if confirmed.recovered {
            tracing::info!(issuer, "the keys are fresh again");
            self.tell(&Notice::Recovered);
        }
    }

    fn tell(&self, notice: &Notice) {
        if let Some(on_notice) = &self.on_notice {
            on_notice(notice);
        }
    }

    async fn keep(&self, held: &Held) {
        let Some(file) = self.state_file.clone() else { return };
        let state = State::new(
            self.verifier.issuer().to_owned(),
            held.keys.format(),
            held.url.clone(),
            held.confirmed_at,
            held.etag(),
            held.text.clone(),
        );
        let (nonce, path) = (self.draw(), file.path());
        let writing = tokio::task::spawn_blocking(move || file.write(&state, nonce));
        let failed = match tokio::time::timeout(DISK_TIMEOUT, writing).await {
            Ok(Ok(Ok(()))) => return,
            Ok(Ok(Err(why))) => why.to_string(),
            Ok(Err(why)) => why.to_string(),
            Err(_) => format!("the disk took longer than {}s", DISK_TIMEOUT.as_secs()),
        };
        tracing::warn!(
            issuer = self.verifier.issuer(),
            path = %path.display(),
            error = failed,
            "the keys are not kept on disk: a restart depends on the issuer",
        );
    }

    fn draw(&self) -> u64 {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The end of the flight; never, when there is none.
async fn landing(flight: &mut Option<Flight>) -> Result<Cargo, FetchFault> {
    match flight {
        Some(flight) => flight.await,
        None => future::pending().await,
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Course").field("issuer", &self.verifier.issuer()).finish_non_exhaustive()
    }
}
