//! A long way, in this process: a proxy that delays what passes, and holds some of it up.

use crate::time::now;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Each way.
const DELAY: Duration = Duration::from_millis(40);
/// One write in a hundred comes so much later, and all that stands behind it on its connection.
const STALL: Duration = Duration::from_millis(200);
const STALLED: u64 = 100;

/// The proxy. Stops when it is dropped.
pub(crate) struct Wan {
    address: SocketAddr,
    door: AbortHandle,
    way: Arc<Way>,
}

/// What happened on the way.
#[derive(Debug, Default)]
struct Way {
    writes: AtomicU64,
    stalls: AtomicU64,
}

impl Wan {
    /// In front of `upstream`.
    pub(crate) async fn to(upstream: SocketAddr) -> Result<Self, String> {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.map_err(|fault| format!("the proxy: {fault}"))?;
        let address = listener.local_addr().map_err(|fault| format!("the proxy: {fault}"))?;
        let way = Arc::new(Way::default());
        let travelled = Arc::clone(&way);
        let door = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, upstream, Arc::clone(&travelled)));
            }
        });
        Ok(Self { address, door: door.abort_handle(), way })
    }

    /// Its address, as a configuration names it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many writes passed, and how many of them were held up.
    pub(crate) fn passed(&self) -> (u64, u64) {
        (self.way.writes.load(Ordering::Relaxed), self.way.stalls.load(Ordering::Relaxed))
    }
}

impl Drop for Wan {
    fn drop(&mut self) {
        self.door.abort();
    }
}

async fn carry(near: TcpStream, upstream: SocketAddr, way: Arc<Way>) {
    let Ok(far) = TcpStream::connect(upstream).await else { return };
    // Segments go as they come: the way is slow enough.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::join!(one_way(from_near, to_far, &way), one_way(from_far, to_near, &way));
}

/// What is read goes on its way at once, and arrives later, in its order.
async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) {
    let (departing, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let depart = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let leaves = Instant::from_std(now());
            let bytes = buffer.get(..read).unwrap_or_default().to_vec();
            if departing.send((leaves + DELAY, bytes)).is_err() {
                return;
            }
        }
    };
    let arrive = async move {
        let mut road_clear = Instant::from_std(now());
        while let Some((mut at, bytes)) = arriving.recv().await {
            // One in a hundred, spread evenly over all connections: every run meets as many.
            if way.writes.fetch_add(1, Ordering::Relaxed) % STALLED == STALLED - 1 {
                way.stalls.fetch_add(1, Ordering::Relaxed);
                at += STALL;
            }
            road_clear = road_clear.max(at);
            tokio::time::sleep_until(road_clear).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        // The other side hears that this one has ended; that it is gone already is no fault.
        let _ = to.shutdown().await;
    };
    tokio::join!(depart, arrive);
}
