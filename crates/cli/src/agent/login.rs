//! `chancery agent login`

use super::asked::{self, Asked};
use super::fault::failure;
use super::home::Which;
use super::{log, said};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use crate::time::now;
use chancery_client::{
    AuthorizationServer, Binding, ClientKey, Credentials, Phase, Replace, RequestError, Secret, Session,
    SessionError, Setup, Standing, TokenRequest, World,
};
use chancery_token::{ClientId, TenantId};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  chancery agent login --issuer https://auth.example.com \\
      --client-id reporter --secret-file reporter.secret
  chancery agent login --name summarizer --issuer https://auth.example.com \\
      --client-id summarizer --key-file summarizer.pem --scope documents:read

The issuer is asked at once, so that a mistake is told now. From then on the
session lies in a file (0600) with all that it needs to go on by itself; the
secret's file is not read again. --name keeps several sessions apart. After the
secret or key was replaced, the same again: the session goes on by the new one.

Its tokens are bound to a key that never leaves this machine (DPoP): a copied
one is worth nothing. Services that take no proofs need --bearer.

Exit codes: 0 done, 1 the issuer refused, 2 the command line or a file cannot
be used, or there is another session already, 7 the issuer cannot be reached or
cannot answer now.";

/// Begin a session that goes on by itself
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("proof").required(true).args(["secret_file", "key_file"]))]
pub(crate) struct Login {
    #[command(flatten)]
    which: Which,
    /// The issuer; https, or http on this machine
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// Whose session it is
    #[arg(long, value_name = "ID")]
    client_id: ClientId,
    /// The file that holds the client's secret and nothing else
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The file that holds the client's private key (Ed25519, PEM), for private_key_jwt
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A scope to ask for; repeat it, or separate scopes by spaces
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<Asked>,
    /// The resource server that the tokens are for (RFC 8707)
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// The tenant, for a client that has several
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// Tokens that whoever has them may use, for services that take no proofs (DPoP)
    #[arg(long)]
    bearer: bool,
    /// Put it in the place of a session of that name; the issuer is not told that the old one is over
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    form: Form,
}

impl Login {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let issuer = AuthorizationServer::issuer(&self.issuer)
            .map_err(|why| Failure::unusable("issuer_url", format!("--issuer {why}")))?;
        let credentials = credentials(self.secret_file.as_deref(), self.key_file.as_deref())?;
        let mut request = TokenRequest::new().scopes(asked::scopes(self.scopes));
        if let Some(resource) = self.resource {
            request = request.resource(resource);
        }
        if let Some(tenant) = self.tenant {
            request = request.tenant(tenant);
        }
        let binding = if self.bearer { Binding::Bearer } else { Binding::Dpop };
        let setup = Setup { issuer, client_id: self.client_id, credentials, request, binding };
        let replace = if self.replace { Replace::Yes } else { Replace::No };
        let runtime = runtime::for_one_command()?;
        let begun = runtime.block_on(begin(&home.file(), setup, replace)).map_err(|why| match &why {
            SessionError::Request(RequestError::OtherIssuer { found, .. }) => {
                failure(&why, &home).fix(format!("Name it as it names itself:  --issuer {found}"))
            }
            _ => failure(&why, &home),
        });
        let (session, how) = begun?;
        let standing = session.standing();
        if how == How::GoesOn {
            terminal.note(format!("Session {} was there, and goes on by these credentials.", home.name()));
        }
        if self.form.json {
            terminal.json(&said::standing_of_file(&standing, &home));
        } else {
            terminal.say(said::standing(&standing, &home, now()));
        }
        Ok(Exit::Ok)
    }
}

/// What a login came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Begun,
    /// It was there, and goes on by these credentials.
    GoesOn,
}

/// Begins it. One of the same client that is there already, for the same, goes on by these credentials: they may have been
/// replaced.
async fn begin(file: &Path, setup: Setup, replace: Replace) -> Result<(Session, How), SessionError> {
    let exists = match Session::begin(file, setup.clone(), replace, World::system()).await {
        Err(exists @ SessionError::Exists { .. }) => exists,
        outcome => return Ok((outcome?, How::Begun)),
    };
    let before = Session::open(file, World::system())?.standing();
    let same = Session::in_memory(setup.clone(), World::system())?;
    let of = |standing: Standing| {
        let Standing { issuer, client_id, binding, delegated, scopes, resource, tenant, .. } = standing;
        (issuer, client_id, binding, delegated, scopes, resource, tenant)
    };
    let lives = matches!(before.state, Phase::Live { .. });
    if !lives || of(before) != of(same.standing()) {
        return Err(exists);
    }
    // They are tried, before they take the place of some that may be good.
    same.token().await?;
    if let Err(why) = same.end().await {
        let reason = why.reason();
        tracing::warn!(target: "chancery::agent", reason, "the session of the trial lives until its own end: {why}");
    }
    Ok((Session::open_or_begin(file, setup, World::system()).await?, How::GoesOn))
}

/// How a client shows who it is, by what one of two flags names.
pub(super) fn credentials(secret: Option<&Path>, key: Option<&Path>) -> Result<Credentials, Failure> {
    match (secret, key) {
        (Some(file), _) => Secret::read_file(file).map(Credentials::Secret).map_err(|why| {
            Failure::unusable("secret_unreadable", why)
                .fix("It is what `chancery client create --out FILE` wrote.")
        }),
        (None, Some(file)) => ClientKey::read_file(file)
            .map(Credentials::Key)
            .map_err(|why| Failure::unusable("key_file_unreadable", why)),
        (None, None) => Ok(Credentials::Public),
    }
}
