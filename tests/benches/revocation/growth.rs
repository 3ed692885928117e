//! What more revocations cost: from a thousand to ten million.

use crate::check::{asked, certain, number};
use crate::contest::compete;
use crate::curve::{Curve, Series};
use crate::entries::log;
use crate::order::Order;
use crate::report::Report;
use crate::tokens::{Kind, marks};
use crate::wire::{gzip, signer};
use chancery_revocation::{MAX_IDS, RevokedSet, Sequence, Standing};
use chancery_token::UnixTime;

pub(crate) const CHECK: &str = "revocation.growth.check_ns";
pub(crate) const MEMORY: &str = "revocation.growth.memory_kib";
pub(crate) const SNAPSHOT: &str = "revocation.growth.snapshot_kib";
const SIZES: [u64; 5] = [1000, 10_000, 100_000, 1_000_000, 10_000_000];
const IN_QUICK: usize = 2;

/// The points of each curve, gathered size by size: the largest sets do not lie in memory together.
#[derive(Default)]
struct Points {
    delegated: Vec<(f64, Vec<f64>)>,
    plain: Vec<(f64, Vec<f64>)>,
    memory: Vec<(f64, Vec<f64>)>,
    raw: Vec<(f64, Vec<f64>)>,
    packed: Vec<(f64, Vec<f64>)>,
}

/// A log holds [`MAX_IDS`] ids at a time, because a snapshot of more would pass what verifiers read. A set may hold
/// more, where logs were joined; so the check and the memory of more are those of several logs in one set. The snapshot's
/// curve ends at the limit.
pub(crate) fn measure(now: UnixTime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(CHECK);
    let most = u64::try_from(MAX_IDS).map_err(|fault| fault.to_string())?;
    let sizes = if order.quick { SIZES.get(..IN_QUICK).unwrap_or(&SIZES) } else { &SIZES[..] };
    let mut points = Points::default();
    for ids in sizes {
        points.set(*ids, most, now, order)?;
    }
    if order.chooses(SNAPSHOT) {
        for ids in sizes.iter().map(|ids| *ids.min(&most)) {
            points.document(ids, now)?;
        }
    }
    let series = |name: &str, points| Series { name: name.to_owned(), points };
    let x = "revoked ids";
    let checks = vec![series("chancery", points.delegated), series("a plain token", points.plain)];
    Curve { id: CHECK, x, unit: "ns", series: checks }.join(report);
    Curve { id: MEMORY, x, unit: "KiB", series: vec![series("chancery", points.memory)] }.join(report);
    if order.chooses(SNAPSHOT) {
        let series = vec![series("chancery", points.packed), series("uncompressed", points.raw)];
        Curve { id: SNAPSHOT, x, unit: "KiB", series }.join(report);
    }
    Ok(())
}

impl Points {
    fn set(&mut self, ids: u64, most: u64, now: UnixTime, order: &Order) -> Result<(), String> {
        let (set, at) = joined(ids, most, now)?;
        if set.ids() != usize::try_from(ids).map_err(|fault| fault.to_string())? {
            return Err(format!("the set has {} ids, not {ids}", set.ids()));
        }
        let (delegated, plain) = (marks(Kind::Delegated, at, ids, now)?, marks(Kind::Plain, at, ids, now)?);
        certain(&set, &delegated, |standing| *standing == Standing::Good)?;
        let mut contenders = [asked("delegated", &set, &delegated), asked("plain", &set, &plain)];
        compete(&mut contenders, if order.quick { 3 } else { 51 }, 4096);
        let [delegated, plain] = contenders;
        let x = number(set.ids());
        self.delegated.push((x, delegated.rounds));
        self.plain.push((x, plain.rounds));
        self.memory.push((x, vec![number(set.bytes()) / 1024.0]));
        Ok(())
    }

    fn document(&mut self, ids: u64, now: UnixTime) -> Result<(), String> {
        let log = log(0..ids, None, now)?;
        let text = signer().snapshot(&log, now).map_err(|fault| fault.to_string())?;
        let x = number(log.published().ids());
        self.raw.push((x, vec![number(text.len()) / 1024.0]));
        self.packed.push((x, vec![number(gzip(&text)?) / 1024.0]));
        Ok(())
    }
}

/// A set of so many ids, from as many logs as it takes; and the sequence of the last of them.
fn joined(ids: u64, most: u64, now: UnixTime) -> Result<(RevokedSet, Sequence), String> {
    let logs = ids.div_ceil(most).max(1);
    let share = ids.div_ceil(logs);
    let first = log(0..ids.min(share), None, now)?;
    let (mut set, mut at) = (first.published().clone(), first.position().sequence);
    drop(first);
    for from in (1..logs).map(|number| number * share) {
        let next = log(from..ids.min(from + share), Some(at), now)?;
        at = next.position().sequence;
        set = next.published().clone().merge(&set);
    }
    Ok((set, at))
}
