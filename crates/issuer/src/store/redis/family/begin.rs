//! Beginning a family: its place among those of its client is kept for it first, then it is written. They lie in
//! different slots of a cluster, so it is two steps; a place whose family never came is given away again.

use super::millis;
use crate::family::Family;
use crate::store::family::encoding;
use crate::store::redis::link::Attempt;
use crate::store::redis::reply::{Reply, value};
use crate::store::redis::scripts::{self, Call};
use crate::store::redis::{RedisStore, keys};
use crate::store::{BeginFamilyError, StoreFault};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::time::Duration;

/// A place is kept for so long for a family that is not there: longer than whoever keeps it waits for a Redis.
const KEPT: Duration = Duration::from_mins(1);
/// How often room is made. Others may take it.
const ATTEMPTS: usize = 16;
/// Records in one round trip.
const AT_ONCE: usize = 256;

/// The places of a client in a tenant, looked at one by one.
#[derive(Default)]
struct Places {
    live: u32,
    /// Where no family is any more.
    free: Vec<FamilyId>,
    /// The oldest family that nobody uses, and its record.
    unused: Option<(UnixTime, FamilyId, Vec<u8>)>,
}

impl RedisStore {
    pub(in crate::store::redis) async fn begin(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        let index = keys::families_of(&family.client, &family.tenant);
        for _ in 0..ATTEMPTS {
            match self.reserve(&index, family, most).await? {
                None => return Ok(self.write_begun(family).await?),
                Some(held) => self.make_room(&index, held, family, most, unused_since).await?,
            }
        }
        Err(StoreFault::Busy.into())
    }

    /// Keeps a place. Answers those that are taken, where there is none left.
    async fn reserve(
        &self,
        index: &str,
        family: &Family,
        most: u32,
    ) -> Result<Option<Vec<(FamilyId, UnixTime)>>, StoreFault> {
        let call = self
            .call(&scripts::RESERVE_FAMILY, &[keys::STORE, index])
            .argument(family.id.as_bytes().as_slice())
            .argument(family.created_at.as_secs().to_string())
            .argument(most.to_string())
            .argument(kept(family));
        let (reply, _) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(None),
            "full" => {
                let held: Vec<([u8; 16], f64)> = reply.part(0)?;
                let place = |(id, at): ([u8; 16], f64)| {
                    let at = format!("{at:.0}").parse().unwrap_or(0);
                    (FamilyId::from_bytes(id), UnixTime::from_secs(at))
                };
                Ok(Some(held.into_iter().map(place).collect()))
            }
            _ => Err(reply.unexpected()),
        }
    }

    async fn write_begun(&self, family: &Family) -> Result<(), StoreFault> {
        let call = Call::new(&scripts::BEGIN_FAMILY, &[&keys::family(family.id)])
            .argument(encoding::write(family, super::writer())?)
            .argument(kept(family));
        let reply = Reply::read(self.link.append(&call).await?.value)?;
        if reply.word() == "ok" { Ok(()) } else { Err(reply.unexpected()) }
    }

    /// Gives away the places of those that live no more, or else of one that nobody uses.
    async fn make_room(
        &self,
        index: &str,
        held: Vec<(FamilyId, UnixTime)>,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        let Places { live, free, unused } = self.look_at(&held, family.created_at, unused_since).await?;
        if live < most {
            return Ok(self.release(index, &free).await?);
        }
        let unused = unused.filter(|_| live == most);
        let Some((_, id, record)) = unused else { return Err(BeginFamilyError::TooMany { live }) };
        let call = Call::new(&scripts::FORGET_FAMILY, &[&keys::family(id)]).argument(record);
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(self.release(index, &[id]).await?),
            // Gone already: the first attempt did it, and its answer was lost.
            "gone" if attempt == Attempt::Second => Ok(self.release(index, &[id]).await?),
            // Somebody uses it after all.
            "changed" | "gone" => Ok(()),
            _ => Err(reply.unexpected().into()),
        }
    }

    async fn look_at(
        &self,
        held: &[(FamilyId, UnixTime)],
        now: UnixTime,
        unused_since: UnixTime,
    ) -> Result<Places, StoreFault> {
        let mut places = Places::default();
        for some in held.chunks(AT_ONCE) {
            let ids: Vec<FamilyId> = some.iter().map(|(id, _)| *id).collect();
            for ((id, reserved), record) in some.iter().zip(self.records_of(&ids).await?) {
                places.add(*id, *reserved, record, now, unused_since)?;
            }
        }
        Ok(places)
    }

    pub(in crate::store::redis) async fn live(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault> {
        let mut index = redis::pipe();
        index.cmd("ZRANGE").arg(keys::families_of(client, tenant)).arg(0).arg(-1);
        let ids: Vec<Vec<[u8; 16]>> = value(self.link.read(&index).await?)?;
        let ids: Vec<FamilyId> = ids.into_iter().flatten().map(FamilyId::from_bytes).collect();
        let mut live = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            for (id, record) in some.iter().zip(self.records_of(some).await?) {
                let Some(record) = record else { continue };
                let (family, _) = encoding::read(*id, &record)?;
                live.extend(Some(family).filter(|family| family.is_live(now)));
            }
        }
        // Asked last: if it is our store now, it was when these were read.
        self.confirm_ours().await?;
        Ok(live)
    }

    async fn records_of(&self, ids: &[FamilyId]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        let mut read = redis::pipe();
        for id in ids {
            read.cmd("GET").arg(keys::family(*id));
        }
        value(self.link.read(&read).await?)
    }

    async fn release(&self, index: &str, ids: &[FamilyId]) -> Result<(), StoreFault> {
        for some in ids.chunks(AT_ONCE) {
            let call = self.call(&scripts::RELEASE_FAMILIES, &[keys::STORE, index]);
            self.ask(some.iter().fold(call, |call, id| call.argument(id.as_bytes().as_slice()))).await?;
        }
        Ok(())
    }
}

impl Places {
    fn add(
        &mut self,
        id: FamilyId,
        reserved: UnixTime,
        record: Option<Vec<u8>>,
        now: UnixTime,
        unused_since: UnixTime,
    ) -> Result<(), StoreFault> {
        let Some(record) = record else {
            // Somebody may be about to write it.
            if now < reserved.plus(KEPT) {
                self.live = self.live.saturating_add(1);
            } else {
                self.free.push(id);
            }
            return Ok(());
        };
        let (family, _) = encoding::read(id, &record)?;
        if !family.is_live(now) {
            self.free.push(id);
            return Ok(());
        }
        self.live = self.live.saturating_add(1);
        let is_older = self.unused.as_ref().is_none_or(|(at, _, _)| family.created_at < *at);
        if family.is_unused_since(unused_since) && is_older {
            self.unused = Some((family.created_at, id, record));
        }
        Ok(())
    }
}

/// For so long from its beginning a family is kept.
fn kept(family: &Family) -> String {
    millis(family.over_at().since(family.created_at))
}
