//! The routes in use are those of the file, a second after it changed.

use super::in_service::{InService, Loaded};
use super::routes::{self, BadRoutes};
use crate::logging;
use chancery_verifier::Verifier;
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::gate::Gate;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often the file is looked at. Its content is compared and not its time: that stands still where files are
/// mounted, and within one tick of its clock.
const LOOK: Duration = Duration::from_secs(1);

/// How long a disk may take to answer until that is told.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file, and what was seen in it last.
#[derive(Debug)]
pub(super) struct RoutesFile {
    path: PathBuf,
    seen: Seen,
    /// A look that the disk has not answered yet: there is never a second one beside it.
    pending: Option<JoinHandle<Result<Vec<u8>, BadRoutes>>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Content(Vec<u8>),
    /// It could not be read: what was said about that.
    Unread(String),
}

/// What a look at the file brought.
#[derive(Debug)]
enum Look {
    Unchanged,
    Replaced(Loaded),
    Refused(BadRoutes),
}

impl RoutesFile {
    /// Reads the file for the first time: without routes there is no gate.
    pub(super) fn open(path: &Path, verifier: &Verifier) -> Result<(Self, Loaded), BadRoutes> {
        let content = routes::content(path)?;
        let loaded = load(path, &content, verifier)?;
        Ok((Self { path: path.to_owned(), seen: Seen::Content(content), pending: None }, loaded))
    }

    /// Looks again and again, and at once when the process is sent a hangup.
    pub(super) async fn follow(mut self, service: Arc<InService>, mut hangup: Signal) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                _ = looks.tick() => false,
                _ = hangup.recv() => true,
            };
            match self.look(&service.verifier).await {
                Look::Unchanged if asked && service.is_current() => {
                    tracing::info!(target: "chancery::gate", "asked to look at the routes again: they have not changed");
                }
                Look::Unchanged if asked => {
                    tracing::warn!(target: "chancery::gate", "the file has not changed since its routes were refused; the old ones stay in use");
                }
                Look::Unchanged => {}
                Look::Replaced(loaded) => {
                    tracing::info!(target: "chancery::gate", routes = loaded.routes(), "the routes were replaced");
                    service.replace(loaded);
                }
                Look::Refused(why) => {
                    service.keep_the_old();
                    let reason = why.reason();
                    tracing::error!(target: "chancery::gate", reason, %why, "the routes are refused; the old ones stay in use");
                }
            }
        }
    }

    async fn look(&mut self, verifier: &Verifier) -> Look {
        let path = self.path.clone();
        let unread = |why| BadRoutes::Unread { path: path.clone(), why };
        // A disk that does not answer must not keep requests waiting.
        let pending = self.pending.get_or_insert_with(|| {
            let path = path.clone();
            tokio::task::spawn_blocking(move || routes::content(&path))
        });
        let read = match timeout(PATIENCE, pending).await {
            Err(_) => Err(unread(io::Error::new(io::ErrorKind::TimedOut, "the disk does not answer"))),
            Ok(read) => {
                self.pending = None;
                read.unwrap_or_else(|why| Err(unread(io::Error::other(why))))
            }
        };
        // The other thread goes on with the requests meanwhile.
        logging::block_in_place(|| self.compare(read, verifier))
    }

    fn compare(&mut self, read: Result<Vec<u8>, BadRoutes>, verifier: &Verifier) -> Look {
        match read {
            Ok(content) => {
                let seen = Seen::Content(content);
                if self.seen == seen {
                    return Look::Unchanged;
                }
                self.seen = seen;
                let Seen::Content(content) = &self.seen else { return Look::Unchanged };
                load(&self.path, content, verifier).map_or_else(Look::Refused, Look::Replaced)
            }
            Err(why) => {
                let seen = Seen::Unread(why.to_string());
                if self.seen == seen {
                    return Look::Unchanged;
                }
                self.seen = seen;
                Look::Refused(why)
            }
        }
    }
}

fn load(path: &Path, content: &[u8], verifier: &Verifier) -> Result<Loaded, BadRoutes> {
    let rows = routes::rows(path, content)?;
    let gate =
        Gate::new(rows, verifier.clone()).map_err(|why| BadRoutes::Gate { path: path.to_owned(), why })?;
    Ok(Loaded { gate, at: SystemClock::new().now() })
}
