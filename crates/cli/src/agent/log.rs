//! What an agent logs: to standard error, by the same settings as a server.

use crate::failure::Failure;
use crate::local::config_failure;
use crate::logging;
use chancery_issuer::config::{Config, VARIABLE_PREFIX};

/// How much there is to say where nobody sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: what the verb ends with says it all.
    Nothing,
    /// Faults alone: standard error belongs to somebody else.
    Faults,
    /// Beginnings and ends, too.
    Events,
}

/// Starts it. `CHANCERY_CONFIG__LOG__LEVEL` and `CHANCERY_CONFIG__LOG__FORMAT` stand over what is usual; the other
/// settings are for issuers. Who begins with [`Said::Nothing`] can begin again with more.
pub(super) fn start(said: Said) -> Result<(), Failure> {
    let level = match said {
        Said::Nothing | Said::Faults => "warn",
        Said::Events => "info",
    };
    let mut variables = Config::variables();
    variables.retain(|(name, _)| setting(name).starts_with("LOG__"));
    let is_set = |key: &str, among: &[(String, String)]| among.iter().any(|(name, _)| setting(name) == key);
    let is_quiet = said == Said::Nothing && !is_set("LOG__LEVEL", &variables);
    for (key, usual) in [("LOG__FORMAT", "text"), ("LOG__LEVEL", level)] {
        if !is_set(key, &variables) {
            variables.push((format!("{VARIABLE_PREFIX}{key}"), usual.to_owned()));
        }
    }
    let config = Config::load(None, variables).map_err(|why| config_failure(&why))?;
    if !is_quiet {
        logging::start(config.log);
    }
    Ok(())
}

/// The name of a setting without what all of them begin with.
fn setting(name: &str) -> String {
    name.strip_prefix(VARIABLE_PREFIX).unwrap_or_default().to_ascii_uppercase()
}
