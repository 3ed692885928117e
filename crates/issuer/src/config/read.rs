//! From settings as they were written to a configuration in which everything fits together.

mod revocation;
mod store;

use super::fault::{BadConfig, Origin};
use super::settings::{Setting, Settings, Written};
use super::{
    AdminConfig, CatalogSource, Config, IssuerConfig, KeysConfig, LimitsConfig, ListenConfig, LogConfig,
    LogFormat, LogLevel, TokensConfig, parse_duration, write_duration, written_path,
};
use crate::client::{DEFAULT_LIFETIME, MAX_LIFETIME};
use crate::keyring::Schedule;
use chancery_token::{AlgorithmName, Environment};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const DEFAULT_URL: &str = "http://127.0.0.1:8420";
/// Longest issuer URL: with it a token is still far from 4 KiB.
const MAX_URL_BYTES: usize = 256;

pub(super) fn config(settings: Settings) -> Result<Config, BadConfig> {
    let mut from = Reader(settings);
    let mut store = store::store(&mut from);
    let revocation = revocation::revocation(&mut from, &mut store);
    let config = Config {
        issuer: issuer(&mut from),
        listen: ListenConfig {
            address: from.address("listen", "address", SocketAddr::from(([127, 0, 0, 1], 8420))),
        },
        admin: AdminConfig { secret_file: store::admin_secret(&mut from, &store) },
        store,
        revocation,
        tokens: tokens(&mut from),
        limits: LimitsConfig {
            body_bytes: from.number("limits", "body_bytes", 16_384, 1024..=16_777_216),
            concurrent_requests: from.number("limits", "concurrent_requests", 1024, 1..=1_000_000),
            cached_clients: from.number("limits", "cached_clients", 10_000, 1..=10_000_000),
            request_timeout: from
                .duration("limits", "request_timeout", Duration::from_secs(10), SECOND..=HOUR)
                .0,
            drain_timeout: from
                .duration("limits", "drain_timeout", Duration::from_secs(10), Duration::ZERO..=HOUR)
                .0,
        },
        log: LogConfig {
            format: from.choice(
                "log",
                "format",
                LogFormat::Json,
                &[("json", LogFormat::Json), ("text", LogFormat::Text)],
            ),
            level: from.choice("log", "level", LogLevel::Info, &LEVELS),
        },
        keys: KeysConfig {
            master_key_file: from.path("keys", "master_key_file").unwrap_or_else(|| "keys/master.key".into()),
            publish_lead: HOUR,
            jwks_max_age: 5 * 60 * SECOND,
            algorithm_name: from.choice(
                "keys",
                "algorithm_name",
                AlgorithmName::EdDsa,
                &[("EdDSA", AlgorithmName::EdDsa), ("Ed25519", AlgorithmName::Ed25519)],
            ),
        },
    };
    let config = key_times(config, &mut from);
    let mut faults = from.0.faults;
    faults.sort_by_key(|fault| match &fault.origin {
        Origin::File { line, .. } => *line,
        Origin::Default | Origin::Variable { .. } => usize::MAX,
    });
    if faults.is_empty() { Ok(config) } else { Err(BadConfig { faults }) }
}

const LEVELS: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

fn issuer(from: &mut Reader) -> IssuerConfig {
    let environments = [("live", Environment::Live), ("test", Environment::Test)];
    let environment = from.choice("issuer", "environment", Environment::Test, &environments);
    let catalog = from.path("issuer", "catalog").map_or(CatalogSource::BuiltIn, CatalogSource::File);
    let (url, origin) = match from.text("issuer", "url") {
        Some((url, origin)) => (url, origin),
        None => (DEFAULT_URL.to_owned(), Origin::Default),
    };
    if let Err(message) = check_url(&url) {
        from.0.refuse(origin, format!("[issuer] url: {message}"));
    } else if environment == Environment::Live && origin == Origin::Default {
        from.0.refuse(origin, "[issuer] a live issuer says its own url: its tokens carry it for good".into());
    }
    IssuerConfig { url, environment, catalog }
}

/// RFC 8414 section 2, and what makes appending a path to it safe.
fn check_url(text: &str) -> Result<(), String> {
    let url = url::Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("it names no host".into()),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err("it begins with https:// (http:// is for this machine alone)".into()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it carries a user name or a password; leave them out".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it carries a query or a fragment; leave them out".into());
    }
    if text.ends_with('/') {
        return Err("it ends with a slash; leave it out, verifiers compare byte for byte".into());
    }
    if text.len() > MAX_URL_BYTES {
        return Err(format!("it is longer than {MAX_URL_BYTES} bytes"));
    }
    // Verifiers compare the text, clients use the URL: one that is written in another way than it is used
    // would have two names.
    if url.as_str().trim_end_matches('/') != text {
        return Err(format!("it is not in its usual form; write {}", url.as_str().trim_end_matches('/')));
    }
    Ok(())
}

fn tokens(from: &mut Reader) -> TokensConfig {
    let (max_lifetime, _) = from.duration("tokens", "max_lifetime", MAX_LIFETIME, SECOND..=MAX_LIFETIME);
    let default = DEFAULT_LIFETIME.min(max_lifetime);
    let (default_lifetime, origin) =
        from.duration("tokens", "default_lifetime", default, SECOND..=MAX_LIFETIME);
    if default_lifetime > max_lifetime {
        let (default, most) = (write_duration(default_lifetime), write_duration(max_lifetime));
        let message = format!(
            "[tokens] default_lifetime is {default} and max_lifetime {most}; make the first one shorter"
        );
        from.0.refuse(origin, message);
    }
    TokensConfig { max_lifetime, default_lifetime }
}

fn key_times(mut config: Config, from: &mut Reader) -> Config {
    let keys = &mut config.keys;
    let max_age;
    (keys.jwks_max_age, max_age) = from.duration("keys", "jwks_max_age", keys.jwks_max_age, SECOND..=DAY);
    let lead;
    (keys.publish_lead, lead) = from.duration("keys", "publish_lead", keys.publish_lead, SECOND..=30 * DAY);
    if let Err(short) = Schedule::new(keys.publish_lead, keys.jwks_max_age, MAX_LIFETIME) {
        let origin = if lead == Origin::Default { max_age } else { lead };
        from.0.refuse(origin, format!("[keys] {short}"));
    }
    config
}

struct Reader(Settings);

impl Reader {
    fn text(&mut self, section: &'static str, key: &'static str) -> Option<(String, Origin)> {
        let Setting { value, origin } = self.0.take(section, key)?;
        match value {
            Written::Text(text) => Some((text, origin)),
            Written::Integer(_) => self.wrong_kind(origin, section, key, "a number"),
            Written::Other(kind) => self.wrong_kind(origin, section, key, kind),
        }
    }

    fn wrong_kind<T>(&mut self, origin: Origin, section: &str, key: &str, kind: &str) -> Option<T> {
        self.0.refuse(origin, format!("[{section}] {key} is {kind}; write a text in quotes"));
        None
    }

    fn duration(
        &mut self,
        section: &'static str,
        key: &'static str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> (Duration, Origin) {
        let Some((text, origin)) = self.text(section, key) else { return (default, Origin::Default) };
        match parse_duration(&text) {
            Ok(span) if range.contains(&span) => (span, origin),
            Ok(_) => {
                let (least, most) = (write_duration(*range.start()), write_duration(*range.end()));
                let message = format!("[{section}] {key} is '{text}'; it may be {least} to {most}");
                self.0.refuse(origin.clone(), message);
                (default, origin)
            }
            Err(invalid) => {
                self.0.refuse(origin.clone(), format!("[{section}] {key} is '{text}'; {invalid}"));
                (default, origin)
            }
        }
    }

    fn number(
        &mut self,
        section: &'static str,
        key: &'static str,
        default: usize,
        range: RangeInclusive<usize>,
    ) -> usize {
        let Some(Setting { value, origin }) = self.0.take(section, key) else { return default };
        let number = match &value {
            Written::Text(text) | Written::Integer(text) => text.parse().ok(),
            Written::Other(_) => None,
        };
        number.filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.0.refuse(origin, format!("[{section}] {key} is a whole number from {least} to {most}"));
            default
        })
    }

    fn choice<T: Copy>(
        &mut self,
        section: &'static str,
        key: &'static str,
        default: T,
        of: &[(&str, T)],
    ) -> T {
        let Some((text, origin)) = self.text(section, key) else { return default };
        if let Some((_, choice)) = of.iter().find(|(name, _)| *name == text) {
            return *choice;
        }
        let names = of.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        self.0.refuse(origin, format!("[{section}] {key} is one of {names}, not '{text}'"));
        default
    }

    fn address(&mut self, section: &'static str, key: &'static str, default: SocketAddr) -> SocketAddr {
        let Some((text, origin)) = self.text(section, key) else { return default };
        text.parse().unwrap_or_else(|_| {
            let message =
                format!("[{section}] {key} is '{text}'; write an IP address and a port, like 0.0.0.0:8420");
            self.0.refuse(origin, message);
            default
        })
    }

    fn path(&mut self, section: &'static str, key: &'static str) -> Option<PathBuf> {
        let (text, origin) = self.text(section, key)?;
        self.as_path(section, key, &text, origin)
    }

    fn as_path(
        &mut self,
        section: &'static str,
        key: &'static str,
        text: &str,
        origin: Origin,
    ) -> Option<PathBuf> {
        let folder = match &origin {
            Origin::File { path, .. } => path.parent(),
            Origin::Default | Origin::Variable { .. } => None,
        };
        let path = written_path(&format!("[{section}] {key}"), text, folder);
        path.map_err(|message| self.0.refuse(origin, message)).ok()
    }
}

#[cfg(test)]
mod tests;
