//! `chancery agent delegate`

use super::asked::{self, Asked};
use super::child::Signals;
use super::fault::failure;
use super::home::Which;
use super::login::credentials;
use super::{log, running};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::runtime;
use crate::time::parse_span;
use chancery_client::{Delegation, ErrorKind, Place, Session};
use chancery_token::ClientId;
use std::ffi::OsString;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

/// Between two attempts to end a session, where the issuer does not say.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// Whoever waits for the command waits for this, too.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Whoever ends this process does not want to wait for a session that nobody needs.
const LAST_ANSWER: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "\
Examples:
  chancery agent delegate --scope documents:read --ttl 1h -- python sub.py
  chancery agent delegate --to printer --to-key-file printer.pem -- ./print.sh

CMD gets a session of its own, handed on from this one: never more than this one
may, for --ttl at the longest, and over when this one is. It lives in memory and
is ended at the issuer when CMD ends, with every token of it; where this agent
is killed, it ends by --ttl. Without --to it is of the same client; --to hands
it to another one that this client's owner lists (`chancery client update ID
--delegate-to CLIENT`). A verb of `chancery agent` that CMD runs takes the file
of this session again: what is not to have that runs as another user.
";

/// Run a command with a narrower session of its own, which ends with the command
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{}", running::CONTRACT))]
#[command(group = clap::ArgGroup::new("to_proof").args(["to_secret_file", "to_key_file"]))]
pub(crate) struct Delegate {
    #[command(flatten)]
    which: Which,
    /// A scope that it may use; repeat it, or separate scopes by spaces; all of the session's if left out
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<Asked>,
    /// When it ends at the latest, and never after this session
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = parse_ttl)]
    ttl: Duration,
    /// The client that gets it
    #[arg(long, value_name = "CLIENT", requires = "to_proof")]
    to: Option<ClientId>,
    /// The file that holds the secret of that client
    #[arg(long, value_name = "FILE", requires = "to")]
    to_secret_file: Option<PathBuf>,
    /// The file that holds the private key of that client (Ed25519, PEM)
    #[arg(long, value_name = "FILE", requires = "to")]
    to_key_file: Option<PathBuf>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    words: Vec<OsString>,
}

impl Delegate {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let to = match self.to {
            Some(client) => {
                Some((client, credentials(self.to_secret_file.as_deref(), self.to_key_file.as_deref())?))
            }
            None => None,
        };
        let part = Delegation { to, scopes: asked::scopes(self.scopes).collect(), ttl: Some(self.ttl) };
        let runtime = runtime::for_an_agent()?;
        let exit = runtime.block_on(async {
            // From here on there may be a session at the issuer that has to be ended.
            let mut signals = Signals::catch()?;
            let parent = home.open()?;
            let mut begins = pin!(parent.delegate(part, Place::Memory));
            let begun = tokio::select! {
                begun = &mut begins => begun,
                exit = signals.asked_to_end() => {
                    // What begins all the same is ended, if that is heard of soon; else it ends by its time.
                    if let Ok(Ok(child)) = tokio::time::timeout(LAST_ANSWER, begins).await {
                        end(&child, &mut signals).await;
                    }
                    return Ok(exit);
                }
            };
            let child = begun.map_err(|why| failure(&why, &home))?;
            log::start(log::Said::Faults)?;
            let exit = running::run(&child, &home, &self.words, &mut signals).await;
            // Whatever became of the command.
            end(&child, &mut signals).await;
            exit
        });
        runtime.shutdown_background();
        exit
    }
}

/// Ends the session of a command that is over. An issuer that is away for a moment is asked again, unless somebody asks this
/// process to end. Once it is asked in any case: what ended the command may have been sent to both of them.
async fn end(child: &Session, signals: &mut Signals) {
    let mut pauses = PAUSES.into_iter();
    let why = loop {
        let Err(why) = child.clone().end().await else { return };
        let pause = pauses.next().filter(|_| why.kind() == ErrorKind::Transient);
        let Some(pause) = pause else { break why };
        tokio::select! {
            () = tokio::time::sleep(why.retry_after().unwrap_or(pause).min(LONGEST_PAUSE)) => {}
            _ = signals.asked_to_end() => break why,
        }
    };
    let reason = why.reason();
    tracing::warn!(target: "chancery::agent", reason, "the session of the command is not ended, and lives until its own end: {why}");
}

/// A session that is over when it begins is of use to nobody.
fn parse_ttl(text: &str) -> Result<Duration, String> {
    parse_span(text)
        .and_then(|span| if span.is_zero() { Err("write 1s or more".to_owned()) } else { Ok(span) })
}
