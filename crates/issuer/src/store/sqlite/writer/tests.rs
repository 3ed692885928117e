use super::*;
use crate::scratch::Scratch;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A database with one table, and a second one whose rows cannot be committed.
fn database(scratch: &Scratch) -> (PathBuf, Connection) {
    let path = scratch.path().join("jobs.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA foreign_keys = ON;
             CREATE TABLE done (number INTEGER);
             CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE orphan (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);",
        )
        .unwrap();
    (path, connection)
}

fn committed(path: &Path) -> i64 {
    Connection::open(path).unwrap().query_row("SELECT count(*) FROM done", [], |row| row.get(0)).unwrap()
}

type Answer = Result<i64, StoreFault>;
type Handed = (Box<dyn Job>, oneshot::Receiver<Answer>);

fn task(work: impl FnOnce(&Connection) -> Answer + Send + 'static) -> Handed {
    let (answer, answered) = oneshot::channel();
    (Box::new(Task { work: Some(work), outcome: None, answer }), answered)
}

fn insert(number: i64) -> impl FnOnce(&Connection) -> Answer + Send + 'static {
    move |connection| Ok(connection.execute("INSERT INTO done VALUES (?1)", [number]).map(|_| number)?)
}

/// Runs tasks as one batch and answers them.
fn run(connection: &Connection, tasks: Vec<Handed>) -> Vec<Answer> {
    let (mut batch, answers): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
    let fate = transact(connection, &mut batch);
    for job in batch {
        job.answer(fate.clone());
    }
    answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
}

#[test]
fn a_job_that_fails_is_undone_and_its_neighbours_stay() {
    let scratch = Scratch::new();
    let (path, connection) = database(&scratch);
    let fails = |connection: &Connection| {
        insert(99)(connection)?;
        Err(StoreFault::Full)
    };
    let answers = run(&connection, vec![task(insert(1)), task(fails), task(insert(2))]);
    assert_eq!(answers, [Ok(1), Err(StoreFault::Full), Ok(2)]);
    assert_eq!(committed(&path), 2);
}

#[test]
fn nobody_is_told_yes_when_the_commit_fails() {
    let scratch = Scratch::new();
    let (path, connection) = database(&scratch);
    let orphan =
        |connection: &Connection| Ok(connection.execute("INSERT INTO orphan VALUES (7)", []).map(|_| 7)?);
    let answers = run(&connection, vec![task(insert(1)), task(orphan), task(insert(2))]);
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert_eq!(committed(&path), 0);
    assert_eq!(run(&connection, vec![task(insert(3))]), [Ok(3)]);
}

#[test]
fn everybody_is_told_when_another_process_keeps_the_store() {
    let scratch = Scratch::new();
    let (path, connection) = database(&scratch);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let answers = run(&connection, vec![task(insert(1)), task(insert(2))]);
    assert_eq!(answers, [Err(StoreFault::Busy), Err(StoreFault::Busy)]);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(run(&connection, vec![task(insert(1))]), [Ok(1)]);
}

#[test]
fn jobs_that_wait_share_one_transaction_of_at_most_256() {
    let scratch = Scratch::new();
    let (path, connection) = database(&scratch);
    let (jobs, waiting) = mpsc::channel(WAITING);
    // What another connection sees while each job runs.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut answers = Vec::new();
    for number in 0..300 {
        let (path, seen) = (path.clone(), Arc::clone(&seen));
        let (job, answer) = task(move |connection| {
            seen.lock().unwrap().push(committed(&path));
            insert(number)(connection)
        });
        assert!(jobs.try_send(job).is_ok());
        answers.push(answer);
    }
    drop(jobs);
    work(&connection, waiting);
    let seen = seen.lock().unwrap();
    assert!(
        seen[..256].iter().all(|count| *count == 0) && seen[256..].iter().all(|count| *count == 256),
        "{seen:?}"
    );
    assert!(answers.into_iter().all(|mut answer| matches!(answer.try_recv(), Ok(Ok(_)))));
    assert_eq!(committed(&path), 300);
}

#[test]
fn what_was_handed_in_is_finished_before_the_file_is_closed() {
    let scratch = Scratch::new();
    let (path, connection) = database(&scratch);
    let writer = Writer::start(connection).unwrap();
    let jobs = writer.jobs.clone().unwrap();
    let mut answers = Vec::new();
    for number in 0..100 {
        let (job, answer) = task(insert(number));
        assert!(jobs.try_send(job).is_ok());
        answers.push(answer);
    }
    drop(jobs);
    drop(writer);
    assert_eq!(committed(&path), 100);
    assert!(answers.into_iter().all(|mut answer| matches!(answer.try_recv(), Ok(Ok(_)))));
}
