//! What a presented refresh token is: the newest, an answer that got lost, a worker that was late, or a replay.

use super::record::{Family, FamilyState, Generation, WhyEnded};
use super::{GRACE, SHARED_AFTER};
use chancery_token::claims::Confirmation;
use chancery_token::{ClientId, UnixTime};
use std::time::Duration;

/// A refresh token whose MAC is good, and who brought it.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'p> {
    /// Its number.
    pub generation: Generation,
    /// The client, as it names itself or has proved to be.
    pub client: &'p ClientId,
    /// What it proved.
    pub proof: Proof<'p>,
    /// What becomes of the family at a replay, as its client is registered.
    pub on_replay: OnReplay,
}

/// What whoever presents a refresh token has proved about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof<'p> {
    /// To be the client (RFC 6749 section 3.2.1).
    Authenticated,
    /// To have a key (RFC 9449 section 5).
    Key(&'p Confirmation),
    /// Nothing: whoever finds the token can bring it.
    Nothing,
}

/// What becomes of a family when one of its tokens is replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReplay {
    /// It ends (R51).
    #[default]
    Revoke,
    /// The replay is refused, and the family goes on: only where the holder proves more than to have the token. Who
    /// proves nothing ends it all the same.
    Refuse,
}

/// What is to be done. Whatever is written is compared and set in one step with what it was decided upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Rotate: the next token, once `Rotation::after` is durable.
    Rotate(Box<Rotation>),
    /// The newest token once more. Nothing rotates.
    Redeliver(Redelivery),
    /// A copy is in use: no token, and where `after` is there the family ends, with all its access tokens.
    Replay {
        /// The family as it is from now on; `None` where it goes on.
        after: Option<Box<Family>>,
    },
    /// No token, and nothing is written.
    Refuse(Refused),
}

/// One step of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The family as it is from now on.
    pub after: Family,
    /// The generation that the store had, where the presented one is ahead of it: it lost rotations.
    pub regressed_from: Option<Generation>,
}

/// A token that was delivered before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redelivery {
    /// Which one: the newest.
    pub generation: Generation,
    /// The family with the note that this generation was delivered again, where that is not noted yet.
    pub noted: Option<Box<Family>>,
    /// So many generations in a row were delivered twice that somebody should look.
    pub is_suspicious: bool,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It lay unused for too long, or has reached its last day.
    #[error("the session has expired: begin a new one")]
    Expired,
    /// It was ended.
    #[error("the session was ended: begin a new one")]
    Ended(WhyEnded),
    /// It belongs to another client.
    #[error("the refresh token belongs to another client; send this client's own, or begin a new session")]
    OtherClient,
    /// It is bound to a key, and that was not proved.
    #[error(
        "the refresh token is bound to another key; send a DPoP proof of the key that its session began with"
    )]
    OtherKey,
    /// It rotates faster than anybody needs it to.
    #[error("the session was refreshed too often: wait {}s", after.as_secs())]
    TooOften {
        /// For so long.
        after: Duration,
    },
}

impl Family {
    /// Decides about `presented` at `now`. Pure: the same record, token and time give the same answer everywhere.
    pub fn present(&self, presented: &Presented<'_>, now: UnixTime) -> Decision {
        let now = self.no_earlier(now);
        if let Some(refused) = self.refused(presented, now) {
            return Decision::Refuse(refused);
        }
        let current = self.generation;
        let Some(back) = current.0.checked_sub(presented.generation.0) else {
            return self.rotate(presented.generation, Some(current), now);
        };
        let proves_more = presented.proof != Proof::Nothing;
        let is_within_grace = || self.rotations.of(back).is_some_and(|at| now <= at.plus(GRACE));
        match back {
            0 => self.rotate(current, None, now),
            1 if proves_more || is_within_grace() => self.redeliver(presented, now),
            _ if back > 1 && is_within_grace() => self.redeliver(presented, now),
            _ => self.replayed(presented, now),
        }
    }

    fn refused(&self, presented: &Presented<'_>, now: UnixTime) -> Option<Refused> {
        if *presented.client != self.client {
            return Some(Refused::OtherClient);
        }
        match (&self.cnf, presented.proof) {
            (None, _) => {}
            (Some(bound), Proof::Key(proved)) if bound == proved => {}
            (Some(_), _) => return Some(Refused::OtherKey),
        }
        match self.state {
            FamilyState::Ended { why, .. } => Some(Refused::Ended(why)),
            FamilyState::Live => (now >= self.idle_end.min(self.absolute_end)).then_some(Refused::Expired),
        }
    }

    /// From `presented` to the one after it. Where the store was behind, the generations that it lost were rotated away
    /// no later than now.
    fn rotate(&self, presented: Generation, regressed_from: Option<Generation>, now: UnixTime) -> Decision {
        if let Some(after) = self.rotations.full_for(GRACE, now) {
            return Decision::Refuse(Refused::TooOften { after });
        }
        let generation = presented.next();
        let steps = generation.0 - self.generation.0;
        let after = Self {
            generation,
            rotations: self.rotations.and(now, steps),
            idle_end: now.plus(self.idle).min(self.absolute_end),
            ..self.clone()
        };
        Decision::Rotate(Box::new(Rotation { after, regressed_from }))
    }

    fn redeliver(&self, presented: &Presented<'_>, now: UnixTime) -> Decision {
        let generation = self.generation;
        let (is_noted, in_a_row) = match self.redelivered {
            Some((noted, row)) if noted == generation => (true, row),
            Some((noted, row)) if noted.next() == generation => (false, row.saturating_add(1)),
            Some(_) | None => (false, 1),
        };
        let is_shared = in_a_row >= SHARED_AFTER;
        if is_shared && presented.proof == Proof::Nothing {
            return self.replayed(presented, now);
        }
        let noted = || Box::new(Self { redelivered: Some((generation, in_a_row)), ..self.clone() });
        Decision::Redeliver(Redelivery {
            generation,
            // An alarm for each that is noted, and not for each worker that comes.
            is_suspicious: is_shared && !is_noted,
            noted: (!is_noted).then(noted),
        })
    }

    fn replayed(&self, presented: &Presented<'_>, now: UnixTime) -> Decision {
        match (presented.on_replay, presented.proof) {
            (OnReplay::Refuse, Proof::Authenticated | Proof::Key(_)) => Decision::Replay { after: None },
            (OnReplay::Revoke, _) | (OnReplay::Refuse, Proof::Nothing) => {
                let state = FamilyState::Ended { at: now, why: WhyEnded::Replayed };
                Decision::Replay { after: Some(Box::new(Self { state, ..self.clone() })) }
            }
        }
    }
}
