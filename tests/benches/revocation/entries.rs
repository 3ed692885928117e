//! A log with as many revocations as are asked for.

use chancery_revocation::{Kill, Log, LogId, Retention, Sequence};
use chancery_token::{FamilyId, TokenId, UnixTime};
use std::time::Duration;

/// As an issuer has them by default.
pub(crate) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(24 * 30),
};
/// Names that are revoked beside the ids.
const NAMES: u64 = 1000;
/// Entries that are appended at a time.
const BATCH: u64 = 4096;

/// A log that begins above `highest`, with names, and with the ids of these numbers.
pub(crate) fn log(
    numbers: std::ops::Range<u64>,
    highest: Option<Sequence>,
    now: UnixTime,
) -> Result<Log, String> {
    let mut name_of_log = [0; 16];
    name_of_log[..8].copy_from_slice(&numbers.start.to_be_bytes());
    let log = Log::begin(LogId::from_bytes(name_of_log), highest, now, RETENTION);
    let names = (0..NAMES).map(|number| name(number, now)).collect::<Result<Vec<Kill>, String>>()?;
    let mut log = append(&log, &names)?;
    let mut from = numbers.start;
    while from < numbers.end {
        let to = numbers.end.min(from + BATCH);
        log = append(&log, &(from..to).map(|number| kill(number, now)).collect::<Vec<_>>())?;
        from = to;
    }
    Ok(log)
}

/// The log with these entries.
pub(crate) fn append(log: &Log, kills: &[Kill]) -> Result<Log, String> {
    log.append(kills).map(|(log, _)| log).map_err(|fault| fault.to_string())
}

/// Id number `number`: spread as random ones are.
pub(crate) fn id(number: u64) -> TokenId {
    let mut bytes = [0; 16];
    let mixed = |number: u64| {
        let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes[..8].copy_from_slice(&mixed(state).to_be_bytes());
    bytes[8..].copy_from_slice(&mixed(state ^ 0x5851_f42d_4c95_7f2d).to_be_bytes());
    TokenId::from_bytes(bytes)
}

/// One in four is a family.
pub(crate) fn kill(number: u64, now: UnixTime) -> Kill {
    if number % 4 == 1 {
        Kill::family(FamilyId::from_bytes(*id(number).as_bytes()), RETENTION.family_end(now))
    } else {
        Kill::token(id(number), now.plus(Duration::from_mins(1 + number % 15)))
    }
}

fn name(number: u64, now: UnixTime) -> Result<Kill, String> {
    let end = RETENTION.family_end(now);
    let told = |fault: &dyn std::fmt::Display| fault.to_string();
    Ok(match number % 4 {
        0 => Kill::client(&format!("revoked-client-{number}").parse().map_err(|fault| told(&fault))?, end),
        1 => Kill::tenant(&format!("revoked-tenant-{number}").parse().map_err(|fault| told(&fault))?, end),
        2 => Kill::subject(&format!("user:revoked-{number}").parse().map_err(|fault| told(&fault))?, end),
        _ if number < 10 => Kill::key(&format!("revoked-key-{number}")),
        _ => Kill::client(&format!("revoked-agent-{number}").parse().map_err(|fault| told(&fault))?, end),
    })
}
