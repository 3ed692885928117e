//! What happened to the log.

use crate::revocation::name_in_log;
use chancery_revocation::{Entry, Outcome, Position, Sequence};
use chancery_token::UnixTime;
use serde_json::{Value, json};

/// One thing that happened, with the instant at which the issuer had last looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Began {
        at: Position,
        confirmed_at: UnixTime,
    },
    Entry {
        entry: Entry,
        confirmed_at: UnixTime,
    },
    /// More was revoked than could be told one by one.
    CaughtUp {
        from: Sequence,
        to: Sequence,
        confirmed_at: UnixTime,
    },
    /// The issuer's store lost something.
    Alarm {
        outcome: Outcome,
        confirmed_at: UnixTime,
    },
}

impl Event {
    /// How many entries it tells of.
    pub(super) fn entries(&self) -> u64 {
        match self {
            Self::Entry { .. } => 1,
            Self::CaughtUp { from, to, .. } => to.get().saturating_sub(from.get()),
            Self::Began { .. } | Self::Alarm { .. } => 0,
        }
    }

    pub(super) fn object(&self) -> Value {
        match self {
            Self::Began { at, confirmed_at } => json!({
                "event": "began",
                "log": at.log.to_string(),
                "sequence": at.sequence,
                "confirmed_at": confirmed_at,
            }),
            Self::Entry { entry, confirmed_at } => {
                let mut object = json!({
                    "event": "revoked",
                    "sequence": entry.sequence,
                    "kind": entry.kill.kind().as_str(),
                    "name": name_in_log(&entry.kill),
                    "confirmed_at": confirmed_at,
                });
                if let Some(end) = entry.kill.end() {
                    object["ends_at"] = json!(end.start());
                }
                object
            }
            Self::CaughtUp { from, to, confirmed_at } => {
                json!({ "event": "caught_up", "from": from, "sequence": to, "confirmed_at": confirmed_at })
            }
            Self::Alarm { outcome, confirmed_at } => {
                json!({ "event": "alarm", "reason": outcome.reason(), "confirmed_at": confirmed_at })
            }
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Began { at, confirmed_at } => {
                format!("{confirmed_at}  following the log {} from {} on", at.log, at.sequence)
            }
            Self::Entry { entry, confirmed_at } => {
                let until =
                    entry.kill.end().map_or_else(String::new, |end| format!("  until {}", end.start()));
                let (kind, name) = (entry.kill.kind(), name_in_log(&entry.kill));
                format!("{confirmed_at}  {}  {kind:<7}  {name}{until}", entry.sequence)
            }
            Self::CaughtUp { from, to, confirmed_at } => {
                format!("{confirmed_at}  {to}  caught up from {from}: too much at once to be told one by one")
            }
            Self::Alarm { outcome, confirmed_at } => {
                format!("{confirmed_at}  ALARM: {}: the issuer's store lost something", outcome.reason())
            }
        }
    }
}
