//! An office with a log, a clock that stands, a verifier that follows.

use crate::follow::office::{DEADLINE, LOG_KEYS, Office};
use crate::follow::world::{AUDIENCE, ISSUER, clock, issuer, keys_of};
use chancery_verifier::clock::{Clock, FixedClock};
use chancery_verifier::entropy::PredictableEntropy;
use chancery_verifier::follow::{
    DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom, LogStatus, Notice,
};
use chancery_verifier::revocation_log::Outcome;
use chancery_verifier::{Freshness, Rejection, Revocation, Verified, Verifier};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(in crate::follow) const HOUR: Duration = Duration::from_hours(1);
/// No retry waits longer.
pub(in crate::follow) const RETRY: Duration = Duration::from_secs(10);

pub(in crate::follow) struct World {
    pub(in crate::follow) office: Office,
    pub(in crate::follow) clock: Arc<FixedClock>,
    pub(in crate::follow) verifier: Verifier,
    pub(in crate::follow) follower: Follower,
    pub(in crate::follow) notices: Arc<Mutex<Vec<Notice>>>,
}

pub(in crate::follow) fn verifier(policy: Freshness, clock: &Arc<FixedClock>) -> Verifier {
    let clock: Arc<dyn Clock> = clock.clone();
    Verifier::new(ISSUER, AUDIENCE, Revocation::Follow(policy)).unwrap().clock(clock)
}

/// An office that publishes key number 1 and a log without entries.
pub(in crate::follow) fn office(clock: &Arc<FixedClock>) -> Office {
    let office = Office::new();
    office.publish_keys(keys_of(&[1]));
    office.publish_log(issuer().log(), clock);
    office
}

pub(in crate::follow) fn settings(office: &Office, disk: DiskState) -> FollowSettings {
    FollowSettings::new(KeysFrom::Url(office.keys_url()), disk)
        .entropy(Arc::new(PredictableEntropy::new(1)))
        .log_from(LogFrom::Urls(vec![office.url().to_owned()]))
        .log_keys_from(LogKeysFrom::Url(format!("{}{LOG_KEYS}", office.url())))
}

impl World {
    /// The log is known here, and has no entries.
    pub(in crate::follow) async fn new() -> Self {
        Self::with(Freshness::MaxStaleness(HOUR), |settings| settings).await
    }

    pub(in crate::follow) async fn with(
        policy: Freshness,
        change: impl FnOnce(FollowSettings) -> FollowSettings,
    ) -> Self {
        let clock = clock();
        let world = Self::started(office(&clock), clock, policy, change);
        world.follower.wait_ready(DEADLINE).await.unwrap();
        world
    }

    pub(in crate::follow) fn started(
        office: Office,
        clock: Arc<FixedClock>,
        policy: Freshness,
        change: impl FnOnce(FollowSettings) -> FollowSettings,
    ) -> Self {
        let (verifier, notices) = (verifier(policy, &clock), Arc::<Mutex<Vec<Notice>>>::default());
        let told = Arc::clone(&notices);
        let settings = settings(&office, DiskState::Nowhere)
            .on_notice(move |notice| told.lock().unwrap().push(notice.clone()));
        let follower = Follower::start(&verifier, change(settings)).unwrap();
        Self { office, clock, verifier, follower, notices }
    }

    /// Token number `number`, good now.
    pub(in crate::follow) fn token(&self, number: u64) -> String {
        issuer().at(self.clock.now()).token().number(number).sign()
    }

    pub(in crate::follow) fn verify(&self, token: &str) -> Result<Verified, Rejection> {
        self.verifier.verify(token, self.clock.now())
    }

    /// `ok`, or the reason of the refusal.
    pub(in crate::follow) fn said(&self, token: &str) -> &'static str {
        self.verify(token).as_ref().map_or_else(Rejection::reason, |_| "ok")
    }

    /// Revokes at the office; the verifier has yet to hear of it.
    pub(in crate::follow) fn revoke(&self, token: &str) {
        self.office.change_log(|log| {
            log.revoke_token(token);
        });
    }

    /// Lets time pass, and the follower do what is due then.
    pub(in crate::follow) async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.follower.poll_once().await;
    }

    pub(in crate::follow) fn status(&self) -> LogStatus {
        self.follower.status().log.unwrap()
    }

    pub(in crate::follow) fn last_reason(&self) -> Option<&'static str> {
        self.status().last_failure.map(|last| last.fault.reason())
    }

    pub(in crate::follow) fn alarms(&self) -> Vec<Outcome> {
        let notices = self.notices.lock().unwrap();
        let alarm = |notice: &Notice| match notice {
            Notice::LogAlarm(outcome) => Some(*outcome),
            _ => None,
        };
        notices.iter().filter_map(alarm).collect()
    }

    /// Waits until `condition` holds.
    pub(in crate::follow) async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let holds = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(2));
            while !condition(self) {
                ticks.tick().await;
            }
        };
        tokio::time::timeout(DEADLINE, holds).await.expect("it comes true");
    }
}
