//! Requests that come when they come, whether or not the ones before were answered.

use crate::load::CONNECTIONS;
use crate::process::PATIENCE;
use crate::time::now;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// When each request is due, from the start on.
pub(crate) struct Schedule(Arc<[Duration]>);

impl Schedule {
    /// So many arrivals that know nothing of each other, `per_second` on average: exponential gaps. The same `seed`
    /// has the same arrivals.
    pub(crate) fn new(total: usize, per_second: f64, seed: u64) -> Self {
        let (mut state, mut due) = (seed, 0.0);
        let arrivals = (0..total).map(|_| {
            // SplitMix64; of its 64 bits 52 make a number above 0 and up to 1.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let unit = f64::from_bits(0x3ff0_0000_0000_0000 | ((mixed ^ (mixed >> 31)) >> 12)) - 1.0;
            due -= (1.0 - unit).ln() / per_second;
            Duration::from_secs_f64(due)
        });
        Self(arrivals.collect())
    }
}

/// Sends these requests in turn, each when it is due, over [`CONNECTIONS`] connections. How long each answer took is
/// counted from when its request was due, so that a server which is late with one is late with those behind it, too.
pub(crate) fn send(
    address: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    schedule: &Schedule,
) -> Result<Vec<Duration>, String> {
    let next = Arc::new(AtomicUsize::new(0));
    let streams = (0..CONNECTIONS).map(|_| connect(address)).collect::<Result<Vec<TcpStream>, String>>()?;
    let start = now();
    let asking: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let (requests, due, next) = (Arc::clone(requests), Arc::clone(&schedule.0), Arc::clone(&next));
            std::thread::spawn(move || keep_asking(stream, &requests, &due, &next, start))
        })
        .collect();
    let mut waits = Vec::with_capacity(schedule.0.len());
    for thread in asking {
        waits.append(&mut thread.join().map_err(|_| "a connection panicked")??);
    }
    Ok(waits)
}

/// What so many of 100 stay within; `waits` are sorted.
pub(crate) fn percentile(waits: &[Duration], percent: usize) -> Duration {
    let last = (waits.len() * percent).div_ceil(100).saturating_sub(1);
    waits.get(last).copied().unwrap_or(Duration::MAX)
}

fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    let told = |fault: std::io::Error| format!("{address}: {fault}");
    let stream = TcpStream::connect(address).map_err(told)?;
    stream.set_nodelay(true).map_err(told)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
    Ok(stream)
}

/// A thread for each connection: timers of a runtime know milliseconds at best.
fn keep_asking(
    mut stream: TcpStream,
    requests: &[Vec<u8>],
    due: &[Duration],
    next: &AtomicUsize,
    start: Instant,
) -> Result<Vec<Duration>, String> {
    let (mut answer, mut waits) = (vec![0; 4096], Vec::new());
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(due) = due.get(number) else { return Ok(waits) };
        while let Some(early) = due.checked_sub(start.elapsed()).filter(|early| !early.is_zero()) {
            std::thread::park_timeout(early);
        }
        stream.write_all(&requests[number % requests.len()]).map_err(|fault| format!("not sent: {fault}"))?;
        let read = stream.read(&mut answer).map_err(|fault| format!("no answer: {fault}"))?;
        let waited = start.elapsed().saturating_sub(*due);
        let answer = answer.get(..read).unwrap_or_default();
        if !answer.starts_with(b"HTTP/1.1 200 ") || !answer.ends_with(b"}") {
            return Err(format!("not a whole answer: {}", String::from_utf8_lossy(answer)));
        }
        waits.push(waited);
    }
}
