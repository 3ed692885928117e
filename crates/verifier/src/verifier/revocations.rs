//! What the revocation log says of a token, and how its documents get here.

use super::Verifier;
use crate::rejection::Rejection;
use crate::revocation::{NotFresher, NotInstalled, Revocation, SHORTEST_STALENESS};
use crate::verified::Verified;
#[cfg(feature = "follow")]
use chancery_revocation::Freshness;
use chancery_revocation::{
    Document, Follow, Moment, Outcome, Position, RevocationKeys, SharedKey, Unknown, Verdict,
};
use chancery_token::UnixTime;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Verifier {
    /// The same verifier for something dangerous: news of the revocation log that are older than `most` are not used.
    /// Shares keys, log and cache with the one it comes from. A follower asks often enough for the shortest `most`;
    /// below [`SHORTEST_STALENESS`] that cannot be.
    ///
    /// A guarded route says it as `scope!("invoices:delete").at_most(SECONDS_5)`.
    pub fn at_most(&self, most: Duration) -> Result<Self, NotFresher> {
        if let Revocation::Ignore { .. } = self.shared.settings.revocation {
            return Err(NotFresher::Ignored { most });
        }
        if most < SHORTEST_STALENESS {
            return Err(NotFresher::TooShort { most });
        }
        let most = self.at_most.map_or(most, |already| already.min(most));
        self.shared.youngest_asked.fetch_min(most.as_secs(), Ordering::Relaxed);
        Ok(Self { shared: Arc::clone(&self.shared), at_most: Some(most) })
    }

    /// Takes in a document of the issuer's revocation log, a snapshot or a delta, as it came. `keys` are those of the
    /// log; `now` is the wall clock, and the clock of the verifier says how time goes on from here.
    ///
    /// Documents may come in any order, and as often as they like: no document revives a token. What became of this one
    /// is told; an [`Outcome::is_alarming`] one is for somebody to look at, and [`Outcome::NeedSnapshot`] asks for one.
    pub fn install_revocations(
        &self,
        document: &str,
        keys: &RevocationKeys,
        now: UnixTime,
    ) -> Result<Outcome, NotInstalled> {
        if let Revocation::Ignore { .. } = self.shared.settings.revocation {
            return Err(NotInstalled::Ignored);
        }
        self.shares_no_key_with(keys)?;
        let document = keys.open(document, self.issuer(), now)?;
        Ok(self.accept_revocations(&document, self.moment(now)))
    }

    /// How old is what is known of the revocation log: the gauge `revocation_list_age_seconds` (rule ). `None`
    /// while nothing is known.
    pub fn revocations_age(&self) -> Option<Duration> {
        self.log().age(self.moment(self.shared.settings.clock.now()))
    }

    /// Up to where the revocation log is known here. `None` while nothing is known.
    pub fn revocations_position(&self) -> Option<Position> {
        self.log().position().copied()
    }

    /// What is known of the log.
    pub(crate) fn log(&self) -> Follow {
        self.shared.installed.load().log.clone()
    }

    /// Takes what is new in a document.
    pub(crate) fn accept_revocations(&self, document: &Document, now: Moment) -> Outcome {
        let mut outcome = None;
        self.shared.installed.rcu(|old| {
            let (log, became) = old.log.clone().accept(document.clone(), now);
            outcome = Some(became);
            old.with_log(log)
        });
        // The closure runs at least once.
        outcome.unwrap_or(Outcome::AlreadyHeld)
    }

    /// Whether none of the log's keys signs tokens, by the token keys that are installed.
    pub(crate) fn shares_no_key_with(&self, keys: &RevocationKeys) -> Result<(), SharedKey> {
        self.shared.installed.load().keys.set().map_or(Ok(()), |tokens| keys.disjoint_from(tokens))
    }

    /// `now` by the wall clock, with what the clock of the verifier says of the time that passed.
    pub(crate) fn moment(&self, now: UnixTime) -> Moment {
        Moment { wall: now, monotonic: self.shared.settings.clock.monotonic() }
    }

    /// What is known of the log decides, after signature and claims, and again at every hit of the cache.
    pub(super) fn judge_revocation(
        &self,
        log: &Follow,
        token: &Verified,
        now: UnixTime,
    ) -> Result<(), Rejection> {
        let policy = match self.shared.settings.revocation {
            Revocation::Ignore { .. } => return Ok(()),
            Revocation::Follow(policy) => self.at_most.map_or(policy, |most| policy.at_most(most)),
        };
        // A token that was verified by a verifier that follows has its marks.
        let Some(marks) = token.marks() else {
            return Err(Rejection::RevocationUnknown(Unknown::NeverHeard));
        };
        match log.judge(marks, policy, self.moment(now)) {
            Verdict::Good => Ok(()),
            Verdict::GoodSoFar(_) => {
                self.want_news();
                Ok(())
            }
            Verdict::Over(over) => Err(Rejection::Over(over)),
            Verdict::Unknown(unknown) => {
                if let Unknown::Behind { .. } = unknown {
                    self.want_news();
                }
                Err(Rejection::RevocationUnknown(unknown))
            }
        }
    }

    fn want_news(&self) {
        if let Some(source) = self.shared.log_source.get() {
            source.news_wanted();
        }
    }

    /// The shortest age of news that was ever asked for: how often the log must be confirmed here. `None` where it is
    /// not followed.
    #[cfg(feature = "follow")]
    pub(crate) fn youngest_asked(&self) -> Option<Duration> {
        match self.shared.settings.revocation {
            Revocation::Ignore { .. } => None,
            Revocation::Follow(_) => {
                Some(Duration::from_secs(self.shared.youngest_asked.load(Ordering::Relaxed)))
            }
        }
    }

    /// The policy that holds where a route asks for no more. `None` where the log is not followed.
    #[cfg(feature = "follow")]
    pub(crate) fn freshness(&self) -> Option<Freshness> {
        match self.shared.settings.revocation {
            Revocation::Ignore { .. } => None,
            Revocation::Follow(policy) => Some(policy),
        }
    }

    /// Throws away what is known of the log: it came under keys that are not believed. Every token is refused.
    #[cfg(feature = "follow")]
    pub(crate) fn drop_log(&self) {
        self.shared.installed.rcu(|old| old.with_log(Follow::new()));
    }

    /// Begins with what an earlier process knew, unless something is known already.
    #[cfg(feature = "follow")]
    pub(crate) fn restore_revocations(&self, restored: &Follow) {
        self.shared.installed.rcu(|old| match old.log.position() {
            None => old.with_log(restored.clone()),
            Some(_) => old.with_log(old.log.clone()),
        });
    }
}
