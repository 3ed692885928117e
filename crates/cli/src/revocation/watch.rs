//! `chancery revocation watch`

mod event;
mod question;

use super::keys::KeySource;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::local::ConfigFile;
use crate::terminal::Terminal;
use crate::time::parse_span;
use chancery_revocation::{Document, Follow, Moment, Outcome, Position};
use chancery_verifier::RevocationKeys;
use chancery_verifier::clock::{Clock as _, SystemClock};
use event::Event;
use question::{Answer, Asker};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery revocation watch
  chancery revocation watch --issuer https://auth.example.com --json
  chancery revocation watch --count 1 --for 30s

It asks as a verifier does, believes what is signed, and needs no credentials.
What was revoked before is not told: `chancery revocation verify` does that.
Clients, tenants, subjects and keys stand in the log as hashes, not as names.

Exit codes: 0 it ended as --for or --count said, 2 the command line or the keys
cannot be used, 7 the issuer was not there when it began.";

/// How long the issuer may hold an answer back.
const HOLD: Duration = Duration::from_secs(25);
/// Between questions that failed: at first, and in the end.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// Print what is revoked, as it happens
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Watch {
    #[command(flatten)]
    config: ConfigFile,
    /// The issuer; the one of the configuration unless said otherwise
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    issuer: Option<String>,
    #[command(flatten)]
    keys: KeySource,
    /// End after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_span)]
    span: Option<Duration>,
    /// End after this many entries
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Print one JSON object for each event, on a line of its own
    #[arg(long)]
    json: bool,
}

/// What is known, and how much was told.
struct Watching<'w> {
    terminal: &'w mut Terminal,
    json: bool,
    issuer: String,
    key_source: KeySource,
    keys: RevocationKeys,
    clock: SystemClock,
    known: Follow,
    /// Entries so far.
    told: u64,
    /// What went wrong last, until something goes well.
    trouble: Option<String>,
}

/// What is to be asked.
enum Question {
    Delta(Position),
    Snapshot,
}

/// What to ask next, and when.
enum Next {
    AtOnce(Question),
    /// The answer was of no use: after a pause, which grows until one is.
    Later(Question, Option<Duration>),
}

impl Watch {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let issuer = match self.issuer {
            Some(issuer) => issuer.strip_suffix('/').unwrap_or(&issuer).to_owned(),
            None => self.config.read()?.config.issuer.url,
        };
        let keys = self.keys.read_of_running(&issuer)?;
        let mut watching = Watching {
            terminal,
            json: self.json,
            issuer,
            key_source: self.keys,
            keys,
            clock: SystemClock::new(),
            known: Follow::new(),
            told: 0,
            trouble: None,
        };
        watching.follow(self.span, self.count)?;
        Ok(Exit::Ok)
    }
}

impl Watching<'_> {
    fn follow(&mut self, span: Option<Duration>, count: Option<u64>) -> Result<(), Failure> {
        let runtime = crate::runtime::for_one_command()?;
        let asker = Asker::new(&self.issuer)?;
        let (mut pause, mut question) = (PAUSES[0], Question::Snapshot);
        loop {
            let left = span.map(|span| span.saturating_sub(self.clock.monotonic()));
            if left.is_some_and(|left| left.is_zero()) || count.is_some_and(|count| self.told >= count) {
                return Ok(());
            }
            let answer = runtime.block_on(async {
                match &question {
                    Question::Snapshot => asker.snapshot().await,
                    Question::Delta(after) => {
                        asker.delta(after, left.map_or(HOLD, |left| HOLD.min(left))).await
                    }
                }
            });
            let next = match answer {
                Answer::Document(text) => self.take(&text, question)?,
                Answer::TakeSnapshot => Next::AtOnce(Question::Snapshot),
                Answer::NotNow { why, after } => {
                    if self.known.position().is_none() {
                        return Err(Failure::new(Exit::Transient, "revocations_unreachable", why)
                            .fix("Is the issuer running there? Then try again."));
                    }
                    self.trouble(&why);
                    Next::Later(question, after)
                }
            };
            question = match next {
                Next::AtOnce(question @ Question::Delta(_)) => {
                    pause = PAUSES[0];
                    question
                }
                Next::AtOnce(question @ Question::Snapshot) => question,
                Next::Later(question, after) => {
                    let rest = after.unwrap_or(pause);
                    let rest = left.map_or(rest, |left| rest.min(left));
                    // Made inside: a timer needs the runtime that it runs on.
                    runtime.block_on(async { tokio::time::sleep(rest).await });
                    pause = (pause * 2).min(PAUSES[1]);
                    question
                }
            };
        }
    }

    /// Takes a document in and tells what is new.
    fn take(&mut self, text: &str, question: Question) -> Result<Next, Failure> {
        let now = Moment { wall: self.clock.now(), monotonic: self.clock.monotonic() };
        let document = match self.keys.open(text, &self.issuer, now.wall) {
            Ok(document) => document,
            Err(why) if self.known.position().is_none() => {
                return Err(Failure::unusable(why.reason(), why)
                    .fix("Is --issuer the name that the issuer gives itself?"));
            }
            Err(why) => {
                self.trouble(&why.to_string());
                if why.reason() == "document_key_unknown" {
                    // They were rotated meanwhile.
                    match self.key_source.read_of_running(&self.issuer) {
                        Ok(keys) => self.keys = keys,
                        Err(failure) => self.trouble(failure.message()),
                    }
                }
                return Ok(Next::Later(question, None));
            }
        };
        let (known, outcome) = std::mem::take(&mut self.known).accept(document.clone(), now);
        self.known = known;
        self.tell(&document, outcome);
        let Some(at) = self.known.position().copied() else { return Ok(Next::AtOnce(Question::Snapshot)) };
        match outcome {
            Outcome::NeedSnapshot(_) => return Ok(Next::AtOnce(Question::Snapshot)),
            Outcome::AlreadyHeld | Outcome::Older { .. } | Outcome::WentBack { .. } => {
                return Ok(Next::Later(Question::Delta(at), None));
            }
            Outcome::Installed { .. }
            | Outcome::Advanced { .. }
            | Outcome::CaughtUp { .. }
            | Outcome::Heartbeat
            | Outcome::MergedAnotherLog { .. }
            | Outcome::MergedFork { .. } => {}
        }
        if self.trouble.take().is_some() {
            self.terminal.note("note: the issuer answers again");
        }
        Ok(Next::AtOnce(Question::Delta(at)))
    }

    fn tell(&mut self, document: &Document, outcome: Outcome) {
        let confirmed_at = document.confirmed_at();
        let events = match (outcome, document) {
            (Outcome::Installed { .. }, Document::Snapshot(snapshot)) => {
                vec![Event::Began { at: *snapshot.position(), confirmed_at }]
            }
            (Outcome::Advanced { .. }, Document::Delta(delta)) => {
                let entries = delta.delta().entries.iter();
                entries.map(|entry| Event::Entry { entry: *entry, confirmed_at }).collect()
            }
            (Outcome::CaughtUp { from, to }, _) => vec![Event::CaughtUp { from, to, confirmed_at }],
            (outcome, _) if outcome.is_alarming() => {
                vec![Event::Alarm { outcome, confirmed_at }]
            }
            _ => Vec::new(),
        };
        for event in events {
            self.told += event.entries();
            if self.json {
                self.terminal.json(&event.object());
            } else {
                self.terminal.say(event.text());
            }
        }
    }

    /// Tells it once for as long as it lasts.
    fn trouble(&mut self, why: &str) {
        if self.trouble.as_deref() != Some(why) {
            self.terminal.note(format!("note: {why}; trying again"));
            self.trouble = Some(why.to_owned());
        }
    }
}
