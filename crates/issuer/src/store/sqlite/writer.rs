//! The one thread that writes. It gathers the jobs that wait into one transaction: one `fsync` for all of them.

use crate::store::StoreFault;
use rusqlite::Connection;
use std::io;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Most jobs in one transaction (design: measured, more gain nothing).
const BATCH: usize = 256;
/// Jobs that may wait. More are a sign that the disk does not keep up; their callers wait in turn.
const WAITING: usize = 1024;

/// Work for the thread, with somebody who waits for its answer.
trait Job: Send {
    /// Does the work, inside a savepoint.
    fn run(&mut self, connection: &Connection) -> Keep;

    /// Answers, once the fate of the transaction is known.
    fn answer(self: Box<Self>, fate: Result<(), StoreFault>);
}

/// Whether what a job wrote is to stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

struct Task<W, T, E> {
    work: Option<W>,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Job for Task<W, T, E>
where
    W: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreFault> + Send,
{
    fn run(&mut self, connection: &Connection) -> Keep {
        self.outcome = self.work.take().map(|work| work(connection));
        if matches!(self.outcome, Some(Ok(_))) { Keep::Yes } else { Keep::No }
    }

    fn answer(self: Box<Self>, fate: Result<(), StoreFault>) {
        let answer = match (fate, self.outcome) {
            // What a job found is no longer true either: it may have seen the work of its neighbours.
            (Err(fault), _) => Err(fault.into()),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreFault::Stopped.into()),
        };
        // Whoever asked may have gone; then nobody hears it.
        drop(self.answer.send(answer));
    }
}

/// Hands jobs to the thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || work(&connection, waiting))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `job` in a transaction and answers after its commit. What a job wrote before it answered an error is
    /// undone; the jobs beside it do not notice.
    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task = Box::new(Task { work: Some(work), outcome: None, answer });
        let jobs = self.jobs.as_ref().ok_or(StoreFault::Stopped)?;
        jobs.send(task).await.map_err(|_| StoreFault::Stopped)?;
        answered.await.unwrap_or_else(|_| Err(StoreFault::Stopped.into()))
    }
}

/// Finishes the jobs that were handed in, then closes the file.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so already.
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while let Some(next) = (batch.len() < BATCH).then(|| waiting.try_recv().ok()).flatten() {
            batch.push(next);
        }
        let fate = transact(connection, &mut batch);
        for job in batch {
            job.answer(fate.clone());
        }
    }
}

/// Runs the jobs in one transaction.
fn transact(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreFault> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = batch.iter_mut().try_for_each(|job| one(connection, &mut **job));
    let done = done.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    // SQLite ends a transaction by itself on some faults, a full disk among them; else it is ended here.
    if done.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    done
}

fn one(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreFault> {
    // Kept as statements: to have SQLite read them anew took longer than to run them.
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let keep = job.run(connection);
    if connection.is_autocommit() {
        return Err(StoreFault::Io { detail: "SQLite gave the transaction up".into() });
    }
    match keep {
        Keep::Yes => connection.prepare_cached("RELEASE job")?.execute([])?,
        Keep::No => return Ok(connection.execute_batch("ROLLBACK TO job; RELEASE job")?),
    };
    Ok(())
}

#[cfg(test)]
mod tests;
