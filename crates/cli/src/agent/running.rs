//! A command with a session beside it: `CHANCERY_TOKEN_FILE` and `CHANCERY_TOKEN_URL`, for as long as it runs.

use super::child::{Running, Signals};
use super::fault::failure;
use super::home::Home;
use super::log;
use super::run_folder::RunFolder;
use super::socket::{Desk, Socket};
use super::token_file::{TokenFile, last_renewal};
use crate::exit::Exit;
use crate::failure::Failure;
use chancery_client::{Session, TOKEN_URL, token_url};
use std::ffi::{OsStr, OsString};
use std::future::pending;

/// The variable that names the file with the access token.
const TOKEN_FILE: &str = "CHANCERY_TOKEN_FILE";

/// What the command is told, for the help of the verbs that run one.
pub(super) const CONTRACT: &str = "\
CMD finds in its environment, and nothing of it is secret:
  CHANCERY_TOKEN_FILE   a file (0600) that holds the access token and a line
                        feed; another token takes its place in one step, so
                        read it for each request. Enough after login --bearer;
                        any other token needs the proof of POST /proof as well
  CHANCERY_TOKEN_URL    http+unix://PATH/token with every / of PATH as %2F: a
                        socket that answers GET /token and POST /proof in JSON;
                        docs/PROTOCOL.md describes it

Tokens are renewed while CMD runs. Where the issuer is away, CMD runs on and the
last token stays. Both places go when CMD ends. Signals (HUP INT QUIT TERM USR1
USR2 WINCH) are handed on, but for INT and QUIT before a terminal: what is typed
there reaches CMD by itself, and only who sends one again has it handed on. So
end CMD by TERM, sent to this process alone (systemd: KillMode=mixed).

Exit codes: those of CMD, 128+N where signal N ended it, 126 where it cannot be
run, 127 where there is none. CMD is not started where there is no token: 1 the
session was ended or the issuer refused, 2 there is no session or its file
cannot be used, 7 the issuer cannot be reached or cannot answer now.";

/// Runs `words` to its end. It is not started without a token, and not when somebody has asked this process to end.
pub(super) async fn run(
    session: &Session,
    home: &Home,
    words: &[OsString],
    signals: &mut Signals,
) -> Result<Exit, Failure> {
    let token = tokio::select! {
        biased;
        exit = signals.asked_to_end() => return Ok(exit),
        token = session.token() => token.map_err(|why| failure(&why, home))?,
    };
    log::start(log::Said::Faults)?;
    let folder = RunFolder::make()?;
    let file = TokenFile::make(folder.token(), &token)?;
    let socket = Socket::bind(&folder.socket()).map_err(in_a_run)?;
    let (path, url) = (folder.token(), token_url(&folder.socket()));
    let variables = [(TOKEN_FILE, path.as_os_str()), (TOKEN_URL, OsStr::new(&url))];
    let command = Running::start(words, variables)?;
    let exit = tokio::select! {
        exit = command.ended(signals) => exit,
        never = file.keep(session) => match never {},
        // It has nothing to end for.
        () = socket.serve(Desk::of(session.clone()), pending()) => Exit::Unusable,
    };
    // The token goes first: whoever ends such a process does not wait.
    drop(folder);
    last_renewal(session).await;
    Ok(exit)
}

/// Nobody chose the place of this socket.
fn in_a_run(failure: Failure) -> Failure {
    failure.ending(Exit::Unusable).fix("TMPDIR names another place.")
}
