//! What is said about documents.

use super::{Judged, Read};
use crate::revocation::{counted, name_in_log, plural};
use crate::time::{relative, rough};
use chancery_revocation::{Document, Entry, Follow, Head, Kind, LogId, Moment, Sequence};
use chancery_token::UnixTime;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// All that there is to tell.
pub(super) struct Telling<'v> {
    pub(super) judged: &'v [Judged],
    /// What a verifier would know after all of them.
    pub(super) known: &'v Follow,
    pub(super) now: UnixTime,
    /// Whether every entry is told.
    pub(super) entries: bool,
}

/// What both kinds of documents say.
struct Said {
    kind: &'static str,
    log: LogId,
    from: Option<Sequence>,
    to: Sequence,
    head: Head,
    floor: Sequence,
    entries: Vec<Entry>,
}

impl Said {
    fn of(document: &Document) -> Self {
        match document {
            Document::Snapshot(snapshot) => {
                let (at, set) = (snapshot.position(), snapshot.set());
                let (floor, entries) = (set.floor(), set.entries());
                Self {
                    kind: "snapshot",
                    log: at.log,
                    from: None,
                    to: at.sequence,
                    head: at.head,
                    floor,
                    entries,
                }
            }
            Document::Delta(delta) => {
                let delta = delta.delta();
                Self {
                    kind: "delta",
                    log: delta.to.log,
                    from: Some(delta.from.sequence),
                    to: delta.to.sequence,
                    head: delta.to.head,
                    floor: delta.floor,
                    entries: delta.entries.clone(),
                }
            }
        }
    }

    fn count(&self, kind: Kind) -> usize {
        self.entries.iter().filter(|entry| entry.kill.kind() == kind).count()
    }
}

impl Telling<'_> {
    pub(super) fn object(&self, accepted: bool) -> Value {
        let documents: Vec<Value> = self.judged.iter().map(|one| self.document(one)).collect();
        let alarms = self.reads().filter(|read| read.outcome.is_alarming()).count();
        let mut object = json!({
            "verdict": if accepted { "accepted" } else { "refused" },
            "now": self.now.as_secs(),
            "documents": documents,
            "alarms": alarms,
            "known": null,
        });
        if let Some(at) = self.known.position() {
            object["known"] = json!({
                "log": at.log.to_string(),
                "sequence": at.sequence,
                "head": at.head.to_string(),
                "confirmed_at": self.known.confirmed_at(),
                "age_secs": self.age().as_secs(),
            });
        }
        object
    }

    fn document(&self, judged: &Judged) -> Value {
        let (source, line) = (&judged.text.source, judged.text.line);
        let read = match &judged.verdict {
            Ok(read) => read,
            Err(why) => {
                return json!({ "source": source, "line": line, "genuine": false, "reason": why.reason(), "detail": why.to_string() });
            }
        };
        let said = Said::of(&read.document);
        let counts: Map<String, Value> =
            Kind::EVERY.into_iter().map(|kind| (plural(kind).to_owned(), said.count(kind).into())).collect();
        let mut object = json!({
            "source": source,
            "line": line,
            "genuine": true,
            "kind": said.kind,
            "reason": read.outcome.reason(),
            "alarming": read.outcome.is_alarming(),
            "log": said.log.to_string(),
            "sequence": said.to,
            "head": said.head.to_string(),
            "floor": said.floor,
            "confirmed_at": read.document.confirmed_at(),
            "counts": counts,
        });
        if let Some(from) = said.from {
            object["from"] = json!(from);
        }
        if self.entries {
            object["entries"] = said.entries.iter().map(entry).collect();
        }
        object
    }

    pub(super) fn text(&self, accepted: bool) -> String {
        let mut blocks: Vec<String> = self.judged.iter().map(|one| self.block(one)).collect();
        let count = blocks.len();
        blocks.push(match (self.known.position(), accepted) {
            (Some(at), true) => format!(
                "{} the log {} up to {}, as of {} ago.",
                match count {
                    1 => "The document is genuine. It tells of".to_owned(),
                    _ => format!("All {count} documents are genuine. They tell of"),
                },
                at.log,
                at.sequence,
                rough(self.age())
            ),
            (Some(at), false) => {
                format!("Refused. The others tell of the log {} up to {}.", at.log, at.sequence)
            }
            (None, _) => "Refused. A verifier that has nothing else refuses every token.".to_owned(),
        });
        blocks.join("\n")
    }

    fn block(&self, judged: &Judged) -> String {
        let place = judged.text.place();
        let read = match &judged.verdict {
            Ok(read) => read,
            Err(why) => {
                return format!("{place}: refused: {}\n  {}", why.reason(), one_line(&why.to_string()));
            }
        };
        let said = Said::of(&read.document);
        let signed = read.document.confirmed_at();
        let from = said.from.map_or_else(String::new, |from| format!("{from} to "));
        let counts = Kind::EVERY.map(|kind| (said.count(kind), kind)).into_iter();
        let counts: Vec<String> =
            counts.filter(|(count, _)| *count > 0).map(|(count, kind)| counted(count, kind)).collect();
        let holds = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
        let alarm =
            if read.outcome.is_alarming() { "  ALARM: the issuer's store lost something" } else { "" };
        let mut block = format!(
            "{place}: {}: {}{alarm}\n  log        {}\n  sequence   {from}{}\n  head       {}\n  floor      {}\n  \
             confirmed  {signed} ({})\n  revokes    {holds}",
            said.kind,
            read.outcome.reason(),
            said.log,
            said.to,
            said.head,
            said.floor,
            relative(signed, self.now),
        );
        if self.entries {
            for entry in &said.entries {
                let until =
                    entry.kill.end().map_or_else(String::new, |end| format!("  until {}", end.start()));
                let (kind, name) = (entry.kill.kind(), name_in_log(&entry.kill));
                // Writing to a string cannot fail.
                let _ = write!(block, "\n  {}  {kind:<7}  {name}{until}", entry.sequence);
            }
        }
        block
    }

    fn reads(&self) -> impl Iterator<Item = &Read> {
        self.judged.iter().filter_map(|one| one.verdict.as_ref().ok())
    }

    fn age(&self) -> Duration {
        let now = Moment { wall: self.now, monotonic: Duration::ZERO };
        self.known.age(now).unwrap_or_default()
    }
}

fn entry(entry: &Entry) -> Value {
    let mut object = json!({
        "sequence": entry.sequence,
        "kind": entry.kill.kind().as_str(),
        "name": name_in_log(&entry.kill),
    });
    if let Some(end) = entry.kill.end() {
        object["ends_at"] = json!(end.start());
    }
    object
}

/// It may quote the document, and a line feed there would begin a line of the stranger's own.
fn one_line(text: &str) -> String {
    text.replace('\n', "\\n")
}
