//! The revocation log, in SQL.

use super::verbs::{signed, unsigned};
use crate::store::log::{Row, head, log_id};
use crate::store::{AppendLogError, StoreFault, Trim};
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::UnixTime;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::ops::Range;

/// Rows in one job. Others write between two of them.
const PIECE: usize = 4096;

/// Whether anything was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cleared {
    /// Rows were; there may be more.
    Some,
    /// There was nothing to take away.
    Nothing,
}

/// A log that is to begin.
pub(super) struct NewLog {
    rows: Vec<Row>,
    log: Stored,
}

pub(super) fn tail(connection: &Connection) -> Result<Option<Position>, StoreFault> {
    let mut statement = connection.prepare_cached("SELECT id, sequence, head FROM log")?;
    let row: Option<(Vec<u8>, i64, Vec<u8>)> =
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    row.map(|(id, at, chain)| {
        Ok(Position { log: log_id(&id)?, sequence: sequence(at)?, head: head(&chain)? })
    })
    .transpose()
}

pub(super) fn whole(connection: &Connection) -> Result<Option<Stored>, StoreFault> {
    // One transaction, so that everything is of the same moment.
    let moment = connection.unchecked_transaction()?;
    let Some(tail) = tail(&moment)? else { return Ok(None) };
    let sql = "SELECT start, floor, anchor, anchor_head FROM log";
    let (start, floor, anchor, chain): (i64, i64, i64, Vec<u8>) =
        moment.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let anchor = (sequence(anchor)?, head(&chain)?);
    let mut rows =
        moment.prepare("SELECT sequence, entry FROM log_rows WHERE log = ?1 ORDER BY sequence, entry")?;
    let rows = rows.query_map([tail.log.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (mut loose, mut since) = (Vec::new(), Vec::new());
    for row in rows {
        let entry = entry(row?)?;
        if entry.sequence <= anchor.0 { &mut loose } else { &mut since }.push(entry);
    }
    let mut marks = moment.prepare("SELECT time, sequence FROM log_marks ORDER BY time, sequence")?;
    let marks = marks.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.map(|mark| {
        let (time, at) = mark?;
        Ok((UnixTime::from_secs(unsigned(time)?), sequence(at)?))
    });
    let marks = marks.collect::<Result<_, StoreFault>>()?;
    Ok(Some(Stored { start: sequence(start)?, floor: sequence(floor)?, anchor, loose, since, tail, marks }))
}

pub(super) fn rows_after(
    connection: &Connection,
    after: Sequence,
    limit: usize,
) -> Result<Vec<Entry>, StoreFault> {
    let sql = "SELECT rows.sequence, rows.entry FROM log JOIN log_rows AS rows ON rows.log = log.id \
               WHERE rows.sequence > max(?1, log.anchor) ORDER BY rows.sequence LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        statement.query_map(params![signed(after.get())?, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| entry(row?)).collect()
}

pub(super) fn append(connection: &Connection, batch: &Batch) -> Result<(), AppendLogError> {
    if tail(connection)? == Some(batch.to) {
        return Ok(());
    }
    expect(connection, Some(batch.from))?;
    for (entry, _) in &batch.entries {
        insert(connection, &batch.from, &Row::of(entry))?;
    }
    let sql = "UPDATE log SET sequence = ?1, head = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(StoreFault::from)?;
    let to = params![signed(batch.to.sequence.get())?, batch.to.head.as_bytes()];
    statement.execute(to).map_err(StoreFault::from)?;
    Ok(())
}

/// Whoever died while it wrote may have left what was never synced; what is written after it is synced with it.
pub(super) fn settle(connection: &Connection, at: &Position) -> Result<(), AppendLogError> {
    let tail = tail(connection)?;
    let is_there = tail.is_some_and(|tail| {
        tail.log == at.log
            && (tail.sequence > at.sequence || (tail.sequence == at.sequence && tail.head == at.head))
    });
    if !is_there {
        return Err(AppendLogError::Moved { tail });
    }
    connection.execute("UPDATE log SET sequence = sequence", []).map_err(StoreFault::from)?;
    Ok(())
}

/// Rows for one job each; one piece at least.
pub(super) fn pieces_of(rows: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    rows.chunks(PIECE).chain(rows.is_empty().then_some(rows))
}

pub(super) fn trim(connection: &Connection, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
    let Some(tail) = tail(connection)?.filter(|tail| tail.log == of.log && tail.sequence >= of.sequence)
    else {
        return Ok(());
    };
    let mut delete =
        connection.prepare_cached("DELETE FROM log_rows WHERE log = ?1 AND sequence = ?2 AND entry = ?3")?;
    for gone in trim.drop.iter().filter(|entry| entry.sequence <= trim.anchor.0) {
        let Row { sequence, entry } = Row::of(gone);
        delete.execute(params![tail.log.as_bytes(), signed(sequence.get())?, entry])?;
    }
    let (anchor, chain) = (signed(trim.anchor.0.get())?, trim.anchor.1.as_bytes());
    // Of two issuers the one that forgets less may come last: nothing of what was let go comes back.
    connection
        .execute("UPDATE log SET anchor = ?1, anchor_head = ?2 WHERE anchor < ?1", params![anchor, chain])?;
    connection.execute("UPDATE log SET floor = max(floor, ?1)", [signed(trim.floor.get())?])?;
    put_marks(connection, &trim.marks)
}

/// Takes away rows of every log but the one that is in use: of the one before it, and of such as never began.
pub(super) fn clear_others(connection: &Connection) -> Result<Cleared, StoreFault> {
    let current = tail(connection)?.map(|tail| tail.log.as_bytes().to_vec());
    for sql in ["SELECT min(log) FROM log_rows", "SELECT max(log) FROM log_rows"] {
        let found: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0))?;
        if let Some(found) = found.filter(|found| Some(found) != current.as_ref()) {
            return clear(connection, &found);
        }
    }
    Ok(Cleared::Nothing)
}

fn clear(connection: &Connection, log: &[u8]) -> Result<Cleared, StoreFault> {
    let sql = "DELETE FROM log_rows WHERE (log, sequence, entry) IN \
               (SELECT log, sequence, entry FROM log_rows WHERE log = ?1 LIMIT ?2)";
    let most = i64::try_from(PIECE).unwrap_or(i64::MAX);
    let gone = connection.prepare_cached(sql)?.execute(params![log, most])?;
    Ok(if gone == 0 { Cleared::Nothing } else { Cleared::Some })
}

impl NewLog {
    pub(super) fn of(log: &Stored) -> Result<Self, StoreFault> {
        Ok(Self {
            rows: Row::all_of(log)?,
            log: Stored { loose: Vec::new(), since: Vec::new(), ..log.clone() },
        })
    }

    /// Its rows, in pieces for one job each.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.rows.len();
        (0..rows).step_by(PIECE).map(move |from| from..rows.min(from.saturating_add(PIECE)))
    }

    /// Lays a piece down where nobody looks yet.
    pub(super) fn stage(&self, connection: &Connection, piece: Range<usize>) -> Result<(), StoreFault> {
        let rows = self.rows.get(piece).unwrap_or_default();
        rows.iter().try_for_each(|row| insert(connection, &self.log.tail, row))
    }

    /// Takes away what was laid down, if it has not begun.
    pub(super) fn withdraw(&self, connection: &Connection) -> Result<Cleared, StoreFault> {
        let (name, current) = (self.log.tail.log, tail(connection)?.map(|tail| tail.log));
        if current == Some(name) { Ok(Cleared::Nothing) } else { clear(connection, name.as_bytes()) }
    }

    /// Also where the log is gone: under its old name none begins again.
    fn expect_new_name(
        &self,
        connection: &Connection,
        expected: Option<Position>,
    ) -> Result<(), AppendLogError> {
        let name = self.log.tail.log;
        let note = "INSERT OR IGNORE INTO first_log VALUES (1, ?1)";
        let is_first = connection.execute(note, [name.as_bytes()]).map_err(StoreFault::from)? == 1;
        let first = connection.query_row("SELECT id FROM first_log", [], |row| row.get::<_, Vec<u8>>(0));
        if !is_first && first.map_err(StoreFault::from)? == name.as_bytes() {
            return Err(AppendLogError::Moved { tail: expected });
        }
        Ok(())
    }

    /// Puts it in the place of the one that ends at `expected`.
    pub(super) fn switch(
        &self,
        connection: &Connection,
        expected: Option<Position>,
    ) -> Result<(), AppendLogError> {
        if tail(connection)? == Some(self.log.tail) {
            return Ok(());
        }
        expect(connection, expected)?;
        self.expect_new_name(connection, expected)?;
        let Stored { start, floor, anchor, tail, marks, .. } = &self.log;
        // Whoever began another log a moment ago clears away what is not of it.
        let sql = "SELECT count(*) FROM log_rows WHERE log = ?1";
        let staged = connection.query_row(sql, [tail.log.as_bytes()], |row| row.get::<_, i64>(0));
        if usize::try_from(staged.map_err(StoreFault::from)?) != Ok(self.rows.len()) {
            let detail = "another log began at the same time; try again".to_owned();
            return Err(StoreFault::Io { detail }.into());
        }
        let sql = "INSERT INTO log (one, id, start, sequence, head, anchor, anchor_head, floor) \
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (one) DO UPDATE SET id = ?1, start = ?2, \
                   sequence = ?3, head = ?4, anchor = ?5, anchor_head = ?6, floor = max(floor, ?7)";
        let row = params![
            tail.log.as_bytes(),
            signed(start.get())?,
            signed(tail.sequence.get())?,
            tail.head.as_bytes(),
            signed(anchor.0.get())?,
            anchor.1.as_bytes(),
            signed(floor.get())?,
        ];
        connection.execute(sql, row).map_err(StoreFault::from)?;
        put_marks(connection, marks)?;
        Ok(())
    }
}

/// The log ends where it is expected to.
fn expect(connection: &Connection, expected: Option<Position>) -> Result<(), AppendLogError> {
    let tail = tail(connection)?;
    if tail == expected { Ok(()) } else { Err(AppendLogError::Moved { tail }) }
}

fn insert(connection: &Connection, of: &Position, row: &Row) -> Result<(), StoreFault> {
    // A piece may come twice, when its answer was lost.
    let sql = "INSERT OR IGNORE INTO log_rows (log, sequence, entry) VALUES (?1, ?2, ?3)";
    let row = params![of.log.as_bytes(), signed(row.sequence.get())?, row.entry];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn put_marks(connection: &Connection, marks: &[(UnixTime, Sequence)]) -> Result<(), StoreFault> {
    connection.execute("DELETE FROM log_marks", [])?;
    let mut put = connection.prepare_cached("INSERT OR IGNORE INTO log_marks VALUES (?1, ?2)")?;
    for (time, sequence) in marks {
        put.execute([signed(time.as_secs())?, signed(sequence.get())?])?;
    }
    Ok(())
}

fn entry((at, bytes): (i64, Vec<u8>)) -> Result<Entry, StoreFault> {
    Row { sequence: sequence(at)?, entry: bytes }.read()
}

fn sequence(number: i64) -> Result<Sequence, StoreFault> {
    Ok(Sequence::new(unsigned(number)?))
}
