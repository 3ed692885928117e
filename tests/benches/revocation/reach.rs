//! From the acknowledgement of a revocation to the verifiers that refuse the token.

use crate::crowd::{Crowd, Next};
use crate::issuer::Issuer;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::wan::Wan;
use chancery_verifier::follow::LogFrom;
use tokio::runtime::Runtime;

pub(crate) const LOOPBACK: &str = "revocation.reach_1000.p99_ms";
pub(crate) const WAN: &str = "revocation.reach_wan.p99_ms";
const LIMIT_LOOPBACK: f64 = 250.0;
const LIMIT_WAN: f64 = 500.0;
const ROUNDS: usize = 7;
/// Revocations in a round; their percentiles are those of all verifiers and all of these.
const EACH: usize = 5;

/// A thousand of them on loopback.
pub(crate) fn on_loopback(runtime: &Runtime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(LOOPBACK);
    runtime.block_on(async {
        let mut issuer = Issuer::start("loopback").await?;
        let count = if order.quick { 50 } else { 1000 };
        let crowd = Crowd::gather(count, &issuer, LogFrom::Urls(vec![issuer.url().to_owned()])).await?;
        let reached = rounds(&crowd, &mut issuer, Next::Connected, order).await?;
        let note = format!("{count} connected verifiers on loopback; a round is {EACH} revocations");
        reached.join(LOOPBACK, LIMIT_LOOPBACK, note, report);
        drop(crowd);
        issuer.end()
    })
}

/// A hundred of them far away.
pub(crate) fn far_away(runtime: &Runtime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(WAN);
    runtime.block_on(async {
        let mut issuer = Issuer::start("wan").await?;
        let upstream = issuer.url().trim_start_matches("http://").parse();
        let wan = Wan::to(upstream.map_err(|fault| format!("{}: {fault}", issuer.url()))?).await?;
        let count = if order.quick { 10 } else { 100 };
        let crowd = Crowd::gather(count, &issuer, LogFrom::Urls(vec![wan.url()])).await?;
        let reached = rounds(&crowd, &mut issuer, Next::AtOnce, order).await?;
        let (writes, stalls) = wan.passed();
        let note = format!(
            "{count} verifiers, 40 ms each way, {stalls} of {writes} writes held up by 200 ms; {EACH} revocations a round, \
             each as soon as the one before is applied"
        );
        reached.join(WAN, LIMIT_WAN, note, report);
        drop(crowd);
        issuer.end()
    })
}

/// What each round found.
#[derive(Default)]
struct Reached {
    half: Vec<f64>,
    p99: Vec<f64>,
    slowest: Vec<f64>,
}

async fn rounds(crowd: &Crowd, issuer: &mut Issuer, next: Next, order: &Order) -> Result<Reached, String> {
    // What the others find warm.
    crowd.hears_of_a_revocation(issuer, next).await?;
    let mut reached = Reached::default();
    for _ in 0..if order.quick { 1 } else { ROUNDS } {
        let mut millis = Vec::new();
        for _ in 0..EACH {
            millis.extend(crowd.hears_of_a_revocation(issuer, next).await?);
            issuer.lives()?;
        }
        millis.sort_by(f64::total_cmp);
        let within = |percent: usize| {
            let last = (millis.len() * percent).div_ceil(100).saturating_sub(1);
            millis.get(last).copied().unwrap_or(f64::NAN)
        };
        reached.half.push(within(50));
        reached.p99.push(within(99));
        reached.slowest.push(within(100));
    }
    Ok(reached)
}

impl Reached {
    fn join(self, id: &str, limit: f64, note: String, report: &mut Report) {
        report.add(Figure { limit: Some(limit), note, ..Figure::new(id, "ms", self.p99) });
        report.add(Figure::new(format!("{id}.p50"), "ms", self.half));
        report.add(Figure::new(format!("{id}.slowest"), "ms", self.slowest));
    }
}
