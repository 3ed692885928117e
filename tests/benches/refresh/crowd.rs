//! Many who ask at once, each on a connection that stays open.

use crate::exchange::exchange;
use crate::time::now;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Servers close connections that lie idle for half a minute; whoever waited so long connects anew.
const STALE: Duration = Duration::from_secs(10);
/// So many, with one request on its way each.
pub(crate) const IN_FLIGHT: usize = 64;

/// Who asks on one connection.
pub(crate) trait Asker: Send + 'static {
    /// What is asked next.
    fn request(&mut self) -> &[u8];
    /// The body of the answer.
    fn answered(&mut self, body: &[u8]) -> Result<(), String>;
}

/// All of them, on one thread.
pub(crate) struct Crowd<A> {
    runtime: Runtime,
    address: SocketAddr,
    askers: Vec<(TcpStream, A)>,
    /// When they last asked.
    asked: Instant,
    /// What each answer must be.
    status: &'static str,
}

impl<A: Asker> Crowd<A> {
    /// Connects them.
    pub(crate) fn connect(address: SocketAddr, askers: Vec<A>, status: &'static str) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
        let mut crowd = Self { runtime, address, askers: Vec::new(), asked: now(), status };
        crowd.connect_all(askers)?;
        Ok(crowd)
    }

    fn connect_all(&mut self, askers: Vec<A>) -> Result<(), String> {
        let address = self.address;
        for asker in askers {
            let stream = self.runtime.block_on(TcpStream::connect(address));
            let stream = stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
            self.askers.push((stream.map_err(|fault| format!("{address}: {fault}"))?, asker));
        }
        Ok(())
    }

    /// Each asks so often; how long all of it took.
    pub(crate) fn ask(&mut self, each: usize) -> Result<Duration, String> {
        if self.asked.elapsed() > STALE {
            let askers = std::mem::take(&mut self.askers).into_iter().map(|(_, asker)| asker).collect();
            self.connect_all(askers)?;
        }
        let (askers, status) = (std::mem::take(&mut self.askers), self.status);
        let took = self.runtime.block_on(async {
            let start = now();
            let mut asking = JoinSet::new();
            for (stream, asker) in askers {
                asking.spawn(keep_asking(stream, asker, each, status));
            }
            while let Some(ended) = asking.join_next().await {
                self.askers.push(ended.map_err(|fault| format!("a connection ended: {fault}"))??);
            }
            Ok::<Duration, String>(start.elapsed())
        })?;
        self.asked = now();
        Ok(took)
    }

    /// How many requests that is.
    pub(crate) fn requests(&self, each: usize) -> u32 {
        u32::try_from(self.askers.len() * each).unwrap_or(u32::MAX)
    }

    /// They hang up.
    pub(crate) fn leave(self) -> Vec<A> {
        self.askers.into_iter().map(|(_, asker)| asker).collect()
    }
}

async fn keep_asking<A: Asker>(
    mut stream: TcpStream,
    mut asker: A,
    each: usize,
    status: &str,
) -> Result<(TcpStream, A), String> {
    let mut answer = Vec::with_capacity(4096);
    for _ in 0..each {
        answer.clear();
        let length = exchange(&mut stream, asker.request(), &mut answer, status).await?;
        asker.answered(&answer[answer.len() - length..])?;
    }
    Ok((stream, asker))
}
