//! The verbs of a store, in SQL.

use super::SqliteStore;
use super::family;
use super::log::{self, Cleared};
use crate::client::Client;
use crate::family::{Family, Presented, WhyEnded};
use crate::store::record::{self, read_client, read_listed, write_client};
use crate::store::{Advanced, AdvancedLike, BeginFamilyError, EndedFamily, Likeness};
use crate::store::{
    AppendLogError, ChangeCounter, ChangedClients, Changes, Identity, InitialiseError, InsertError,
    ListedClient, ReplaceError, ReplaceKeyringError, SealedKeyring, Store, StoreFault, Trim,
};
use async_trait::async_trait;
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

/// More changed clients than this are answered as "all": whoever asks reads them one by one.
const MOST_CHANGED: usize = 1000;

#[async_trait]
impl Store for SqliteStore {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault> {
        let id = id.clone();
        self.readers.read(move |connection| find_client(connection, &id)).await
    }

    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault> {
        // No id is empty.
        let (after, limit) = (after.unwrap_or_default().to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        let list = move |connection: &Connection| {
            let sql = "SELECT id, record FROM clients WHERE id > ?1 ORDER BY id LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let listed = statement.query_map(params![after, limit], |row| {
                Ok(read_listed(row.get(0)?, row.get_ref(1)?.as_bytes()?))
            })?;
            listed.map(|row| row.map_err(StoreFault::from)).collect()
        };
        self.readers.read(list).await
    }

    async fn insert_client(&self, client: &Client) -> Result<(), InsertError> {
        let (id, text) = (client.id.clone(), write_client(client)?);
        let insert = move |connection: &Connection| {
            let changed = count(connection)?;
            let sql =
                "INSERT INTO clients (id, record, changed) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
            let mut statement = connection.prepare_cached(sql).map_err(StoreFault::from)?;
            match statement.execute(params![id.as_str(), text, changed]).map_err(StoreFault::from)? {
                0 => Err(InsertError::Exists { id }),
                _ => Ok(()),
            }
        };
        self.writer.write(insert).await
    }

    async fn replace_client(
        &self,
        expected: &Client,
        next: &Client,
        witnesses: &[&Client],
    ) -> Result<(), ReplaceError> {
        let (expected, id, text) = (expected.clone(), next.id.clone(), write_client(next)?);
        let witnesses: Vec<Client> = witnesses.iter().map(|witness| (*witness).clone()).collect();
        let replace = move |connection: &Connection| {
            for witness in &witnesses {
                if find_client(connection, &witness.id)?.as_ref() != Some(witness) {
                    return Err(ReplaceError::WitnessChanged { id: witness.id.clone() });
                }
            }
            match find_client(connection, &id)? {
                None => return Err(ReplaceError::Missing { id }),
                Some(stored) if stored != expected => return Err(ReplaceError::Changed { id }),
                Some(_) => {}
            }
            let changed = count(connection)?;
            let sql = "UPDATE clients SET record = ?2, changed = ?3 WHERE id = ?1";
            let mut statement = connection.prepare_cached(sql).map_err(StoreFault::from)?;
            statement.execute(params![id.as_str(), text, changed]).map_err(StoreFault::from)?;
            Ok(())
        };
        self.writer.write(replace).await
    }

    async fn keyring(&self) -> Result<Option<SealedKeyring>, StoreFault> {
        let find = |connection: &Connection| {
            let mut statement = connection.prepare_cached("SELECT version, blob FROM keyring")?;
            let row = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            row.map(|(version, blob)| Ok(SealedKeyring { version: unsigned(version)?, blob })).transpose()
        };
        self.readers.read(find).await
    }

    async fn replace_keyring(&self, expected: Option<u64>, blob: &[u8]) -> Result<u64, ReplaceKeyringError> {
        record::check_size(blob.len(), "the keyring")?;
        let blob = blob.to_vec();
        let replace = move |connection: &Connection| {
            let version =
                || connection.query_row("SELECT version FROM keyring", [], |row| row.get(0)).optional();
            let stored = version().map_err(StoreFault::from)?.map(unsigned).transpose()?;
            if stored != expected {
                return Err(ReplaceKeyringError::Conflict);
            }
            let (next, changed) = (stored.unwrap_or(0).saturating_add(1), count(connection)?);
            let sql = "INSERT OR REPLACE INTO keyring (one, version, blob, changed) VALUES (1, ?1, ?2, ?3)";
            connection.execute(sql, params![signed(next)?, blob, changed]).map_err(StoreFault::from)?;
            Ok(next)
        };
        self.writer.write(replace).await
    }

    async fn identity(&self) -> Result<Option<Identity>, StoreFault> {
        self.readers.read(find_identity).await
    }

    async fn initialise(&self, identity: &Identity) -> Result<(), InitialiseError> {
        let text = record::write(identity, "the issuer")?;
        let initialise = move |connection: &Connection| {
            if let Some(stored) = find_identity(connection)? {
                return Err(InitialiseError::Taken(Box::new(stored)));
            }
            let sql = "INSERT INTO identity (one, record) VALUES (1, ?1)";
            connection.execute(sql, [text]).map_err(StoreFault::from)?;
            Ok(())
        };
        self.writer.write(initialise).await
    }

    async fn changes(&self, since: ChangeCounter) -> Result<Changes, StoreFault> {
        self.readers.read(move |connection| changes(connection, since)).await
    }

    async fn log(&self) -> Result<Option<Stored>, StoreFault> {
        self.readers.read(log::whole).await
    }

    async fn log_tail(&self) -> Result<Option<Position>, StoreFault> {
        self.readers.read(log::tail).await
    }

    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        self.readers.read(move |connection| log::rows_after(connection, after, limit)).await
    }

    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError> {
        let expected = expected.copied();
        let (there, new) = (self.readers.read(log::tail).await?, Arc::new(log::NewLog::of(log)?));
        if there == Some(log.tail) {
            return Ok(());
        }
        if there != expected {
            return Err(AppendLogError::Moved { tail: there });
        }
        if there.is_some_and(|tail| tail.log == log.tail.log) {
            return Err(StoreFault::Io { detail: "a log begins under a name of its own".into() }.into());
        }
        for piece in new.pieces() {
            let new = Arc::clone(&new);
            self.writer.write(move |connection| new.stage(connection, piece)).await?;
        }
        let begun = Arc::clone(&new);
        let switched = self.write_in_place(move |connection| begun.switch(connection, expected)).await;
        let has_begun = switched.is_ok();
        loop {
            let new = Arc::clone(&new);
            let clear = move |connection: &Connection| {
                if has_begun { log::clear_others(connection) } else { new.withdraw(connection) }
            };
            // What is not cleared now is so when the next log begins.
            if self.writer.write(clear).await != Ok(Cleared::Some) {
                return switched;
            }
        }
    }

    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        let batch = batch.clone();
        self.write_in_place(move |connection| log::append(connection, &batch)).await
    }

    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError> {
        let at = *at;
        self.write_in_place(move |connection| log::settle(connection, &at)).await
    }

    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        // The anchor goes with the first piece: nothing is missing above it.
        for piece in log::pieces_of(&trim.drop) {
            let (of, trim) = (*of, Trim { drop: piece.to_vec(), marks: trim.marks.clone(), ..*trim });
            self.writer.write(move |connection| log::trim(connection, &of, &trim)).await?;
        }
        Ok(())
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault> {
        self.readers.read(move |connection| family::find(connection, id)).await
    }

    async fn begin_family(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        let family = family.clone();
        self.write_in_place(move |connection| family::begin(connection, &family, most, unused_since)).await
    }

    async fn live_families(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault> {
        let (client, tenant) = (client.clone(), tenant.clone());
        self.readers.read(move |connection| family::live(connection, &client, &tenant, now)).await
    }

    async fn advance(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault> {
        let shown = family::Shown::of(presented);
        self.write_in_place(move |connection| family::advance(connection, id, &shown, now)).await
    }

    async fn advance_like(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: &Arc<Likeness>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault> {
        let (shown, like) = (family::Shown::of(presented), Arc::clone(like));
        self.write_in_place(move |connection| family::advance_like(connection, id, &shown, &like, until, now))
            .await
    }

    async fn end_family(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault> {
        self.write_in_place(move |connection| family::end(connection, id, why, now)).await
    }

    async fn ended_families(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
        self.readers.read(move |connection| family::ended(connection, limit)).await
    }

    async fn settle_families(&self, settled: &[EndedFamily]) -> Result<(), StoreFault> {
        let settled: Vec<FamilyId> = settled.iter().map(|ended| ended.id).collect();
        self.writer.write(move |connection| family::settle(connection, &settled)).await
    }

    async fn first_use(&self, digest: &[u8; 32], until: UnixTime, now: UnixTime) -> Result<bool, StoreFault> {
        let digest = *digest;
        self.writer.write(move |connection| family::first_use(connection, &digest, until, now)).await
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        let (path, file) = (self.path.clone(), self.file);
        let read = move |connection: &Connection| {
            in_place(&path, file)?;
            Ok(connection.query_row("SELECT value FROM counter", [], |row| row.get::<_, i64>(0)).map(drop)?)
        };
        self.readers.read(read).await?;
        self.writer.write(|_| Ok(())).await
    }
}

impl SqliteStore {
    /// Writes what is to outlive the process: not to a file that is no longer in its place.
    async fn write_in_place<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let (path, file) = (self.path.clone(), self.file);
        let in_its_place = move |connection: &Connection| {
            in_place(&path, file)?;
            work(connection)
        };
        self.writer.write(in_its_place).await
    }
}

/// Whether what is written to the open file is found again at its path.
fn in_place(path: &Path, file: (u64, u64)) -> Result<(), StoreFault> {
    match std::fs::metadata(path) {
        Ok(about) if (about.dev(), about.ino()) == file => Ok(()),
        _ => Err(StoreFault::Replaced { path: path.into() }),
    }
}

fn find_client(connection: &Connection, id: &ClientId) -> Result<Option<Client>, StoreFault> {
    let mut statement = connection.prepare_cached("SELECT record FROM clients WHERE id = ?1")?;
    let text: Option<String> = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    text.map(|text| read_client(id.as_str(), &text)).transpose()
}

fn find_identity(connection: &Connection) -> Result<Option<Identity>, StoreFault> {
    let text: Option<String> =
        connection.query_row("SELECT record FROM identity", [], |row| row.get(0)).optional()?;
    text.map(|text| record::read(&text, "the issuer")).transpose()
}

fn changes(connection: &Connection, since: ChangeCounter) -> Result<Changes, StoreFault> {
    // One transaction, so that the counter and the lists are of the same moment.
    let moment = connection.unchecked_transaction()?;
    let (counter, keyring): (i64, i64) = moment
        .prepare_cached("SELECT value, (SELECT coalesce(max(changed), 0) FROM keyring) FROM counter")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let counter = ChangeCounter(unsigned(counter)?);
    if since > counter {
        // The store went back, to a backup: nothing that was read from it can be relied on.
        return Ok(Changes { counter, clients: ChangedClients::All, keyring: true });
    }
    let mut clients = Vec::new();
    if since < counter {
        let mut statement = moment.prepare_cached("SELECT id FROM clients WHERE changed > ?1 LIMIT ?2")?;
        let most = i64::try_from(MOST_CHANGED + 1).unwrap_or(i64::MAX);
        let rows = statement.query_map([signed(since.0)?, most], |row| row.get::<_, String>(0))?;
        for id in rows {
            let id = id?;
            let fault = || StoreFault::Corrupt { detail: "a client's id breaks its own rules".into() };
            clients.push(id.parse().map_err(|_| fault())?);
        }
    }
    let many = clients.len() > MOST_CHANGED;
    let clients = if many { ChangedClients::All } else { ChangedClients::These(clients) };
    Ok(Changes { counter, clients, keyring: unsigned(keyring)? > since.0 })
}

/// Counts one change.
fn count(connection: &Connection) -> Result<i64, StoreFault> {
    let sql = "UPDATE counter SET value = value + 1 RETURNING value";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// SQLite's integers have a sign; none that is stored here is negative.
pub(super) fn unsigned(number: i64) -> Result<u64, StoreFault> {
    u64::try_from(number).map_err(|_| StoreFault::Corrupt { detail: "a number is negative".into() })
}

pub(super) fn signed(number: u64) -> Result<i64, StoreFault> {
    i64::try_from(number).map_err(|_| StoreFault::Io { detail: "a number is too large".into() })
}
