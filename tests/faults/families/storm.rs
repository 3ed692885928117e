//! Workers that refresh as fast as they can, each in sessions of its own, until something dies.

use crate::dice::Dice;
use crate::support::{Http, Pair, Refresher, until};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const WORKERS: usize = 4;

/// A session waits after eight rotations within its grace; some of them are for afterwards.
const ROTATIONS: usize = 5;

/// The most that is acknowledged before something dies, which is some moments after.
const ACKNOWLEDGED: usize = 40;
const MOMENTS: usize = 600;

/// A session, as its client knows it.
#[derive(Debug)]
pub(super) struct Line {
    /// The last token that came.
    pub(super) newest: Pair,
    /// It was shown, and nobody knows what became of that.
    pub(super) is_open: bool,
}

/// Lets workers refresh until `cut`, at a moment that the dice choose. Each asks one of the issuers, and takes its
/// sessions from `begin`, which knows none when everything is dying.
pub(super) fn storm(
    agent: &Refresher,
    urls: &[&str],
    begin: impl Fn(&Http, &str) -> Option<Pair> + Sync,
    dice: &mut Dice,
    cut: impl FnOnce(),
) -> Vec<Line> {
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (enough, moments) = (1 + dice.below(ACKNOWLEDGED), dice.below(MOMENTS));
    let work = |url: &str| {
        let (http, mut lines) = (Http::new(), Vec::new());
        while !is_over.load(Ordering::SeqCst) {
            let Some(newest) = begin(&http, url) else { break };
            let mut line = Line { newest, is_open: false };
            for _ in 0..ROTATIONS {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                match agent.try_go_on(&http, url, &line.newest.refresh) {
                    Some(next) => line.newest = next,
                    None => line.is_open = true,
                }
                if line.is_open {
                    break;
                }
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            lines.push(line);
            if lines.last().is_some_and(|line| line.is_open) {
                break;
            }
        }
        lines
    };
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> =
            urls.iter().cycle().take(WORKERS).map(|url| scope.spawn(move || work(url))).collect();
        until("enough refreshes", || {
            // One that ended before anything broke has something to say.
            let is_done = || workers.iter().any(thread::ScopedJoinHandle::is_finished);
            (acknowledged.load(Ordering::SeqCst) >= enough || is_done()).then_some(())
        });
        for _ in 0..moments {
            thread::yield_now();
        }
        cut();
        is_over.store(true, Ordering::SeqCst);
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// The last token that came to the client works, or what became of it when it was shown can be had: never neither. And it
/// goes on from there.
pub(super) fn goes_on(agent: &Refresher, http: &Http, url: &str, line: &Line) {
    let shown = &line.newest.refresh;
    let next = || agent.try_go_on(http, url, shown);
    let (successor, again) = (until("a successor", next), until("the same one again", next));
    assert_eq!(successor.refresh, again.refresh, "the same token has one successor");
    assert_ne!(successor.refresh, *shown);
    let further = until("the next one", || agent.try_go_on(http, url, &successor.refresh));
    assert_ne!(further.refresh, successor.refresh);
}
