//! The gate that answers now, with what it needs and what is told of it.

use super::counts::{Counts, RoutesInUse};
use arc_swap::ArcSwap;
use chancery_token::UnixTime;
use chancery_verifier::Verifier;
use chancery_verifier::follow::{Follower, Readiness};
use chancery_verifier::gate::Gate;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by all that serve. Holds the follower: news come for as long as this lives.
#[derive(Debug)]
pub(super) struct InService {
    pub(super) verifier: Verifier,
    pub(super) follower: Follower,
    pub(super) readiness: Readiness,
    pub(super) counts: Counts,
    loaded: ArcSwap<Loaded>,
    current: AtomicBool,
}

/// A gate, and when its routes were read.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) gate: Gate,
    pub(super) at: UnixTime,
}

impl Loaded {
    /// How many routes it guards, the metadata of the resource left out.
    pub(super) fn routes(&self) -> usize {
        let own = usize::from(self.gate.metadata_path().is_some());
        self.gate.table().rows().len().saturating_sub(own)
    }
}

impl InService {
    pub(super) fn new(verifier: Verifier, follower: Follower, loaded: Loaded) -> Self {
        Self {
            verifier,
            readiness: follower.readiness(),
            follower,
            counts: Counts::default(),
            loaded: ArcSwap::from_pointee(loaded),
            current: AtomicBool::new(true),
        }
    }

    /// The gate of this moment.
    pub(super) fn gate(&self) -> Gate {
        self.loaded.load().gate.clone()
    }

    /// Puts another one in its place. Requests that are being judged end with the old one.
    pub(super) fn replace(&self, loaded: Loaded) {
        self.loaded.store(Arc::new(loaded));
        self.current.store(true, Ordering::Relaxed);
    }

    /// The file holds something that is not served: the old routes stay.
    pub(super) fn keep_the_old(&self) {
        self.current.store(false, Ordering::Relaxed);
        self.counts.reload_failed();
    }

    /// Whether the routes in use are those of the file.
    pub(super) fn is_current(&self) -> bool {
        self.current.load(Ordering::Relaxed)
    }

    /// All that is counted, of the follower too.
    pub(super) fn metrics(&self) -> String {
        let loaded = self.loaded.load();
        let routes =
            RoutesInUse { routes: loaded.routes(), loaded_at: loaded.at, current: self.is_current() };
        self.follower.metrics() + &self.counts.text(routes)
    }
}
