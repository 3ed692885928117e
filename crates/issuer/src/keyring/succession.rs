//! One format's keys in time. Pure: what it knows are instants; a key is whatever the caller puts in.
//!
//! A key is staged (made and judged, held by nobody yet), published, active, retired, and gone. Instants may lie
//! ahead: a rotation can be decided before its new key may sign, and every process reads the same decision.

use super::schedule::Schedule;
use chancery_token::UnixTime;
use std::convert::Infallible;

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum KeyState {
    /// Verifiers may fetch it; it signs nothing yet.
    Published {
        /// Since when.
        at: UnixTime,
    },
    /// It signs, or will when its time comes.
    Active {
        /// From this second on.
        since: UnixTime,
    },
    /// It signs no more, or stops when its time comes; its tokens are still believed.
    Retired {
        /// From this second on.
        at: UnixTime,
        /// From this second on it is not published any more.
        until: UnixTime,
    },
}

/// A rotation is under way; another one would leave its key no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rotation is under way: its key signs from {activates_at} on; rotate again after that")]
pub struct RotationPending {
    /// When the next key begins to sign.
    pub activates_at: UnixTime,
}

/// The keys of one format: old ones, the one in use, the one that follows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Succession<K> {
    /// In the order in which they stopped signing.
    retired: Vec<Retired<K>>,
    active: Active<K>,
    next: Next<K>,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Retired<K> {
    key: K,
    at: UnixTime,
    until: UnixTime,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Active<K> {
    key: K,
    since: UnixTime,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Next<K> {
    key: K,
    published: UnixTime,
}

impl<K> Succession<K> {
    /// The first two keys of an issuer. Nobody can hold older ones, so the first signs at once.
    pub(super) fn begin(first: K, second: K, now: UnixTime) -> Self {
        Self {
            retired: Vec::new(),
            active: Active { key: first, since: now },
            next: Next { key: second, published: now },
        }
    }

    /// The key that signs at `now`. Before the active one's time, that is the one which it follows.
    pub(super) fn signing(&self, now: UnixTime) -> &K {
        if self.active.since <= now {
            return &self.active.key;
        }
        self.retired.iter().find(|retired| now < retired.at).map_or(&self.active.key, |retired| &retired.key)
    }

    /// The keys that are published at `now`, oldest first.
    pub(super) fn published(&self, now: UnixTime) -> impl Iterator<Item = &K> {
        let believed =
            self.retired.iter().filter(move |retired| now < retired.until).map(|retired| &retired.key);
        believed.chain([&self.active.key, &self.next.key])
    }

    /// Every key, oldest first.
    pub(super) fn states(&self) -> impl Iterator<Item = (&K, KeyState)> {
        let retired = self.retired.iter();
        let retired = retired.map(|old| (&old.key, KeyState::Retired { at: old.at, until: old.until }));
        let active = (&self.active.key, KeyState::Active { since: self.active.since });
        retired.chain([active, (&self.next.key, KeyState::Published { at: self.next.published })])
    }

    /// When the next key would begin to sign if a rotation were decided at `now`.
    pub(super) fn next_use(&self, now: UnixTime, schedule: &Schedule) -> Result<UnixTime, RotationPending> {
        if now < self.active.since {
            return Err(RotationPending { activates_at: self.active.since });
        }
        Ok(now.max(schedule.earliest_use(self.next.published)))
    }

    /// Decides a rotation at `now`: the published key follows the active one as soon as every verifier can have
    /// it, and `fresh` is published in its place. Keys whose time is over are dropped.
    pub(super) fn rotate(
        self,
        fresh: K,
        now: UnixTime,
        schedule: &Schedule,
    ) -> Result<Self, RotationPending> {
        let since = self.next_use(now, schedule)?;
        let mut retired = self.retired;
        retired.retain(|old| now < old.until);
        retired.push(Retired { key: self.active.key, at: since, until: schedule.end_of_trust(since) });
        Ok(Self {
            retired,
            active: Active { key: self.next.key, since },
            next: Next { key: fresh, published: now },
        })
    }

    /// Takes the keys out that `is_out` names, at `now`. What signs then signs at once, unless the key that signed until
    /// now may stay: then nothing is in a hurry. In the place of a key that others were to follow, `fresh` is published.
    pub(super) fn without(
        self,
        is_out: impl Fn(&K) -> bool,
        fresh: K,
        now: UnixTime,
        schedule: &Schedule,
    ) -> Self {
        let in_a_hurry = is_out(self.signing(now));
        let Self { mut retired, mut active, mut next } = self;
        retired.retain(|old| !is_out(&old.key));
        if is_out(&active.key) {
            let since = if in_a_hurry { now } else { now.max(schedule.earliest_use(next.published)) };
            for old in retired.iter_mut().filter(|old| now < old.at) {
                (old.at, old.until) = (since, schedule.end_of_trust(since));
            }
            active = Active { key: next.key, since };
            next = Next { key: fresh, published: now };
        } else if is_out(&next.key) {
            next = Next { key: fresh, published: now };
        } else if in_a_hurry {
            active.since = now;
        }
        Self { retired, active, next }
    }

    pub(super) fn active(&self) -> &K {
        &self.active.key
    }

    pub(super) fn next(&self) -> &K {
        &self.next.key
    }

    /// The same succession of other keys.
    pub(super) fn map<'k, T>(&'k self, to: impl Fn(&'k K) -> T) -> Succession<T> {
        let Ok(mapped) = self.try_map(|key| Ok::<_, Infallible>(to(key)));
        mapped
    }

    /// As [`Succession::map`], or why not.
    pub(super) fn try_map<'k, T, E>(
        &'k self,
        mut to: impl FnMut(&'k K) -> Result<T, E>,
    ) -> Result<Succession<T>, E> {
        let retired = self.retired.iter();
        let retired = retired.map(|old| Ok(Retired { key: to(&old.key)?, at: old.at, until: old.until }));
        Ok(Succession {
            retired: retired.collect::<Result<_, E>>()?,
            active: Active { key: to(&self.active.key)?, since: self.active.since },
            next: Next { key: to(&self.next.key)?, published: self.next.published },
        })
    }
}

#[cfg(test)]
mod tests;
