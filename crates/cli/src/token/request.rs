//! `chancery token request`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::no_token::no_token;
use crate::secret_file;
use crate::terminal::Terminal;
use crate::time::relative;
use chancery_client::{AuthorizationServer, Client, Secret, TokenRequest};
use chancery_token::{ClientId, Scope, TenantId};
use chancery_verifier::clock::{Clock as _, SystemClock};
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery token request --issuer http://127.0.0.1:8420 \\
      --client-id billing --secret-file billing.secret \\
      --scope invoices:read --resource https://api.documint.example
  TOKEN=$(chancery token request … )

The secret is read from a file, never from an argument: arguments show in the
list of processes.
Without --scope the issuer gives the client's scopes of risk 'read'.

Exit codes: 0 done, 1 the issuer refused, 2 the command line or the secret file
cannot be used, 7 the issuer cannot be reached or cannot answer now.";

/// Get an access token by client credentials
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Request {
    /// The issuer; https, or http on this machine
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// Who asks
    #[arg(long, value_name = "ID")]
    client_id: ClientId,
    /// The file that holds the client's secret and nothing else
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// A scope to ask for; repeat it, or separate scopes by spaces
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<Scope>,
    /// The resource server that the token is for (RFC 8707)
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// The tenant, for a client that has several
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// Write the token to this file (0600) in place of standard output; an older token there is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl Request {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let server = AuthorizationServer::issuer(&self.issuer)
            .map_err(|why| Failure::unusable("issuer_url", format!("--issuer {why}")))?;
        let secret = Secret::read_file(&self.secret_file).map_err(|why| {
            Failure::unusable("secret_unreadable", why)
                .fix("It is what `chancery client create --out FILE` wrote.")
        })?;
        let mut request = TokenRequest::new().scopes(self.scopes);
        if let Some(resource) = self.resource {
            request = request.resource(resource);
        }
        if let Some(tenant) = self.tenant {
            request = request.tenant(tenant);
        }
        let client =
            Client::new(server, self.client_id, secret).map_err(|why| Failure::unusable("setup", why))?;
        let runtime = crate::runtime::for_one_command()?;
        let token = runtime.block_on(client.token(&request)).map_err(|why| no_token(&why))?;
        let now = SystemClock::new().now();
        let mut object = json!({
            "token_type": "Bearer",
            "expires_at": token.expires_at().as_secs(),
            "scope": token.scope(),
        });
        if let Some(path) = &self.out {
            secret_file::replace(path, format!("{}\n", token.expose()).as_bytes())?;
            object["file"] = path.display().to_string().into();
        } else if self.form.json {
            object["access_token"] = token.expose().into();
        }
        match (self.form.json, &self.out) {
            (true, _) => terminal.json(&object),
            (false, None) => terminal.say(token.expose()),
            (false, Some(path)) => terminal.say(format!(
                "The token is in {}; it expires {} ({}).",
                path.display(),
                token.expires_at(),
                relative(token.expires_at(), now)
            )),
        }
        Ok(Exit::Ok)
    }
}
