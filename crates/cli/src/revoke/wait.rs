//! Until verifiers have applied an entry.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::office::{Office, Refusal};
use crate::terminal::Terminal;
use crate::time::parse_span;
use chancery_issuer::admin::{ReceiptView, ReceiptsView};
use chancery_revocation::Sequence;
use chancery_verifier::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

/// Between two questions: the issuer says how long each verifier took, whenever it is asked.
const PAUSE: Duration = Duration::from_millis(100);

/// How many verifiers are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Every one that the issuer knows by name, and one at least.
    All,
    AtLeast(usize),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::AtLeast).map_err(|_| "write a number, or all".to_owned()),
        }
    }
}

/// The flags that ask for it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Wait {
    /// Wait until so many verifiers, or all that say their names to this issuer, have applied it; ask each of several
    #[arg(long = "wait-applied", value_name = "N|all", requires = "issuer", conflicts_with = "plan")]
    wait_applied: Option<Wanted>,
    /// How long to wait at most
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30s",
        value_parser = parse_span,
        requires = "wait_applied"
    )]
    timeout: Duration,
}

/// How far it came.
#[derive(Debug)]
pub(crate) struct Waited {
    /// Whether all who were waited for have applied it.
    pub(crate) reached: bool,
    pub(crate) receipts: ReceiptsView,
}

impl Wait {
    /// Waits, if that was asked for.
    pub(super) async fn until_applied(
        &self,
        office: &Office,
        sequence: Sequence,
        terminal: &mut Terminal,
    ) -> Result<Option<Waited>, Failure> {
        match self.wait_applied {
            None => Ok(None),
            Some(wanted) => until_applied(office, sequence, wanted, self.timeout, terminal).await.map(Some),
        }
    }
}

/// Waits for `most` at the longest, and tells of each verifier that has applied it.
pub(crate) async fn until_applied(
    office: &Office,
    sequence: Sequence,
    wanted: Wanted,
    most: Duration,
    terminal: &mut Terminal,
) -> Result<Waited, Failure> {
    let clock = SystemClock::new();
    let mut told = BTreeSet::new();
    let mut last = None;
    loop {
        match office.receipts(sequence).await.map_err(Refusal::into_failure) {
            Ok(receipts) => {
                for receipt in receipts.verifiers.iter().filter(|receipt| receipt.after_ms.is_some()) {
                    if told.insert((receipt.client_id.clone(), receipt.name.clone())) {
                        terminal.progress(one(receipt));
                    }
                }
                if wanted.is_met(&receipts) {
                    return Ok(Waited { reached: true, receipts });
                }
                last = Some(receipts);
            }
            // It is revoked, whatever becomes of the question who knows.
            Err(failure) if failure.exit() == Exit::Transient && clock.monotonic() < most => {
                terminal.progress("the issuer cannot say now who has applied it; asking again");
            }
            Err(failure) => {
                return Err(failure.fix("It is revoked all the same; only who has applied it is not known."));
            }
        }
        if clock.monotonic() >= most {
            let nobody =
                || ReceiptsView { sequence, published_at: None, verifiers: Vec::new(), anonymous: 0 };
            return Ok(Waited { reached: false, receipts: last.unwrap_or_else(nobody) });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Wanted {
    fn is_met(self, receipts: &ReceiptsView) -> bool {
        let applied = applied(receipts).count();
        match self {
            Self::All => applied > 0 && applied == receipts.verifiers.len(),
            Self::AtLeast(wanted) => applied >= wanted,
        }
    }
}

impl Waited {
    pub(super) fn object(&self) -> Value {
        let mut object = json!(self.receipts);
        object["reached"] = self.reached.into();
        object
    }

    pub(super) fn text(&self) -> String {
        let (applied, known) = (applied(&self.receipts).count(), self.receipts.verifiers.len());
        let slowest = applied_after(&self.receipts).max();
        let mut lines = vec![match (known, slowest) {
            (0, _) => {
                "No verifier says its name to the issuer, so nobody knows who has applied it.".to_owned()
            }
            (1, None) => "The one verifier that says its name has not applied it.".to_owned(),
            (_, None) => format!("None of the {known} verifiers that say their names has applied it."),
            (1, Some(slowest)) => {
                format!("The one verifier that says its name has applied it, after {slowest} ms.")
            }
            (_, Some(slowest)) => {
                format!("{applied} of {known} verifiers have applied it, the slowest after {slowest} ms.")
            }
        }];
        let silent = self.receipts.verifiers.iter().filter(|receipt| receipt.after_ms.is_none());
        lines.extend(silent.map(one));
        if self.receipts.anonymous > 0 {
            lines.push(format!("{} more poll without a name and are not counted.", self.receipts.anonymous));
        }
        lines.join("\n")
    }
}

fn applied(receipts: &ReceiptsView) -> impl Iterator<Item = &ReceiptView> {
    receipts.verifiers.iter().filter(|receipt| receipt.after_ms.is_some())
}

/// How long each took that has applied it, in milliseconds.
pub(crate) fn applied_after(receipts: &ReceiptsView) -> impl Iterator<Item = u64> {
    receipts.verifiers.iter().filter_map(|receipt| receipt.after_ms)
}

fn one(receipt: &ReceiptView) -> String {
    let ReceiptView { client_id, name, applied, after_ms } = receipt;
    match (after_ms, applied) {
        (Some(ms), _) => format!("  {client_id}/{name} has applied it, after {ms} ms"),
        (None, Some(applied)) => format!("  {client_id}/{name} has not: it is at sequence {applied}"),
        (None, None) => format!("  {client_id}/{name} has not said so"),
    }
}
