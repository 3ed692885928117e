//! The revocation log, as calls of scripts.

use super::reply::Reply;
use super::scripts::{self, Call};
use super::{RedisStore, keys};
use crate::store::log::{Row, corrupt, head, log_id};
use crate::store::{AppendLogError, StoreFault, Trim, record};
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::UnixTime;

/// Rows in one call.
const PIECE: usize = 4096;
/// How often a log is read anew that was replaced while it was read.
const ATTEMPTS: usize = 8;

/// What stands after the place of a log in its hash.
struct About {
    start: Sequence,
    anchor: (Sequence, chancery_revocation::Head),
    floor: Sequence,
    marks: Vec<(UnixTime, Sequence)>,
}

impl RedisStore {
    pub(super) async fn read_log(&self) -> Result<Option<Stored>, StoreFault> {
        for _ in 0..ATTEMPTS {
            // The end first, what was let go last: whatever is trimmed meanwhile is missing below the anchor alone.
            let Some((tail, _)) = self.log_place(&[]).await? else { return Ok(None) };
            let rows = self.rows_up_to(&tail).await?;
            let fields = ["start", "anchor", "anchor_head", "floor", "marks"];
            let Some((now, reply)) = self.log_place(&fields).await? else { continue };
            let Some(rows) = rows.filter(|_| now.log == tail.log) else { continue };
            let About { start, anchor, floor, marks } = about(&reply)?;
            if anchor.0 > tail.sequence {
                continue;
            }
            let (loose, since) = rows.into_iter().partition(|entry| entry.sequence <= anchor.0);
            return Ok(Some(Stored { start, floor, anchor, loose, since, tail, marks }));
        }
        Err(StoreFault::Busy)
    }

    /// Where the log ends, and `more` fields behind that.
    pub(super) async fn log_place(&self, more: &[&str]) -> Result<Option<(Position, Reply)>, StoreFault> {
        let call = self.call(&scripts::LOG, &[keys::STORE, keys::LOG]);
        let fields = ["id", "sequence", "head"].iter().chain(more);
        let (reply, _) = self.ask(fields.fold(call, |call, field| call.argument(*field))).await?;
        Ok(place(&reply)?.map(|place| (place, reply)))
    }

    /// All rows of the log that ends at `tail`; `None` once it is another one.
    async fn rows_up_to(&self, tail: &Position) -> Result<Option<Vec<Entry>>, StoreFault> {
        let (mut entries, mut from) = (Vec::new(), b"-".to_vec());
        loop {
            let (members, log, _) = self.rows_from(from, PIECE).await?;
            if log.as_deref() != Some(tail.log.as_bytes()) {
                return Ok(None);
            }
            let Some(last) = members.last() else { return Ok(Some(entries)) };
            from = [b"(", last.as_slice()].concat();
            let rows = members.iter().map(|member| read(member)).collect::<Result<Vec<_>, _>>()?;
            entries.extend(rows.into_iter().filter(|entry| entry.sequence <= tail.sequence));
        }
    }

    pub(super) async fn rows_after(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        let mut after = after;
        loop {
            let from = [b"[".as_slice(), &after.next().get().to_be_bytes()].concat();
            let (members, _, anchor) = self.rows_from(from, limit.min(PIECE)).await?;
            match anchor {
                // Below the anchor there is more to miss than to find.
                Some(anchor) if anchor > after => after = anchor,
                _ => return members.iter().map(|member| read(member)).collect(),
            }
        }
    }

    async fn rows_from(
        &self,
        from: Vec<u8>,
        limit: usize,
    ) -> Result<(Vec<Vec<u8>>, Option<Vec<u8>>, Option<Sequence>), StoreFault> {
        let call = self.call(&scripts::LOG_ROWS, &[keys::STORE, keys::LOG, keys::LOG_ROWS]);
        let (reply, _) = self.ask(call.argument(from).argument(limit.to_string())).await?;
        Ok((reply.part(0)?, reply.part(1)?, reply.part::<Option<u64>>(2)?.map(Sequence::new)))
    }

    pub(super) async fn replace_log(
        &self,
        expected: Option<&Position>,
        log: &Stored,
    ) -> Result<(), AppendLogError> {
        let there = self.log_place(&[]).await?.map(|(place, _)| place);
        if there == Some(log.tail) {
            return self.witness_log(&log.tail).await;
        }
        if there.as_ref() != expected {
            return Err(AppendLogError::Moved { tail: there });
        }
        if there.is_some_and(|tail| tail.log == log.tail.log) {
            return Err(StoreFault::Io { detail: "a log begins under a name of its own".into() }.into());
        }
        let (rows, staged) = (Row::all_of(log)?, keys::staged(&log.tail.log));
        for piece in rows.chunks(PIECE) {
            let call = self.call(&scripts::STAGE_LOG, &[keys::STORE, &staged]);
            self.ask(piece.iter().fold(call, |call, row| call.argument(member(row)))).await?;
        }
        let call = self.call(&scripts::BEGIN_LOG, &[keys::STORE, keys::LOG, keys::LOG_ROWS, &staged]);
        let call = match expected {
            Some(expected) => at(call, expected),
            None => call.argument("").argument("").argument(""),
        };
        let call = call
            .argument(log.tail.log.as_bytes().as_slice())
            .argument(log.start.to_string())
            .argument(log.tail.sequence.to_string())
            .argument(log.tail.head.as_bytes().as_slice())
            .argument(log.anchor.0.to_string())
            .argument(log.anchor.1.as_bytes().as_slice())
            .argument(log.floor.to_string())
            .argument(packed(&log.marks)?)
            .argument(rows.len().to_string());
        self.ask_to_append(call).await
    }

    pub(super) async fn extend_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        let call = self.call(&scripts::APPEND_LOG, &[keys::STORE, keys::LOG, keys::LOG_ROWS]);
        let call = at(call, &batch.from)
            .argument(batch.to.sequence.to_string())
            .argument(batch.to.head.as_bytes().as_slice());
        let entries = batch.entries.iter().map(|(entry, _)| member(&Row::of(entry)));
        self.ask_to_append(entries.fold(call, Call::argument)).await
    }

    /// A write that changes nothing, on a connection that then waits for it: what waits for replicas waits for the
    /// connection's own writes, and for all that came before them.
    pub(super) async fn witness_log(&self, position: &Position) -> Result<(), AppendLogError> {
        let call = self.call(&scripts::SETTLE_LOG, &[keys::STORE, keys::LOG]);
        self.ask_to_append(at(call, position)).await
    }

    async fn ask_to_append(&self, call: Call) -> Result<(), AppendLogError> {
        let reply = Reply::read(self.link.append(&call).await?.value)?;
        match reply.word() {
            "ok" => Ok(()),
            "moved" => Err(AppendLogError::Moved { tail: place(&reply)? }),
            "expired" => {
                let detail = "the log took more than an hour to begin; try again".to_owned();
                Err(StoreFault::Io { detail }.into())
            }
            _ => Err(reply.unexpected().into()),
        }
    }

    pub(super) async fn let_go(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        let gone = trim.drop.iter().filter(|entry| entry.sequence <= trim.anchor.0);
        let gone: Vec<Vec<u8>> = gone.map(|entry| member(&Row::of(entry))).collect();
        let marks = packed(&trim.marks)?;
        // The anchor goes with the first piece: nothing is missing above it.
        let pieces = gone.chunks(PIECE).chain(gone.is_empty().then_some(gone.as_slice()));
        for piece in pieces {
            let call = self
                .call(&scripts::TRIM_LOG, &[keys::STORE, keys::LOG, keys::LOG_ROWS])
                .argument(of.log.as_bytes().as_slice())
                .argument(of.sequence.to_string())
                .argument(trim.anchor.0.to_string())
                .argument(trim.anchor.1.as_bytes().as_slice())
                .argument(trim.floor.to_string())
                .argument(marks.as_slice());
            self.ask(piece.iter().fold(call, |call, member| call.argument(member.as_slice()))).await?;
        }
        Ok(())
    }
}

/// The three arguments that name a place.
fn at(call: Call, place: &Position) -> Call {
    call.argument(place.log.as_bytes().as_slice())
        .argument(place.sequence.to_string())
        .argument(place.head.as_bytes().as_slice())
}

/// The first three parts of an answer.
fn place(reply: &Reply) -> Result<Option<Position>, StoreFault> {
    let parts: (Option<Vec<u8>>, Option<u64>, Option<Vec<u8>>) =
        (reply.part(0)?, reply.part(1)?, reply.part(2)?);
    match parts {
        (Some(log), Some(at), Some(chain)) => {
            Ok(Some(Position { log: log_id(&log)?, sequence: Sequence::new(at), head: head(&chain)? }))
        }
        (None, None, None) => Ok(None),
        _ => Err(corrupt("a part of the revocation log's place is missing")),
    }
}

fn about(reply: &Reply) -> Result<About, StoreFault> {
    let sequence = |at| reply.part(at).map(Sequence::new);
    let marks: Vec<u8> = reply.part(7)?;
    let (pairs, rest) = marks.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(corrupt("a mark of the revocation log is cut off"));
    }
    let marks = pairs.iter().map(|pair| {
        let pair = u128::from_be_bytes(*pair);
        let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(u64::MAX);
        (UnixTime::from_secs(half(pair >> 64)), Sequence::new(half(pair)))
    });
    let chain: Vec<u8> = reply.part(5)?;
    let anchor = (sequence(4)?, head(&chain)?);
    Ok(About { start: sequence(3)?, anchor, floor: sequence(6)?, marks: marks.collect() })
}

/// Sixteen bytes a mark.
fn packed(marks: &[(UnixTime, Sequence)]) -> Result<Vec<u8>, StoreFault> {
    let pairs =
        marks.iter().map(|(time, sequence)| [time.as_secs().to_be_bytes(), sequence.get().to_be_bytes()]);
    let packed: Vec<u8> = pairs.flatten().flatten().collect();
    record::check_size(packed.len(), "the revocation log")?;
    Ok(packed)
}

/// A row in the sorted set: by its sequence, then by what it says.
fn member(row: &Row) -> Vec<u8> {
    [row.sequence.get().to_be_bytes().as_slice(), &row.entry].concat()
}

fn read(member: &[u8]) -> Result<Entry, StoreFault> {
    let (sequence, entry) =
        member.split_first_chunk().ok_or_else(|| corrupt("a row of the revocation log is cut off"))?;
    Row { sequence: Sequence::new(u64::from_be_bytes(*sequence)), entry: entry.to_vec() }.read()
}
