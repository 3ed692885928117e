//! What a larger cache costs each lookup: the tokens no longer fit into the processor's own.

use crate::cached::shuffle;
use crate::contest::{Contender, compete};
use crate::curve::{Curve, Series};
use crate::order::Order;
use crate::report::Report;
use crate::subject::{self, Subject};
use chancery_verifier::{Format, Verifier};

pub(crate) const ID: &str = "codec.jwt.cache_size";
const SIZES: [u32; 5] = [100, 1000, 10_000, 100_000, 1_000_000];
const IN_QUICK: usize = 2;
/// Lookups a turn, the same for every size: more than a timer can blur.
const LOOKUPS: u32 = 10_000;
/// What a token takes: its text twice, its claims, its slot. A size that would take more than half of the memory
/// that is free is left out.
const BYTES_EACH: u64 = 4096;
/// Below this many bytes the parts that a cache is divided into are too small to be filled evenly.
const SMALLEST_CACHE: u64 = 64 * 1024 * 1024;

/// One cache a size, all tokens in it, looked up in random order. The sizes do not take turns: each would find the
/// processor's own caches full of the others' tokens, and a service has one cache.
pub(crate) fn measure(order: &Order, report: &mut Report) {
    Report::begin(ID);
    let room = available() / 2 / BYTES_EACH;
    let (fit, large): (Vec<u32>, Vec<u32>) = SIZES.into_iter().partition(|size| u64::from(*size) <= room);
    for size in large {
        println!("{size} tokens are left out: they need {} MiB", u64::from(size) * BYTES_EACH / 1024 / 1024);
    }
    let sizes = if order.quick { &fit[..fit.len().min(IN_QUICK)] } else { &fit[..] };
    let subject = Subject::new(Format::Jwt);
    let points = sizes.iter().map(|size| (f64::from(*size), lookups(&subject, *size, order)));
    let series = vec![Series { name: "chancery".to_owned(), points: points.collect() }];
    Curve { id: ID, x: "tokens in the cache", unit: "ns", series }.join(report);
}

/// Nanoseconds for a lookup among `size` tokens, one figure a round.
fn lookups(subject: &Subject, size: u32, order: &Order) -> Vec<f64> {
    let mut tokens = tokens(subject, size);
    let verifier = filled(subject, &tokens);
    shuffle(&mut tokens);
    let look = |at: usize| verifier.verify(&tokens[at % tokens.len()], subject.now).unwrap();
    let mut contenders = [Contender::new("ours", look)];
    compete(&mut contenders, if order.quick { 3 } else { 51 }, LOOKUPS);
    let [ours] = contenders;
    ours.rounds
}

/// So many tokens, signed on all processors.
fn tokens(subject: &Subject, count: u32) -> Vec<String> {
    in_parts(count, |number| {
        subject.aws_signer().sign(&subject::claims(u64::from(number), subject.now)).unwrap()
    })
}

/// A verifier that has verified all of `tokens`, and still has them.
fn filled(subject: &Subject, tokens: &[String]) -> Verifier {
    let one = subject.verifier(SMALLEST_CACHE);
    one.verify(&tokens[0], subject.now).unwrap();
    let needed = one.cached_bytes() * u64::try_from(tokens.len()).unwrap();
    let verifier = subject.verifier(SMALLEST_CACHE.max(needed + needed / 2));
    in_parts(u32::try_from(tokens.len()).unwrap(), |number| {
        verifier.verify(&tokens[usize::try_from(number).unwrap()], subject.now).unwrap();
    });
    assert_eq!(verifier.cached_bytes(), needed, "the cache has dropped some of {} tokens", tokens.len());
    verifier
}

/// Does `job` for each number below `count`, on all processors; the outcomes stand in order.
fn in_parts<T: Send>(count: u32, job: impl Fn(u32) -> T + Sync) -> Vec<T> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = count.div_ceil(u32::try_from(processors).unwrap()).max(1);
    let job = &job;
    std::thread::scope(|scope| {
        let starts = (0..count).step_by(usize::try_from(part).unwrap());
        let work = |start: u32| move || (start..count.min(start + part)).map(job).collect::<Vec<T>>();
        let workers: Vec<_> = starts.map(|start| scope.spawn(work(start))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// Bytes of memory that are free, as Linux estimates it; without that word as much as the smaller sizes need.
fn available() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kibibytes: Option<u64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kibibytes.unwrap_or(1024 * 1024) * 1024
}
