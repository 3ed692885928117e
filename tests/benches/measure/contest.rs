//! Contenders take turns; the median of the rounds counts.

use crate::time::{median, now};
use std::time::Duration;

/// One way to do a job, beside others that do the same job.
pub(crate) struct Contender<'a> {
    pub(crate) id: &'static str,
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
    /// Nanoseconds for one repetition, one figure a round.
    rounds: Vec<f64>,
}

impl<'a> Contender<'a> {
    /// `job` is called with the number of the repetition.
    pub(crate) fn new<T>(id: &'static str, mut job: impl FnMut(usize) -> T + 'a) -> Self {
        let mut done = 0;
        let run = Box::new(move |repetitions| {
            let start = now();
            for _ in 0..repetitions {
                std::hint::black_box(job(done));
                done += 1;
            }
            start.elapsed()
        });
        Self { id, run, rounds: Vec::new() }
    }

    /// Nanoseconds for one repetition.
    pub(crate) fn median(&self) -> f64 {
        median(self.rounds.clone())
    }

    /// Nanoseconds for one repetition of the fastest round: what the machine can do when nobody disturbs it.
    pub(crate) fn fastest(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Lets the contenders take turns. Who begins changes from round to round, so that nobody always runs on a
/// machine that another one warmed up.
pub(crate) fn compete(contenders: &mut [Contender<'_>], rounds: usize, repetitions: u32) {
    for contender in &mut *contenders {
        (contender.run)(repetitions);
    }
    for round in 0..rounds {
        contenders.rotate_left(round % 2);
        for contender in &mut *contenders {
            let took = (contender.run)(repetitions);
            contender.rounds.push(took.as_secs_f64() * 1e9 / f64::from(repetitions));
        }
    }
    contenders.sort_by_key(|contender| contender.id);
}
