//! `chancery init`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::first_admin;
use crate::form::Form;
use crate::local::{FirstStart, Settings};
use crate::office::LocalOffice;
use crate::terminal::Terminal;
use chancery_token::Environment;
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  chancery init --example documint && chancery serve
  chancery init --dir /srv/chancery --environment live \\
      --url https://auth.example.com

Writes chancery.toml, catalog.toml, the master key (0600), the store, and the
secret of the first administrator (.chancery/admin.secret, 0600). Nothing that
exists is overwritten.";

/// The commented configuration.
const CONFIG: &str = include_str!("init/chancery.toml");
/// The smallest catalog that shows everything.
const CATALOG: &str = include_str!("init/catalog.toml");

/// Set an issuer up in a folder
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Init {
    /// Whose catalog to start with; a small one to edit unless said otherwise
    #[arg(long, value_enum)]
    example: Option<Example>,
    /// The folder; made if it is missing
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// The issuer's URL, which stands in every token
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8420")]
    url: String,
    /// live or test
    #[arg(long, value_name = "ENV", default_value = "test")]
    environment: Environment,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    #[command(flatten)]
    form: Form,
}

/// The catalogs there are.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Example {
    /// A service that makes PDF invoices
    Documint,
    /// A service that keeps documents, for agents
    Papers,
}

impl Init {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let [config, catalog, key, store, admin] = [
            "chancery.toml",
            "catalog.toml",
            "keys/master.key",
            ".chancery/store.db",
            ".chancery/admin.secret",
        ]
        .map(|name| self.dir.join(name));
        let all = [&config, &catalog, &key, &store, &admin];
        let existing: Vec<String> =
            all.iter().filter(|path| path.exists()).map(|path| path.display().to_string()).collect();
        if !existing.is_empty() {
            let message = format!("there is something already: {}", existing.join(", "));
            return Err(Failure::unusable("already_there", message)
                .fix("Nothing was written. Choose another folder with --dir, or move those away."));
        }
        let text = CONFIG
            .replace("{url}", &self.url)
            .replace("{environment}", self.environment.as_str())
            .replace("{address}", &self.listen.to_string());
        let catalog_text = match self.example {
            Some(Example::Documint) => chancery_examples::documint::CATALOG,
            Some(Example::Papers) => chancery_examples::summarizer::CATALOG,
            None => CATALOG,
        };
        fs::create_dir_all(&self.dir).map_err(|why| unwritable(&self.dir, &why))?;
        write_new(&catalog, catalog_text)?;
        write_new(&config, &text)?;
        match take_into_use(&config) {
            Ok(()) => {}
            Err(failure) => {
                // What was written is not what was meant; the next attempt must find the folder as it was.
                let _ = (fs::remove_file(&config), fs::remove_file(&catalog));
                return Err(failure);
            }
        }
        if self.form.json {
            let [config, catalog, key, store, admin] = all.map(|path| path.display().to_string());
            terminal.json(&json!({
                "config": config,
                "catalog": catalog,
                "master_key": key,
                "store": store,
                "admin_secret": admin,
                "issuer": self.url,
            }));
        } else {
            let lines = all.map(|path| format!("  {}", path.display()));
            let folder = if self.dir == Path::new(".") {
                String::new()
            } else {
                format!("cd {} && ", self.dir.display())
            };
            terminal.say(format!("Written:\n{}\nNext:  {folder}chancery serve", lines.join("\n")));
        }
        Ok(Exit::Ok)
    }
}

/// Reads what was just written as a start would, and makes the store, the keys and the first administrator.
fn take_into_use(config: &Path) -> Result<(), Failure> {
    let settings = Settings::of_file(config)?;
    let runtime = crate::runtime::for_one_command()?;
    runtime.block_on(async {
        let mut local = settings.open(FirstStart::Allow).await?;
        local.keyring().await?;
        let secret_file = local.settings.config.admin.secret_file.clone();
        let office = LocalOffice::new(local).await?;
        first_admin::ensure(&office.desk().await?, &secret_file).await.map(|_| ())
    })
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|why| unwritable(path, &why))
}

fn unwritable(path: &Path, why: &std::io::Error) -> Failure {
    Failure::unusable("file_unwritable", format!("{} cannot be written: {why}", path.display()))
        .fix("Choose a folder that is yours, with --dir.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_issuer::config::Config;

    fn config(name: &str, text: &str) -> Config {
        let path = std::env::temp_dir().join(format!("chancery-init-{}-{name}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        let config = Config::load(Some(&path), []);
        fs::remove_file(&path).unwrap();
        config.unwrap()
    }

    #[test]
    fn what_is_commented_out_is_the_default() {
        let text = CONFIG
            .replace("{url}", "http://127.0.0.1:8420")
            .replace("{environment}", "test")
            .replace("{address}", "127.0.0.1:8420");
        let is_setting = |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let said_aloud: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|setting| is_setting(setting)).unwrap_or(line))
            .collect();
        let said_aloud = said_aloud.join("\n");
        assert_ne!(said_aloud, text.trim_end(), "something is commented out");
        assert_eq!(config("aloud", &said_aloud), config("silent", &text));
    }
}
