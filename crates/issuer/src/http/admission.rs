//! How many token requests are worked on at once. More would only wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts those inside.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    inside: Arc<AtomicUsize>,
}

/// A place inside, given back when dropped: also when the client goes away.
#[derive(Debug)]
pub(crate) struct Admitted(Arc<AtomicUsize>);

impl Admission {
    /// Lets `most` in.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, inside: Arc::default() }
    }

    /// A place, unless all are taken.
    pub(crate) fn enter(&self) -> Option<Admitted> {
        let admitted = Admitted(Arc::clone(&self.inside));
        (self.inside.fetch_add(1, Ordering::Relaxed) < self.most).then_some(admitted)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let admission = Admission::new(2);
        let (first, second) = (admission.enter(), admission.enter());
        assert!(first.is_some() && second.is_some());
        assert!(admission.enter().is_none() && admission.enter().is_none());
        drop(first);
        assert!(admission.enter().is_some());
    }
}
