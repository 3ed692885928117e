//! Revocations that are acknowledged per second, beside what Redis does for somebody who only writes.

use crate::entries::{RETENTION, kill};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::sum::Sum;
use crate::time::now;
use crate::xadd::Xadd;
use chancery_issuer::config::RedisSettings;
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_issuer::store::{Identity, RedisStore, Store};
use chancery_revocation::Kill;
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

pub(crate) const ID: &str = "revocation.append.vs_xadd";
const FLOOR: f64 = 0.7;
/// Callers, each of whom waits for one answer before the next question.
pub(crate) const IN_FLIGHT: usize = 64;
const ROUNDS: usize = 15;
/// Both take short turns, for others use the disk, too; a round sums up so many.
const TURNS: u32 = 8;
const EACH: u32 = 2000;

/// Both over one Redis that has each write on disk before it answers. Each side has one writer, which puts together what
/// is asked for while it writes, and one connection.
pub(crate) fn measure(runtime: &Runtime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let server = RedisServer::start(RedisOptions::default().durable());
    let (rounds, turns, each) = if order.quick { (1, 1, EACH / 10) } else { (ROUNDS, TURNS, EACH) };
    runtime.block_on(async {
        let ours = Ours::open(&server).await?;
        let theirs = Xadd::connect(server.port()).await?;
        ours.append(each).await?;
        theirs.append(each).await?;
        let (mut appends, mut xadds) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (mut our_sum, mut their_sum) = (Sum::default(), Sum::default());
            for turn in 0..turns {
                if turn % 2 == 0 {
                    our_sum.add(each, ours.append(each).await?);
                    their_sum.add(each, theirs.append(each).await?);
                } else {
                    their_sum.add(each, theirs.append(each).await?);
                    our_sum.add(each, ours.append(each).await?);
                }
            }
            appends.push(our_sum.per_second());
            xadds.push(their_sum.per_second());
        }
        let ratios = appends.iter().zip(&xadds).map(|(ours, theirs)| ours / theirs).collect();
        report.add(Figure {
            floor: Some(FLOOR),
            note: format!("{IN_FLIGHT} callers; appendfsync always, one Redis on the same machine"),
            ..Figure::new(ID, "x", ratios)
        });
        report.add(Figure::new(format!("{ID}.ours"), "/s", appends));
        report.add(Figure::new(format!("{ID}.xadd"), "/s", xadds));
        Ok(())
    })
}

struct Ours {
    log: Arc<RevocationLog>,
    now: UnixTime,
    next: Arc<AtomicU64>,
}

impl Ours {
    async fn open(server: &RedisServer) -> Result<Self, String> {
        let now = UnixTime::from_secs(1_795_305_600);
        let url = server.url().parse().map_err(|fault| format!("{}: {fault}", server.url()))?;
        let store = RedisStore::open(&RedisSettings::new(url)).await.map_err(|fault| fault.to_string())?;
        let store: Arc<dyn Store> = Arc::new(store);
        let entropy = PredictableEntropy::new(1);
        let (url, master) = ("https://issuer.example", MasterKey::generate(&entropy));
        let owned = Identity::establish(&*store, url, Environment::Test, &master, now, &entropy);
        let identity = owned.await.map_err(|fault| fault.to_string())?;
        let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
        let log = RevocationLog::open(store, &identity, settings, now, Box::new(|_| {}));
        Ok(Self { log: log.await.map_err(|fault| fault.to_string())?, now, next: Arc::default() })
    }

    /// So many revocations, [`IN_FLIGHT`] at a time; how long all of it took.
    async fn append(&self, count: u32) -> Result<Duration, String> {
        let end = self.next.load(Ordering::Relaxed) + u64::from(count);
        let start = now();
        let mut callers = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let (log, next, at) = (Arc::clone(&self.log), Arc::clone(&self.next), self.now);
            callers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return Ok::<(), String>(());
                    }
                    let kills: [Kill; 1] = [kill(number, at)];
                    log.append(&kills).await.map_err(|fault| fault.to_string())?;
                }
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended.map_err(|fault| fault.to_string())??;
        }
        let took = start.elapsed();
        self.next.store(end, Ordering::Relaxed);
        Ok(took)
    }
}
