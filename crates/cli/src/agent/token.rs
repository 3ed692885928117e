//! `chancery agent token`

use super::fault::failure;
use super::home::Which;
use super::{log, said};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use crate::time::{now, parse_span};
use chancery_client::{AccessToken, Binding, Session, SessionError};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery agent token --min-ttl 10m --json
  printf 'Authorization: Bearer %s' \"$(chancery agent token)\" |
      curl -H @- https://api.example.com/invoices       of login --bearer

The token that the session has, or a new one where half of its life is over.
With --min-ttl it lives that long at least, or the command fails; a token that
never lives that long is a fresh one. However many ask at once, in however many
processes, the issuer is asked once.

A token that is bound to a key is of use with a proof alone: ask the socket of
`chancery agent serve` or `chancery agent exec`, or log in with --bearer.

Exit codes: 0 done, 1 the session was ended or the issuer refused, 2 there is no
session or its file cannot be used, 7 the issuer cannot be reached or cannot
answer now.";

/// Print an access token that is good for a while
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Token {
    #[command(flatten)]
    which: Which,
    /// How long it must live at least, such as 10m; without it, 30s if that can be had
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    min_ttl: Option<Duration>,
    #[command(flatten)]
    form: Form,
}

impl Token {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let runtime = runtime::for_one_command()?;
        let (token, standing) = runtime.block_on(async {
            let session = home.open()?;
            let token = fresh(&session, self.min_ttl).await.map_err(|why| failure(&why, &home))?;
            Ok::<_, Failure>((token, session.standing()))
        })?;
        for warning in said::warnings(&standing) {
            terminal.note(format!("warning: {warning}"));
        }
        if self.form.json {
            terminal.json(&said::token(&token, now()));
            return Ok(Exit::Ok);
        }
        terminal.say(token.expose());
        if token.binding() == Binding::Dpop {
            terminal.progress("It is bound to a key: services want a proof with it, see --help.");
        }
        Ok(Exit::Ok)
    }
}

/// A token, once the renewal has come to its end that asking for one may have begun: when this process is gone, nobody
/// goes on with it.
async fn fresh(session: &Session, min_ttl: Option<Duration>) -> Result<AccessToken, SessionError> {
    let ask = async || match min_ttl {
        Some(least) => session.token_for(least).await,
        None => session.token().await,
    };
    ask().await?;
    session.settled().await;
    ask().await
}
