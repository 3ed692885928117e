//! `chancery agent logout`

use super::fault::failure;
use super::home::{Home, Which};
use super::log;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use chancery_client::{Ended, FileFault, SessionError};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery agent logout
  chancery agent logout --name summarizer --json

The issuer is told first (RFC 7009): every token of the session is refused from
then on, also those that are out and those of sessions that were handed on from
it. Then the file is removed. An issuer that does not answer leaves the file
where it is, and nothing more is given out of it: log out again.

Exit codes: 0 done, 1 the issuer refused, 2 there is no session or its file
cannot be used, 7 the issuer cannot be reached or cannot answer now.";

/// End a session, at the issuer and here
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logout {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    form: Form,
}

impl Logout {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let runtime = runtime::for_one_command()?;
        let ended = runtime.block_on(async {
            let session = home.open()?;
            session.end().await.map_err(|why| told(&why, &home))
        })?;
        let (revoked, words) = match ended {
            Ended::Revoked => (true, "its tokens are refused from now on"),
            Ended::Already => (false, "the issuer had nothing to end"),
        };
        if self.form.json {
            terminal.json(&json!({ "name": home.name(), "revoked": revoked }));
        } else {
            terminal.say(format!("Session {} is over: {words}.", home.name()));
        }
        Ok(Exit::Ok)
    }
}

fn told(why: &SessionError, home: &Home) -> Failure {
    let failure = failure(why, home);
    match why {
        // The issuer was asked.
        SessionError::Request(_) => match failure.exit() {
            Exit::Transient => failure.fix(
                "The session gives out nothing any more, and its tokens live on: log out again later.",
            ),
            // Another attempt is refused again.
            _ => failure.fix(format!(
                "Its tokens live until their end. Put another session in its place:  chancery agent login{} --replace …   Or remove {}",
                home.flags(),
                home.file().display()
            )),
        },
        // Whoever meets with these goes on without a lock, so that it was the file that could not be removed.
        SessionError::File(
            FileFault::DiskFull { .. }
            | FileFault::NotLockable { .. }
            | FileFault::NotWritable { .. }
            | FileFault::QuotaReached { .. }
            | FileFault::ReadOnly { .. },
        ) => failure.fix(format!(
            "The session is over, and only its file stays: remove {}",
            home.file().display()
        )),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_client::RequestError;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Words {
        #[command(flatten)]
        which: Which,
    }

    #[test]
    fn nothing_is_said_to_be_over_that_nobody_could_take_to_its_end() {
        let home = Words::parse_from(["logout", "--home", "/sessions"]).which.home().unwrap();
        let fix = |why: SessionError| told(&why, &home).json()["fix"].as_str().unwrap().to_owned();
        let locked = FileFault::Locked { path: "/sessions/default.json.lock".into(), waited_secs: 30 };
        assert!(fix(locked.into()).starts_with("Try again; if it stays so"));
        let stays = FileFault::ReadOnly { path: "/sessions/default.json".into() };
        assert!(fix(stays.into()).ends_with("remove /sessions/default.json"));
        let away = RequestError::Unavailable { status: 503, retry_after: None };
        assert!(fix(away.into()).starts_with("The session gives out nothing any more"));
        let renamed = RequestError::OtherIssuer { asked: "a".to_owned(), found: "b".to_owned() };
        assert!(fix(renamed.into()).contains("Or remove /sessions/default.json"));
    }
}
