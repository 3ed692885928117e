//! A day: work every hour, a worker that is stopped at noon, an issuer that dies in the evening.

use super::world::World;
use super::{REPORTS, at_work, summaries};
use crate::support::until;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
/// What the worker in Python reads: nothing that the one who is to be stopped is known by.
const IN_PYTHON: [&str; 3] = ["A-1", "A-5", "A-7"];
/// By what the worker is known that is to be stopped.
const MARKED: &str = "A-4";

/// The part of the session by which a document was read last, as the service logged it.
fn reader_of(document: &str, log: &str) -> String {
    let read = format!("document=\"{document}\"");
    let line = log.lines().rfind(|line| line.contains(&read)).unwrap_or_else(|| panic!("{log}"));
    let branch = line.split_whitespace().find_map(|word| word.strip_prefix("branch="));
    branch.unwrap_or_else(|| panic!("{line}")).to_owned()
}

/// Who summed it up.
fn worker_of(document: &str, said: &[Value]) -> u64 {
    let line = said.iter().find(|line| line["summary"]["document"] == document).unwrap();
    line["worker"].as_u64().unwrap()
}

#[test]
fn s7_a_summarizer_and_its_workers_work_for_a_day_and_nobody_logs_in_again() {
    let mut world = World::new();
    world.log_in();
    let (mut crew, mut python) = (world.summarizer(), world.python("exec"));
    let mut working: BTreeSet<u64> = (1..=8).collect();
    let first = crew.read(&REPORTS);
    let right = summaries(&first);
    assert_eq!(right.keys().copied().collect::<Vec<_>>(), REPORTS);

    for hour in 0..24 {
        // Whoever gets another session meanwhile has a document next time.
        let mut seen = BTreeSet::new();
        let said = until("everybody is at work", || {
            let said = crew.read(&REPORTS);
            assert_eq!(summaries(&said), right, "hour {hour}: {said:?}");
            seen.append(&mut at_work(&said));
            (seen == working).then_some(said)
        });
        for (document, summary) in summaries(&python.read(&IN_PYTHON)) {
            assert_eq!(Some(&summary), right.get(document), "hour {hour}, in Python");
        }
        match hour {
            11 => {
                let (branch, worker) = (reader_of(MARKED, &world.papers_log()), worker_of(MARKED, &said));
                let words = ["revoke", "family", &branch, "--reason", "it reads what nobody asked it for"];
                world.chancery.run(&words).expect(0);
                // The service hears of it, and the worker learns it there.
                let ended = until("the end of the worker", || {
                    let said = crew.read(&REPORTS);
                    assert_eq!(summaries(&said), right, "what it left behind is read by others");
                    said.into_iter().find(|line| line.get("ended").is_some())
                });
                assert_eq!(ended["ended"]["reason"], "refresh_token_ended");
                assert_eq!(ended["worker"], worker, "and nobody else");
                working.remove(&worker);
            }
            17 => {
                // Five minutes without an issuer, in the middle of work.
                world.kill_issuer();
                for _ in 0..5 {
                    world.clock.advance(Duration::from_mins(1));
                    let said = crew.read(&REPORTS);
                    assert_eq!(summaries(&said), right, "without an issuer");
                    assert_eq!(summaries(&python.read(&IN_PYTHON)).len(), IN_PYTHON.len());
                }
                world.start_issuer();
            }
            _ => {}
        }
        world.pass(HOUR);
    }

    assert_eq!(world.logins(), 1, "the one before the day began");
    assert_eq!(world.handed_on(), 7, "sessions of workers come to their end, and are followed by others");
    assert_eq!((crew.ended(), python.ended()), (Some(0), Some(0)));
}
