//! Who has applied what: the polls of verifiers that say who they are (design: receipts).
//!
//! A poll that asks for what comes after `S` says that `S` is applied. What is known here is what this process was told;
//! verifiers that ask another issuer of the same store, or a cache, are counted there or nowhere.

use chancery_revocation::Sequence;
use chancery_token::{ClientId, UnixTime};
use chancery_verifier::clock::Clock;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Verifiers that are remembered; each takes about 2 KiB.
const MOST_VERIFIERS: usize = 10_000;
/// Verifiers that are remembered of one client, whose secret may be in the wrong hands: no client fills the book.
const MOST_OF_A_CLIENT: usize = 256;
/// A poll waits for 55 seconds at most: whoever was not heard of for twice as long is gone.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(2);
/// Places that are remembered of each verifier.
const APPLIED: usize = 64;
/// Places whose publication is remembered.
const PUBLISHED: usize = 1024;

/// What verifiers told of themselves. In memory alone: it begins anew with the process.
pub struct Receipts {
    clock: Arc<dyn Clock>,
    anonymous: Arc<AtomicUsize>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    verifiers: BTreeMap<(ClientId, String), Seen>,
    published: VecDeque<Published>,
}

struct Published {
    sequence: Sequence,
    at: Duration,
    wall: UnixTime,
}

struct Seen {
    last: Duration,
    /// What it had applied, and since when that is known; ascending.
    applied: VecDeque<(Sequence, Duration)>,
}

/// What is known of one verifier.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Receipt {
    /// Whose credentials it polls with.
    pub client_id: ClientId,
    /// What it calls itself.
    pub name: String,
    /// The latest place that it is known to have applied.
    pub applied: Option<Sequence>,
    /// How many milliseconds after the publication of the place that was asked for it had applied it: at most, for that
    /// shows only with its next poll. `None`: it has not, or the publication is too long ago to tell.
    pub after_ms: Option<u64>,
}

/// How far one place of the log has got.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// The place.
    pub sequence: Sequence,
    /// When it was published here; `None`: not yet, or too long ago to tell.
    pub published_at: Option<UnixTime>,
    /// Every verifier that said who it is and was heard of lately.
    pub verifiers: Vec<Receipt>,
    /// Polls that wait now and do not say whose they are.
    pub anonymous: usize,
}

/// Who is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Connected {
    /// Verifiers that said who they are and were heard of lately.
    pub connected: usize,
    /// How many of them have applied all that was published.
    pub up_to_date: usize,
    /// Polls that wait now and do not say whose they are.
    pub anonymous: usize,
}

/// A poll that does not say whose it is, while it waits.
pub(crate) struct Anonymous(Arc<AtomicUsize>);

impl Drop for Anonymous {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Receipts {
    /// A book without entries.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, anonymous: Arc::default(), book: Mutex::default() }
    }

    /// Notes that the verifier `name` of the client polled, and has applied everything up to `applied`. One more than can
    /// be remembered of all is not; one more of one client takes the place of the one of that client that was not heard of
    /// for the longest.
    pub fn seen(&self, client_id: &ClientId, name: &str, applied: Option<Sequence>) {
        let now = self.clock.monotonic();
        let mut book = self.book();
        let key = (client_id.clone(), name.to_owned());
        book.make_room(&key);
        if book.verifiers.len() >= MOST_VERIFIERS && !book.verifiers.contains_key(&key) {
            book.forget(now);
            if book.verifiers.len() >= MOST_VERIFIERS {
                return;
            }
        }
        let seen = book.verifiers.entry(key).or_insert_with(|| Seen { last: now, applied: VecDeque::new() });
        seen.last = now;
        if let Some(applied) = applied {
            seen.note(applied, now);
        }
    }

    /// Notes that everything up to `sequence` is published.
    pub(crate) fn published(&self, sequence: Sequence) {
        let (at, wall) = (self.clock.monotonic(), self.clock.now());
        let mut book = self.book();
        if book.published.back().is_none_or(|last| last.sequence < sequence) {
            book.published.push_back(Published { sequence, at, wall });
            if book.published.len() > PUBLISHED {
                book.published.pop_front();
            }
        }
    }

    /// Counts a poll until what is answered is dropped.
    pub(crate) fn anonymous(&self) -> Anonymous {
        self.anonymous.fetch_add(1, Ordering::Relaxed);
        Anonymous(Arc::clone(&self.anonymous))
    }

    /// Who has applied everything up to `sequence`, and how soon.
    pub fn of(&self, sequence: Sequence) -> Reach {
        let mut book = self.book();
        book.forget(self.clock.monotonic());
        let published = book.publication(sequence);
        let receipt = |((client_id, name), seen): (&(ClientId, String), &Seen)| Receipt {
            client_id: client_id.clone(),
            name: name.clone(),
            applied: seen.applied.back().map(|(applied, _)| *applied),
            after_ms: published.and_then(|published| {
                let (_, at) = seen.applied.iter().find(|(applied, _)| *applied >= sequence)?;
                u64::try_from(at.saturating_sub(published.at).as_millis()).ok()
            }),
        };
        Reach {
            sequence,
            published_at: published.map(|published| published.wall),
            verifiers: book.verifiers.iter().map(receipt).collect(),
            anonymous: self.anonymous.load(Ordering::Relaxed),
        }
    }

    /// Who is connected, and has applied everything up to `sequence`.
    pub fn connected(&self, sequence: Sequence) -> Connected {
        let mut book = self.book();
        book.forget(self.clock.monotonic());
        let has = |seen: &&Seen| seen.applied.back().is_some_and(|(applied, _)| *applied >= sequence);
        Connected {
            connected: book.verifiers.len(),
            up_to_date: book.verifiers.values().filter(has).count(),
            anonymous: self.anonymous.load(Ordering::Relaxed),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A thread that panicked here has left whole entries behind.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn forget(&mut self, now: Duration) {
        self.verifiers.retain(|_, seen| now.saturating_sub(seen.last) < FORGOTTEN_AFTER);
    }

    /// Drops the oldest verifier of the client if `key` is one more than it may have.
    fn make_room(&mut self, key: &(ClientId, String)) {
        if self.verifiers.contains_key(key) {
            return;
        }
        let (client, first) = (&key.0, (key.0.clone(), String::new()));
        let of_the_client = || self.verifiers.range(&first..).take_while(|((id, _), _)| id == client);
        if of_the_client().count() >= MOST_OF_A_CLIENT
            && let Some((oldest, _)) = of_the_client().min_by_key(|(_, seen)| seen.last)
        {
            let oldest = oldest.clone();
            self.verifiers.remove(&oldest);
        }
    }

    /// The first publication that held `sequence`. Before the oldest that is remembered, nobody can say.
    fn publication(&self, sequence: Sequence) -> Option<&Published> {
        let first = self.published.partition_point(|published| published.sequence < sequence);
        let is_known = first > 0 || self.published.front().is_some_and(|oldest| oldest.sequence == sequence);
        self.published.get(first).filter(|_| is_known)
    }
}

impl Seen {
    /// A verifier that began anew knows less than before: what it had applied then, it has not any more.
    fn note(&mut self, applied: Sequence, now: Duration) {
        while self.applied.back().is_some_and(|(known, _)| *known > applied) {
            self.applied.pop_back();
        }
        if self.applied.back().is_some_and(|(known, _)| *known == applied) {
            return;
        }
        self.applied.push_back((applied, now));
        if self.applied.len() > APPLIED {
            self.applied.pop_front();
        }
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipts").field("verifiers", &self.book().verifiers.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::clock::FixedClock;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

    fn receipts() -> (Arc<FixedClock>, Receipts) {
        let clock = Arc::new(FixedClock::new(NOW));
        (Arc::clone(&clock), Receipts::new(clock))
    }

    fn name(id: &str) -> ClientId {
        id.parse().unwrap()
    }

    fn sequence(number: u64) -> Sequence {
        Sequence::new(number)
    }

    fn after(receipts: &Receipts, number: u64) -> Vec<Option<u64>> {
        receipts.of(sequence(number)).verifiers.iter().map(|receipt| receipt.after_ms).collect()
    }

    #[test]
    fn r53_a_receipt_says_how_long_after_publication_a_place_was_applied() {
        let (clock, receipts) = receipts();
        let api = name("api");
        receipts.published(sequence(10));
        receipts.seen(&api, "a", Some(sequence(10)));
        receipts.seen(&api, "b", Some(sequence(10)));
        clock.advance(Duration::from_secs(5));
        receipts.published(sequence(12));
        clock.advance(Duration::from_millis(40));
        receipts.seen(&api, "a", Some(sequence(12)));
        clock.advance(Duration::from_mins(1));
        receipts.seen(&api, "a", Some(sequence(12)));
        receipts.seen(&api, "b", None);
        let reach = receipts.of(sequence(11));
        assert_eq!(reach.published_at, Some(NOW.plus(Duration::from_secs(5))));
        assert_eq!(after(&receipts, 11), [Some(40), None]);
        assert_eq!(after(&receipts, 12), [Some(40), None]);
        assert_eq!(after(&receipts, 13), [None, None]);
        assert_eq!(reach.verifiers[1].applied, Some(sequence(10)));
        let connected = receipts.connected(sequence(12));
        assert_eq!((connected.connected, connected.up_to_date), (2, 1));
    }

    #[test]
    fn one_name_of_one_client_is_one_verifier_and_forgotten_two_minutes_after_its_last_poll() {
        let (clock, receipts) = receipts();
        for _ in 0..100 {
            receipts.seen(&name("api"), "a", None);
            receipts.seen(&name("api"), "b", None);
            receipts.seen(&name("web"), "a", None);
        }
        assert_eq!(receipts.connected(sequence(1)).connected, 3);
        clock.advance(FORGOTTEN_AFTER.saturating_sub(Duration::from_millis(1)));
        receipts.seen(&name("web"), "a", None);
        assert_eq!(receipts.of(sequence(1)).verifiers.len(), 3);
        clock.advance(Duration::from_millis(1));
        let reach = receipts.of(sequence(1));
        assert_eq!(reach.verifiers.iter().map(|it| it.client_id.as_str()).collect::<Vec<_>>(), ["web"]);
    }

    #[test]
    fn so_many_are_remembered_and_one_more_has_its_place_when_another_is_forgotten() {
        let (clock, receipts) = receipts();
        for number in 0..=MOST_VERIFIERS {
            receipts.seen(&name(&format!("api-{}", number / 200)), &number.to_string(), Some(sequence(1)));
        }
        assert_eq!(receipts.connected(sequence(1)).connected, MOST_VERIFIERS);
        receipts.seen(&name("api-0"), "1", Some(sequence(2)));
        assert_eq!(receipts.connected(sequence(2)).up_to_date, 1, "who is known is still heard");
        clock.advance(FORGOTTEN_AFTER);
        receipts.seen(&name("api"), "new", None);
        assert_eq!(receipts.connected(sequence(1)).connected, 1);
    }

    #[test]
    fn r53_a_client_with_many_names_pushes_out_its_own_oldest_and_nobody_elses() {
        let (clock, receipts) = receipts();
        for honest in ["api", "web"] {
            receipts.seen(&name(honest), "pod", Some(sequence(1)));
        }
        for number in 0..MOST_VERIFIERS {
            clock.advance(Duration::from_millis(1));
            receipts.seen(&name("greedy"), &number.to_string(), Some(sequence(1)));
        }
        receipts.seen(&name("late"), "pod", None);
        let verifiers = receipts.of(sequence(1)).verifiers;
        let of = |id: &str| verifiers.iter().filter(|it| it.client_id.as_str() == id).count();
        assert_eq!([of("api"), of("web"), of("late"), of("greedy")], [1, 1, 1, MOST_OF_A_CLIENT]);
        let newest = (MOST_VERIFIERS - MOST_OF_A_CLIENT).to_string();
        let oldest = (MOST_VERIFIERS - MOST_OF_A_CLIENT - 1).to_string();
        let is_held = |name: &str| verifiers.iter().any(|it| it.name == name);
        assert!(is_held(&newest) && !is_held(&oldest));
    }

    #[test]
    fn a_verifier_that_begins_anew_has_not_applied_what_it_had() {
        let (_, receipts) = receipts();
        receipts.published(sequence(1));
        receipts.published(sequence(5));
        for applied in [1, 5, 1] {
            receipts.seen(&name("api"), "a", Some(sequence(applied)));
        }
        assert_eq!((after(&receipts, 1), after(&receipts, 5)), (vec![Some(0)], vec![None]));
    }

    #[test]
    fn what_was_published_too_long_ago_has_no_instant_instead_of_a_wrong_one() {
        let (_, receipts) = receipts();
        receipts.seen(&name("api"), "a", Some(sequence(9000)));
        for number in 0..3000 {
            receipts.published(sequence(number));
        }
        assert_eq!(receipts.of(sequence(100)).published_at, None);
        assert_eq!(after(&receipts, 100), [None]);
        assert_eq!(receipts.of(sequence(2999)).published_at, Some(NOW));
        assert_eq!(receipts.of(sequence(3000)).published_at, None);
    }

    #[test]
    fn polls_without_a_name_are_a_number() {
        let (_, receipts) = receipts();
        let polls = [receipts.anonymous(), receipts.anonymous()];
        assert_eq!(receipts.of(sequence(1)).anonymous, 2);
        drop(polls);
        assert_eq!(receipts.of(sequence(1)).anonymous, 0);
    }
}
