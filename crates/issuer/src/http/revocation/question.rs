//! What a follower asks for, behind the `?`: each name once, and no others.

use super::refusal::Refusal;
use chancery_revocation::{LogId, Sequence};
use std::time::Duration;

/// Nobody waits longer: proxies close what is silent for a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(55);
/// The largest sequence in a document (docs/PROTOCOL.md).
const LAST_SEQUENCE: u64 = (1 << 53) - 1;

/// What was appended to `log` after `after`, now or as soon as there is something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) log: LogId,
    pub(super) after: Sequence,
    /// How long the answer may wait for something to tell.
    pub(super) wait: Duration,
}

/// The snapshot is asked for without a question.
pub(super) struct NoQuestion;

impl Question {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let (mut log, mut after, mut wait) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let place = match &*name {
                "log" => &mut log,
                "after" => &mut after,
                "wait" => &mut wait,
                _ => {
                    return Err(Refusal::Question(
                        "a name in the query is not known; there are log, after and wait",
                    ));
                }
            };
            if place.replace(value).is_some() {
                return Err(Refusal::Question("a name stands twice in the query; keep one"));
            }
        }
        let log = log.as_deref().and_then(LogId::parse);
        let after = after.as_deref().and_then(number).filter(|after| *after <= LAST_SEQUENCE);
        let wait = wait.as_deref().map_or(Some(0), number);
        Ok(Self {
            log: log.ok_or(Refusal::Question("log is missing, or not the 22 characters that name one"))?,
            after: after.map(Sequence::new).ok_or(Refusal::Question("after is missing, or no sequence"))?,
            wait: wait
                .map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))
                .ok_or(Refusal::Question("wait is no number of seconds"))?,
        })
    }
}

impl NoQuestion {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refusal> {
        match query {
            None | Some("") => Ok(Self),
            Some(_) => Err(Refusal::Question("the snapshot takes no query; leave it out")),
        }
    }
}

/// Digits, and nothing that other readers would take for a number as well. A question has one spelling, or a cache
/// would hold its answer twice.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn read(query: &str) -> Result<(u64, u64), &'static str> {
        match Question::read(Some(query)) {
            Ok(question) => {
                assert_eq!(question.log, LogId::from_bytes([0; 16]));
                Ok((question.after.get(), question.wait.as_secs()))
            }
            Err(Refusal::Question(why)) => Err(why.split([' ', ';']).next().unwrap_or_default()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_question_names_a_log_a_place_and_how_long_to_wait() {
        assert_eq!(read(&format!("log={LOG}&after=0&wait=0")), Ok((0, 0)));
        assert_eq!(read(&format!("wait=25&after=1838392934400&log={LOG}")), Ok((1_838_392_934_400, 25)));
        assert_eq!(read(&format!("log={LOG}&after=7")), Ok((7, 0)), "at once unless said otherwise");
        for long in ["55", "56", "3600", "18446744073709551615"] {
            assert_eq!(read(&format!("log={LOG}&after=7&wait={long}")), Ok((7, 55)), "{long}");
        }
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        for (query, about) in [
            (String::new(), "log"),
            (format!("log={LOG}"), "after"),
            ("after=7".into(), "log"),
            ("log=&after=7".into(), "log"),
            (format!("log={LOG}A&after=7"), "log"),
            ("log=AAAAAAAAAAAAAAAAAAAAAB&after=7".into(), "log"),
            (format!("log={LOG}&after="), "after"),
            (format!("log={LOG}&after=-1"), "after"),
            (format!("log={LOG}&after=%2B1"), "after"),
            (format!("log={LOG}&after=01"), "after"),
            (format!("log={LOG}&after=1.0"), "after"),
            (format!("log={LOG}&after=9007199254740992"), "after"),
            (format!("log={LOG}&after=18446744073709551616"), "after"),
            (format!("log={LOG}&after=7&wait="), "wait"),
            (format!("log={LOG}&after=7&wait=soon"), "wait"),
            (format!("log={LOG}&after=7&wait=-1"), "wait"),
            (format!("log={LOG}&after=7&wait=1e3"), "wait"),
            (format!("log={LOG}&after=7&wait=18446744073709551616"), "wait"),
            (format!("log={LOG}&after=7&after=7"), "a"),
            (format!("log={LOG}&log={LOG}&after=7"), "a"),
            (format!("log={LOG}&after=7&since=7"), "a"),
        ] {
            assert_eq!(read(&query), Err(about), "{query}");
        }
    }

    #[test]
    fn the_snapshot_is_asked_for_without_a_question() {
        assert!(NoQuestion::read(None).is_ok() && NoQuestion::read(Some("")).is_ok());
        assert!(NoQuestion::read(Some("after=7")).is_err());
    }
}
