//! Refresh families, in SQL. Each step is one job of the one writer: what is decided upon is what is written over.

use super::verbs::{signed, unsigned};
use crate::family::Generation;
use crate::family::{Family, OnReplay, Presented, Proof, WhyEnded};
use crate::store::family::{encoding, owed, written};
use crate::store::{Advanced, AdvancedLike, BeginFamilyError, EndedFamily, Likeness, StoreFault};
use chancery_token::{ClientId, Confirmation, FamilyId, TenantId, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Rows that are over and go with one that comes: more than come, so they never pile up.
const LET_GO: i64 = 16;
/// Who wrote a rotation matters where one is asked for twice; a job is done once.
const NOBODY: encoding::Writer = [0; 8];

/// What is presented, for a thread of its own.
pub(super) struct Shown {
    generation: Generation,
    client: ClientId,
    proof: ShownProof,
    on_replay: OnReplay,
}

enum ShownProof {
    Authenticated,
    Key(Confirmation),
    Nothing,
}

impl Shown {
    pub(super) fn of(presented: &Presented<'_>) -> Self {
        let proof = match presented.proof {
            Proof::Authenticated => ShownProof::Authenticated,
            Proof::Key(key) => ShownProof::Key(key.clone()),
            Proof::Nothing => ShownProof::Nothing,
        };
        let Presented { generation, client, on_replay, .. } = *presented;
        Self { generation, client: client.clone(), proof, on_replay }
    }

    fn presented(&self) -> Presented<'_> {
        let proof = match &self.proof {
            ShownProof::Authenticated => Proof::Authenticated,
            ShownProof::Key(key) => Proof::Key(key),
            ShownProof::Nothing => Proof::Nothing,
        };
        Presented { generation: self.generation, client: &self.client, proof, on_replay: self.on_replay }
    }
}

pub(super) fn find(connection: &Connection, id: FamilyId) -> Result<Option<Family>, StoreFault> {
    let mut statement = connection.prepare_cached("SELECT record FROM families WHERE id = ?1")?;
    let record: Option<Vec<u8>> = statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
    record.map(|record| encoding::read(id, &record).map(|(family, _)| family)).transpose()
}

pub(super) fn begin(
    connection: &Connection,
    family: &Family,
    most: u32,
    unused_since: UnixTime,
) -> Result<(), BeginFamilyError> {
    if find(connection, family.id)?.is_some() {
        return Ok(());
    }
    let now = family.created_at;
    let live = count(connection, family, now)?;
    if live >= most && (live > most || most == 0 || !make_room(connection, family, unused_since)?) {
        return Err(BeginFamilyError::TooMany { live });
    }
    let_go(
        connection,
        "DELETE FROM families WHERE id IN (SELECT id FROM families WHERE over < ?1 LIMIT ?2)",
        now,
    )?;
    let sql = "INSERT INTO families (id, client, tenant, ends, over, unused, record) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = params![
        family.id.as_bytes(),
        family.client.as_str(),
        family.tenant.as_str(),
        signed(family.ends().as_secs())?,
        signed(family.over_at().as_secs())?,
        unused(family)?,
        encoding::write(family, NOBODY)?,
    ];
    connection.prepare_cached(sql).and_then(|mut insert| insert.execute(row)).map_err(StoreFault::from)?;
    Ok(())
}

pub(super) fn live(
    connection: &Connection,
    client: &ClientId,
    tenant: &TenantId,
    now: UnixTime,
) -> Result<Vec<Family>, StoreFault> {
    let sql = "SELECT id, record FROM families WHERE client = ?1 AND tenant = ?2 AND ends > ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let of = params![client.as_str(), tenant.as_str(), signed(now.as_secs())?];
    let rows = statement.query_map(of, |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (id, record) = row?;
        encoding::read(FamilyId::from_bytes(id), &record).map(|(family, _)| family)
    })
    .collect()
}

pub(super) fn advance(
    connection: &Connection,
    id: FamilyId,
    shown: &Shown,
    now: UnixTime,
) -> Result<Advanced, StoreFault> {
    let Some(before) = find(connection, id)? else { return Ok(Advanced::Unknown) };
    decide(connection, before, shown, now)
}

pub(super) fn advance_like(
    connection: &Connection,
    id: FamilyId,
    shown: &Shown,
    like: &Likeness,
    until: UnixTime,
    now: UnixTime,
) -> Result<AdvancedLike, StoreFault> {
    match find(connection, id)? {
        None => Ok(AdvancedLike::Like(Advanced::Unknown)),
        Some(before) if like.fits(&before, until) => {
            decide(connection, before, shown, now).map(AdvancedLike::Like)
        }
        Some(other) => Ok(AdvancedLike::Unlike(Box::new(other))),
    }
}

fn decide(
    connection: &Connection,
    before: Family,
    shown: &Shown,
    now: UnixTime,
) -> Result<Advanced, StoreFault> {
    let decision = before.present(&shown.presented(), now);
    if let Some(after) = written(&decision) {
        replace(connection, after)?;
    }
    Ok(Advanced::Decided { before: Box::new(before), decision })
}

pub(super) fn end(
    connection: &Connection,
    id: FamilyId,
    why: WhyEnded,
    now: UnixTime,
) -> Result<bool, StoreFault> {
    let Some(family) = find(connection, id)?.filter(|family| family.is_live(now)) else { return Ok(false) };
    replace(connection, &family.ended(why, now))?;
    Ok(true)
}

pub(super) fn ended(connection: &Connection, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
    let sql = "SELECT id, client, tenant, at FROM ended_families LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (id, client, tenant, at) = row?;
        let fault =
            |_| StoreFault::Corrupt { detail: "an ended family has no legal client or tenant".into() };
        Ok(EndedFamily {
            id: FamilyId::from_bytes(id),
            client: client.parse().map_err(fault)?,
            tenant: tenant.parse().map_err(fault)?,
            at: UnixTime::from_secs(unsigned(at)?),
        })
    })
    .collect()
}

pub(super) fn settle(connection: &Connection, settled: &[FamilyId]) -> Result<(), StoreFault> {
    let mut delete = connection.prepare_cached("DELETE FROM ended_families WHERE id = ?1")?;
    for id in settled {
        delete.execute([id.as_bytes()])?;
    }
    Ok(())
}

pub(super) fn first_use(
    connection: &Connection,
    digest: &[u8; 32],
    until: UnixTime,
    now: UnixTime,
) -> Result<bool, StoreFault> {
    let over =
        "DELETE FROM first_uses WHERE digest IN (SELECT digest FROM first_uses WHERE until <= ?1 LIMIT ?2)";
    let_go(connection, over, now)?;
    let sql = "INSERT INTO first_uses VALUES (?1, ?2) ON CONFLICT (digest) DO UPDATE SET until = ?2 WHERE until <= ?3";
    let row = params![digest, signed(until.as_secs())?, signed(now.as_secs())?];
    Ok(connection.prepare_cached(sql)?.execute(row)? == 1)
}

/// Families of its client in its tenant that live.
fn count(connection: &Connection, family: &Family, now: UnixTime) -> Result<u32, StoreFault> {
    let sql = "SELECT count(*) FROM families WHERE client = ?1 AND tenant = ?2 AND ends > ?3";
    let of = params![family.client.as_str(), family.tenant.as_str(), signed(now.as_secs())?];
    Ok(connection.prepare_cached(sql)?.query_row(of, |row| row.get(0))?)
}

/// Lets the oldest one go that nobody uses, if there is one. It stands nowhere afterwards: nobody has heard of it.
fn make_room(connection: &Connection, family: &Family, unused_since: UnixTime) -> Result<bool, StoreFault> {
    let sql = "DELETE FROM families WHERE id = (SELECT id FROM families WHERE client = ?1 AND tenant = ?2 \
               AND ends > ?3 AND unused <= ?4 ORDER BY unused LIMIT 1)";
    let of = params![
        family.client.as_str(),
        family.tenant.as_str(),
        signed(family.created_at.as_secs())?,
        signed(unused_since.as_secs())?,
    ];
    Ok(connection.prepare_cached(sql)?.execute(of)? == 1)
}

fn replace(connection: &Connection, after: &Family) -> Result<(), StoreFault> {
    let sql = "UPDATE families SET ends = ?2, unused = ?3, record = ?4 WHERE id = ?1";
    let record = encoding::write(after, NOBODY)?;
    let row = params![after.id.as_bytes(), signed(after.ends().as_secs())?, unused(after)?, record];
    connection.prepare_cached(sql)?.execute(row)?;
    let Some(EndedFamily { id, client, tenant, at }) = owed(after) else { return Ok(()) };
    let sql = "INSERT OR REPLACE INTO ended_families VALUES (?1, ?2, ?3, ?4)";
    let row = params![id.as_bytes(), client.as_str(), tenant.as_str(), signed(at.as_secs())?];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn unused(family: &Family) -> Result<Option<i64>, StoreFault> {
    (family.generation.0 == 0).then(|| signed(family.created_at.as_secs())).transpose()
}

fn let_go(connection: &Connection, sql: &str, now: UnixTime) -> Result<(), StoreFault> {
    connection.prepare_cached(sql)?.execute([signed(now.as_secs())?, LET_GO])?;
    Ok(())
}
