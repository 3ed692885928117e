//! `chancery serve`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::first_admin;
use crate::local::{ConfigFile, FirstStart, Settings};
use crate::logging;
use crate::terminal::Terminal;
use chancery_issuer::config::LogFormat;
use chancery_issuer::serve::Drained;
use chancery_token::Environment;
use serde_json::json;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const EXAMPLES: &str = "\
Examples:
  chancery serve             a test issuer on http://127.0.0.1:8420
  chancery serve --config /etc/chancery.toml --check
  CHANCERY_CONFIG__LOG__LEVEL=debug chancery serve

The first start makes the store (.chancery/store.db), the master key
(keys/master.key) and the first administrator, whose secret it puts into a file
(.chancery/admin.secret), unless the configuration says otherwise. SIGTERM and
SIGINT end it once every request is answered.

Exit codes: 0 ended as asked, 3 the configuration or the catalog is broken,
4 the master key or the keyring, 5 the store, 6 the address cannot be listened
on.";

/// Run the issuer
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
    /// Listen here, whatever the configuration says; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Check configuration, catalog, keys and store, and exit; changes nothing
    #[arg(long)]
    check: bool,
    /// Print what --check found as one JSON object instead of text
    #[arg(long, requires = "check")]
    json: bool,
}

impl Serve {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut settings = self.config.read()?;
        if let Some(address) = self.listen {
            settings.config.listen.address = address;
        }
        logging::start(settings.config.log);
        let runtime = crate::runtime::for_a_server()?;
        if self.check {
            return runtime.block_on(check(settings, self.json, terminal));
        }
        runtime.block_on(serve(settings, terminal))
    }
}

async fn check(mut settings: Settings, as_json: bool, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if settings.url_is_default {
        // What a start would call itself.
        settings.config.issuer.url = default_url(settings.config.listen.address)?;
    }
    let (store, url) = (settings.config.store.to_string(), settings.config.issuer.url.clone());
    let is_in_use = settings.has_store().await?;
    if is_in_use {
        settings.open(FirstStart::Refuse).await?.issuer().await?;
    } else {
        settings.check_key()?;
    }
    if as_json {
        terminal.json(&json!({ "issuer": url, "store": store, "first_start": !is_in_use }));
    } else if is_in_use {
        terminal.say(format!("All is well: {url} can be served."));
    } else {
        terminal.say(format!("All is well: the first start of {url} will make the store {store}."));
    }
    Ok(Exit::Ok)
}

async fn serve(mut settings: Settings, terminal: &mut Terminal) -> Result<Exit, Failure> {
    // Before anything else, so that the first signal is not the end of a start that is half done.
    let shutdown = shutdown()?;
    let address = settings.config.listen.address;
    let listener = TcpListener::bind(address).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    let (listener, address) = listener.map_err(|why| {
        Failure::new(Exit::Listen, "cannot_listen", format!("{address} cannot be listened on: {why}"))
            .fix("Is another issuer running there? --listen ADDRESS takes another address.")
    })?;
    if settings.url_is_default {
        settings.config.issuer.url = default_url(address)?;
    }
    let (url, environment) = (settings.config.issuer.url.clone(), settings.config.issuer.environment);
    let shows_text = settings.config.log.format == LogFormat::Text;
    let secret_file = settings.config.admin.secret_file.clone();
    let issuer = settings.open(FirstStart::Allow).await?.issuer().await?;
    if first_admin::ensure(&issuer.desk(), &secret_file).await? {
        tracing::info!(target: "chancery::serve", secret_file = %secret_file.display(), "made the first administrator");
    }
    tracing::info!(target: "chancery::serve", issuer = url, %address, environment = environment.as_str(), "listening");
    if shows_text {
        terminal.say(welcome(&url, environment, &secret_file));
    }
    match chancery_issuer::serve(listener, issuer, shutdown).await {
        Drained::Completely => tracing::info!(target: "chancery::serve", "ended; every request was answered"),
        Drained::Cut { connections } => {
            tracing::warn!(target: "chancery::serve", connections, "ended; connections were cut after the drain timeout");
        }
    }
    Ok(Exit::Ok)
}

/// Whoever configures nothing gets the URL of the address; one that others reach must be decided.
fn default_url(address: SocketAddr) -> Result<String, Failure> {
    if address.ip().is_loopback() {
        return Ok(format!("http://{address}"));
    }
    let message =
        format!("{address} can be reached from other machines, and nobody said what the issuer's URL is");
    Err(Failure::new(Exit::Config, "issuer_url_missing", message)
        .fix("Set CHANCERY_CONFIG__ISSUER__URL, or write a configuration: `chancery init`."))
}

fn welcome(url: &str, environment: Environment, secret_file: &Path) -> String {
    let administrator = if secret_file.exists() {
        format!(" The administrator's secret is in {}.", secret_file.display())
    } else {
        String::new()
    };
    format!(
        "{url} issues {environment} tokens.{administrator} Next, in this folder: chancery client create NAME --help  (Ctrl-C ends it)"
    )
}

/// Is done when somebody asks the process to end.
pub(crate) fn shutdown() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|why| no_signals(&why))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|why| no_signals(&why))?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!(target: "chancery::serve", "asked to end; finishing what was begun");
    })
}

/// A process that cannot be asked to end is not started.
pub(crate) fn no_signals(why: &io::Error) -> Failure {
    Failure::unusable("signals", format!("signals cannot be listened for: {why}"))
}
