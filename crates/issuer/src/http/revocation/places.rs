//! How many polls wait for news at once, and who may keep whom from it.

use crate::http::admission::{Admission, Admitted};

/// Polls that wait at once: half of the connections that are open at once, so that the others get theirs.
const WAITING: usize = 4096;
/// Of these nobody has one who does not say whose poll it is: whoever fills the others keeps no verifier of a client
/// waiting for its news.
const KEPT: usize = WAITING / 2;

/// Counts the polls that wait.
#[derive(Debug)]
pub(crate) struct Polls {
    anybody: Admission,
    named: Admission,
}

impl Polls {
    pub(crate) fn new() -> Self {
        Self { anybody: Admission::new(WAITING - KEPT), named: Admission::new(KEPT) }
    }

    /// A place to wait in; `None` where all that this poll may have are taken.
    pub(super) fn enter(&self, is_named: bool) -> Option<Admitted> {
        let kept = if is_named { self.named.enter() } else { None };
        kept.or_else(|| self.anybody.enter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_places_are_for_those_who_say_who_they_are() {
        let polls = Polls::new();
        let strangers: Vec<Option<Admitted>> = (0..WAITING).map(|_| polls.enter(false)).collect();
        assert_eq!(strangers.iter().flatten().count(), WAITING - KEPT);
        let named: Vec<Option<Admitted>> = (0..WAITING).map(|_| polls.enter(true)).collect();
        assert_eq!(named.iter().flatten().count(), KEPT);
        drop(strangers);
        assert!(polls.enter(true).is_some() && polls.enter(false).is_some());
    }
}
