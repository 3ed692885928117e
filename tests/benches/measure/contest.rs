//! Contenders take turns; the median of the rounds counts.

use crate::time::now;
use std::time::Duration;

/// The part of a turn that is done beforehand and does not count: whoever comes after another process finds cold
/// caches, and none of them shall pay for its place in the order.
const WARM_UP: u32 = 8;

/// One way to do a job, beside others that do the same job.
pub(crate) struct Contender<'a> {
    pub(crate) id: String,
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
    /// Nanoseconds for one repetition, one figure a round.
    pub(crate) rounds: Vec<f64>,
}

impl<'a> Contender<'a> {
    /// `job` is called with the number of the repetition.
    pub(crate) fn new<T>(id: impl Into<String>, mut job: impl FnMut(usize) -> T + 'a) -> Self {
        let mut done = 0;
        Self::timed(id, move |repetitions| {
            let start = now();
            for _ in 0..repetitions {
                std::hint::black_box(job(done));
                done += 1;
            }
            start.elapsed()
        })
    }

    /// `run` does so many repetitions, and says how long they took.
    pub(crate) fn timed(id: impl Into<String>, run: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self { id: id.into(), run: Box::new(run), rounds: Vec::new() }
    }

    fn turn(&mut self, repetitions: u32) -> f64 {
        (self.run)(repetitions.div_ceil(WARM_UP));
        (self.run)(repetitions).as_secs_f64() * 1e9 / f64::from(repetitions)
    }
}

/// Lets the contenders take turns. Who begins changes from round to round, so that nobody always runs on a
/// machine that another one warmed up.
pub(crate) fn compete(contenders: &mut [Contender<'_>], rounds: usize, repetitions: u32) {
    for contender in &mut *contenders {
        contender.turn(repetitions);
    }
    for round in 0..rounds {
        contenders.rotate_left(round % 2);
        for contender in &mut *contenders {
            let nanos = contender.turn(repetitions);
            contender.rounds.push(nanos);
        }
    }
    contenders.sort_by(|one, other| one.id.cmp(&other.id));
}
