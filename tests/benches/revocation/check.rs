//! One question to the set of what is revoked, and what the set weighs.

use crate::contest::{Contender, compete};
use crate::entries::log;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::tokens::{Kind, TOKENS, marks};
use chancery_revocation::{RevokedSet, Standing, TokenMarks};
use chancery_token::UnixTime;

pub(crate) const CHECK: &str = "revocation.check_ns";
pub(crate) const BYTES: &str = "revocation.entry_bytes";
pub(crate) const IDS: u64 = 250_000;
const LIMIT_NANOS: f64 = 150.0;
const LIMIT_BYTES: f64 = 20.0;

/// Both over one set, that of a log which was appended to: it has newer parts that are not merged yet, which a set that
/// was just read from a snapshot has not.
pub(crate) fn measure(now: UnixTime, order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(CHECK);
    let ids = if order.quick { 10_000 } else { IDS };
    let log = log(0..ids, None, now)?;
    let (set, at) = (log.published(), log.position().sequence);
    let named = format!("{} ids and {} names revoked", set.ids(), set.names());
    if order.chooses(CHECK) {
        let of = |kind| marks(kind, at, ids, now);
        let [plain, delegated, revoked] = [of(Kind::Plain)?, of(Kind::Delegated)?, of(Kind::Revoked)?];
        let is_revoked = |standing: &Standing| matches!(standing, Standing::Revoked(_));
        certain(set, &plain, |standing| *standing == Standing::Good)?;
        certain(set, &delegated, |standing| *standing == Standing::Good)?;
        certain(set, &revoked, is_revoked)?;
        let mut contenders = [("delegated", &delegated), ("plain", &plain), ("revoked", &revoked)]
            .map(|(id, tokens)| asked(id, set, tokens));
        compete(&mut contenders, if order.quick { 3 } else { 101 }, 4096);
        let [delegated, plain, revoked] = contenders;
        report.add(Figure {
            limit: Some(LIMIT_NANOS),
            note: format!(
                "a token with 4 actors and 8 ancestors that is not revoked; {named}; allocates nothing"
            ),
            ..Figure::new(CHECK, "ns", delegated.rounds)
        });
        report.add(Figure::new(format!("{CHECK}.revoked"), "ns", revoked.rounds));
        report.add(Figure::new(format!("{CHECK}.plain"), "ns", plain.rounds));
    }
    if order.chooses(BYTES) {
        report.add(Figure {
            limit: Some(LIMIT_BYTES),
            note: format!("{named}, by the set's own count"),
            ..Figure::new(BYTES, "B", vec![weight(set)])
        });
    }
    Ok(())
}

/// Bytes of the set for each thing that is revoked.
pub(crate) fn weight(set: &RevokedSet) -> f64 {
    number(set.bytes()) / number(set.ids() + set.names())
}

/// One who asks about `tokens` in turn.
pub(crate) fn asked<'s>(id: &str, set: &'s RevokedSet, tokens: &'s [TokenMarks]) -> Contender<'s> {
    Contender::new(id, |at| tokens.get(at & (TOKENS - 1)).map(|token| set.judge(token)))
}

/// An error where the set says something else.
pub(crate) fn certain(
    set: &RevokedSet,
    tokens: &[TokenMarks],
    is_right: impl Fn(&Standing) -> bool,
) -> Result<(), String> {
    let wrong = tokens.iter().map(|token| set.judge(token)).find(|standing| !is_right(standing));
    wrong.map_or(Ok(()), |standing| Err(format!("the set says {standing:?}")))
}

/// A count, as figures have it.
pub(crate) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
