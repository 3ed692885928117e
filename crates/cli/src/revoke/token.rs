//! `chancery revoke token`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::time::parse_instant;
use crate::token::presented;
use chancery_issuer::admin::{PresentedToken, RevocationDraft};
use chancery_token::UnixTime;
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  chancery revoke token - --reason 'it was in a log' < token
  chancery revoke token --id AAAAAAAAAAAAAAAAAAAAAA --reason 'see ticket 4711'
  chancery revoke token - --reason 'it was in a log' --wait-applied all \\
      --issuer https://auth.example.com < token

The token itself is checked first: one of another issuer is refused, and an
expired one needs no revoking. Arguments show in the list of processes: give it
on standard input.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke one token; its client gets another as soon as it asks
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Token {
    /// The token, or - to read it from standard input
    #[arg(value_name = "TOKEN|-", required_unless_present = "jti", conflicts_with = "jti")]
    presented: Option<OsString>,
    /// Its `jti`, where nobody has the token itself
    #[arg(long = "id", value_name = "JTI", id = "jti", allow_hyphen_values = true)]
    jti: Option<String>,
    /// When the token of this `jti` expires; in the longest lifetime unless said otherwise
    #[arg(long, value_name = "TIME", value_parser = parse_instant, requires = "jti")]
    expires: Option<UnixTime>,
    #[command(flatten)]
    act: Act,
}

impl Token {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let token = self.presented.as_deref().map(presented::read_some).transpose()?;
        let draft = RevocationDraft {
            kind: Some("token".to_owned()),
            token: token.map(|token| PresentedToken::from(token.as_str().to_owned())),
            id: self.jti,
            expires_at: self.expires.map(UnixTime::as_secs),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
