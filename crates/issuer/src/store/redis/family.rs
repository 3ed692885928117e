//! Refresh families, as calls of scripts: what a presented token does to one.
//!
//! The common step, a newest token that rotates, is one script that does it without asking back. It answers the record
//! as it stood, so that the decision is made here, by [`Family::present`], whatever the script did: the two agree, or it
//! is a fault. Everything else is decided on that record and written where it still stands.

mod begin;

use super::link::Attempt;
use super::reply::Reply;
use super::scripts::{self, Call};
use super::{RedisStore, keys};
use crate::family::{
    Decision, Family, FamilyState, GRACE, Generation, Presented, Proof, Rotations, WhyEnded,
};
use crate::store::family::encoding::{self, Writer};
use crate::store::family::{owed, written};
use crate::store::log::corrupt;
use crate::store::{Advanced, AdvancedLike, EndedFamily, Likeness, StoreFault};
use chancery_token::{FamilyId, UnixTime};
use std::borrow::Cow;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// How often a record is looked at anew that somebody else changed meanwhile. Who comes second mostly has nothing left
/// to write.
const ATTEMPTS: usize = 64;

impl RedisStore {
    pub(super) async fn find_family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault> {
        match self.record_of(id).await? {
            Some(record) => encoding::read(id, &record).map(|(family, _)| Some(family)),
            None => self.confirm_ours().await.map(|()| None),
        }
    }

    pub(super) async fn advance_family(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault> {
        match self.advance_as(id, presented, None, now).await? {
            AdvancedLike::Like(advanced) => Ok(advanced),
            AdvancedLike::Unlike(_) => Err(corrupt("a session was refused that nothing was asked of")),
        }
    }

    pub(super) async fn advance_as(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: Option<Like<'_>>,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault> {
        let writer = writer();
        let answer = self.link.rotate(&rotation(id, presented, like, now, writer)?).await?;
        let mut reply = Reply::read(answer.value)?;
        let has_rotated = match reply.word() {
            "unknown" => {
                return Box::pin(self.confirm_ours()).await.map(|()| AdvancedLike::Like(Advanced::Unknown));
            }
            "rotated" => true,
            "read" => false,
            _ => return Err(reply.unexpected()),
        };
        let record: Vec<u8> = reply.take(0)?;
        let (before, last) = match read_as(id, &record, like)? {
            Read::Like(before, last) => (*before, last),
            Read::Unlike(_) if has_rotated => {
                return Err(corrupt("a session was rotated that was taken for another"));
            }
            Read::Unlike(family) => return Ok(AdvancedLike::Unlike(family)),
        };
        let advanced = if has_rotated {
            agreed(before, presented, now)
        } else if answer.attempt == Attempt::Second && last == writer && before.state == FamilyState::Live {
            // The first attempt rotated it, and its answer was lost.
            agreed(rewound(&before), presented, now)
        } else {
            Box::pin(self.decide(id, record, writer, |before| before.present(presented, now))).await
        };
        advanced.map(AdvancedLike::Like)
    }

    pub(super) async fn end(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault> {
        let mut stored = self.record_of(id).await?;
        for _ in 0..ATTEMPTS {
            let Some(record) = stored else { return self.confirm_ours().await.map(|()| false) };
            let (family, last) = encoding::read(id, &record)?;
            if !family.is_live(now) {
                return Ok(false);
            }
            match self.replace_family(&record, &family.ended(why, now), last).await? {
                Put::Done => return Ok(true),
                Put::Changed(other) => stored = other,
            }
        }
        Err(StoreFault::Busy)
    }

    pub(super) async fn ended(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
        let mut shards = redis::pipe();
        for number in 0..keys::SHARDS {
            shards.cmd("ZRANGE").arg(keys::ended(number)).arg("-inf").arg("+inf").arg("BYSCORE");
            shards.arg("LIMIT").arg(0).arg(i64::try_from(limit).unwrap_or(i64::MAX));
        }
        let found: Vec<Vec<Vec<u8>>> = super::reply::value(self.link.read(&shards).await?)?;
        // Asked last: if it is our store now, it was when these were read.
        self.confirm_ours().await?;
        found.iter().flatten().take(limit).map(|member| read_ended(member)).collect()
    }

    pub(super) async fn settle_ended(&self, settled: &[EndedFamily]) -> Result<(), StoreFault> {
        for number in 0..keys::SHARDS {
            let here = settled.iter().filter(|ended| keys::family_shard(ended.id) == number);
            let members = here.map(write_ended).collect::<Result<Vec<_>, _>>()?;
            for some in members.chunks(4000) {
                let call = Call::new(&scripts::SETTLE_FAMILIES, &[&keys::ended(number)]);
                self.ask(some.iter().fold(call, |call, member| call.argument(member.as_slice()))).await?;
            }
        }
        Ok(())
    }

    /// Whether `digest` was never seen. Its key is gone when nobody could show it any more.
    pub(super) async fn is_first_use(
        &self,
        digest: &[u8; 32],
        until: UnixTime,
        now: UnixTime,
    ) -> Result<bool, StoreFault> {
        let (user, key) = (writer(), keys::used(digest));
        let call = self
            .call(&scripts::FIRST_USE, &[keys::STORE, &key])
            .argument(user.as_slice())
            .argument(millis(until.since(now)));
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(true),
            // Where the answer to the first attempt was lost, it saw itself.
            "seen" => Ok(attempt == Attempt::Second && reply.part::<Vec<u8>>(0)? == user),
            _ => Err(reply.unexpected()),
        }
    }

    /// Decides on `record`, and again on what stands in its place, until what is decided upon is what is written over.
    async fn decide(
        &self,
        id: FamilyId,
        mut record: Vec<u8>,
        writer: Writer,
        decide: impl Fn(&Family) -> Decision,
    ) -> Result<Advanced, StoreFault> {
        for _ in 0..ATTEMPTS {
            let (before, last) = encoding::read(id, &record)?;
            let decision = decide(&before);
            let writer = if matches!(decision, Decision::Rotate(_)) { writer } else { last };
            let put = match written(&decision) {
                Some(after) => self.replace_family(&record, after, writer).await?,
                None => Put::Done,
            };
            record = match put {
                Put::Done => return Ok(Advanced::Decided { before: Box::new(before), decision }),
                Put::Changed(Some(record)) => record,
                Put::Changed(None) => return self.confirm_ours().await.map(|()| Advanced::Unknown),
            };
        }
        Err(StoreFault::Busy)
    }

    /// Puts `after` in the place of `record`, if that still stands there.
    async fn replace_family(&self, record: &[u8], after: &Family, writer: Writer) -> Result<Put, StoreFault> {
        let bytes = encoding::write(after, writer)?;
        let owed = owed(after).as_ref().map(write_ended).transpose()?.unwrap_or_default();
        let (key, outbox) = (keys::family(after.id), keys::ended(keys::family_shard(after.id)));
        // Longer than the family has left: its days, from the last time that it bears.
        let kept = after.over_at().since(after.created_at);
        let call = Call::new(&scripts::PUT_FAMILY, &[&key, &outbox])
            .argument(record)
            .argument(bytes.as_slice())
            .argument(owed)
            .argument(millis(kept));
        let answer = self.link.append(&call).await?;
        let reply = Reply::read(answer.value)?;
        match reply.word() {
            "ok" => Ok(Put::Done),
            "changed" => {
                let stored: Option<Vec<u8>> = reply.part(0)?;
                // The first attempt wrote it, and its answer was lost. Whoever wrote the very same did so for us.
                let is_ours = answer.attempt == Attempt::Second && stored.as_ref() == Some(&bytes);
                Ok(if is_ours { Put::Done } else { Put::Changed(stored) })
            }
            _ => Err(reply.unexpected()),
        }
    }

    async fn record_of(&self, id: FamilyId) -> Result<Option<Vec<u8>>, StoreFault> {
        let (reply, _) = self.ask(Call::new(&scripts::FAMILY, &[&keys::family(id)])).await?;
        reply.part(0)
    }

    /// Families lie apart from what says whose store this is: before one is said to be absent, that is asked.
    async fn confirm_ours(&self) -> Result<(), StoreFault> {
        self.ask(self.call(&scripts::GUARD, &[keys::STORE])).await.map(|_| ())
    }
}

/// What became of a write.
enum Put {
    Done,
    /// Something else stands there.
    Changed(Option<Vec<u8>>),
}

/// What a family is taken for, and until when it must live.
#[derive(Clone, Copy)]
pub(super) struct Like<'l> {
    pub(super) like: &'l Likeness,
    pub(super) until: UnixTime,
}

/// A record.
enum Read {
    /// What it was taken for.
    Like(Box<Family>, Writer),
    Unlike(Box<Family>),
}

fn read_as(id: FamilyId, record: &[u8], like: Option<Like<'_>>) -> Result<Read, StoreFault> {
    if let Some(Like { like, until }) = like {
        if let Some((family, last)) = encoding::read_like(id, record, like)?
            && family.absolute_end >= until
        {
            return Ok(Read::Like(Box::new(family), last));
        }
        return encoding::read(id, record).map(|(family, _)| Read::Unlike(Box::new(family)));
    }
    encoding::read(id, record).map(|(family, last)| Read::Like(Box::new(family), last))
}

/// The call that rotates, if nothing speaks against it.
fn rotation(
    id: FamilyId,
    presented: &Presented<'_>,
    like: Option<Like<'_>>,
    now: UnixTime,
    writer: Writer,
) -> Result<Call, StoreFault> {
    let generation = presented.generation;
    let proved = match presented.proof {
        Proof::Key(key) => Some(key),
        Proof::Authenticated | Proof::Nothing => None,
    };
    let (whose, key) = match like {
        None => (Cow::Owned(encoding::text(presented.client.as_str())?), encoding::proof(proved)),
        Some(Like { like, .. }) => {
            let Family { client, cnf, .. } = like.family();
            let is_theirs = client == presented.client && (cnf.is_none() || cnf.as_ref() == proved);
            // No record ends before its names.
            (Cow::Borrowed(if is_theirs { like.tail() } else { &[] }), b"like".to_vec())
        }
    };
    let until = like.map_or(0, |like| like.until.as_secs());
    let call = Call::of(&scripts::ADVANCE, keys::family(id), 7);
    Ok(call
        .argument(encoding::live_at(generation))
        .argument([generation.next().0.to_be_bytes(), writer].concat())
        .argument(whose)
        .argument(key)
        .argument(now.as_secs().to_string())
        .argument(GRACE.as_secs().to_string())
        .argument(until.to_string()))
}

/// A family as it stood before the last rotation. Of its rotations one is forgotten, which none of its tokens needs.
fn rewound(after: &Family) -> Family {
    let earlier = after.rotations.newest_first().iter().skip(1).copied();
    let rotations = Rotations::from_newest_first(earlier);
    let idle_end = rotations.newest().unwrap_or(after.created_at).plus(after.idle).min(after.absolute_end);
    let generation = Generation(after.generation.0.saturating_sub(1));
    Family { idle_end, generation, rotations, ..after.clone() }
}

/// What the script did is what is decided here.
fn agreed(before: Family, presented: &Presented<'_>, now: UnixTime) -> Result<Advanced, StoreFault> {
    let decision = before.present(presented, now);
    match &decision {
        Decision::Rotate(rotation) if rotation.regressed_from.is_none() => {
            Ok(Advanced::Decided { before: Box::new(before), decision })
        }
        _ => Err(corrupt("a session was rotated that should not have been")),
    }
}

/// Tells one rotation from every other. Nobody needs to be kept from guessing it.
pub(super) fn writer() -> Writer {
    RandomState::new().hash_one(0).to_be_bytes()
}

pub(super) fn millis(time: Duration) -> String {
    time.as_millis().max(1).to_string()
}

/// Sixteen bytes of its id, when it was ended, and two names.
fn write_ended(ended: &EndedFamily) -> Result<Vec<u8>, StoreFault> {
    let client = encoding::text(ended.client.as_str())?;
    Ok([
        ended.id.as_bytes().as_slice(),
        &ended.at.as_secs().to_be_bytes(),
        &client,
        ended.tenant.as_str().as_bytes(),
    ]
    .concat())
}

fn read_ended(member: &[u8]) -> Result<EndedFamily, StoreFault> {
    let fault = || corrupt("an ended family in the outbox cannot be read");
    let (id, rest) = member.split_first_chunk().ok_or_else(fault)?;
    let (at, rest) = rest.split_first_chunk().ok_or_else(fault)?;
    let (length, rest) = rest.split_first().ok_or_else(fault)?;
    let (client, tenant) = rest.split_at_checked(usize::from(*length)).ok_or_else(fault)?;
    let name = |bytes| std::str::from_utf8(bytes).map_err(|_| fault());
    Ok(EndedFamily {
        id: FamilyId::from_bytes(*id),
        client: name(client)?.parse().map_err(|_| fault())?,
        tenant: name(tenant)?.parse().map_err(|_| fault())?,
        at: UnixTime::from_secs(u64::from_be_bytes(*at)),
    })
}
