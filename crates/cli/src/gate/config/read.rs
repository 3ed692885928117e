//! From values as they were written to a configuration in which everything fits together.

use super::Config;
use super::revocation::revocation;
use super::written::{TOP, Value, Written, named};
use chancery_issuer::config::{
    BadConfig, LogConfig, LogFormat, LogLevel, parse_duration, write_duration, written_path,
};
use chancery_token::{Environment, Format};
use chancery_verifier::follow::{Address, DiskState};
use chancery_verifier::{DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, MAX_LEEWAY};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

const PORT: u16 = 8422;
const ENVIRONMENTS: [(&str, Environment); 2] = [("live", Environment::Live), ("test", Environment::Test)];
const FORMATS: [(&str, Format); 2] = [("jwt", Format::Jwt), ("paseto", Format::Paseto)];
const LOG_FORMATS: [(&str, LogFormat); 2] = [("json", LogFormat::Json), ("text", LogFormat::Text)];
const LEVELS: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
/// No issuer of ours issues for longer, so a longer limit would be a slip.
const LONGEST_LIFETIME: Duration = DEFAULT_MAX_LIFETIME;

pub(super) fn config(written: Written) -> Result<Config, BadConfig> {
    let mut from = Reader(written);
    let listen = from.address("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
    let issuer = issuer(&mut from);
    let audience = audience(&mut from);
    let environment = from.choice(TOP, "environment", &ENVIRONMENTS).unwrap_or(Environment::Live);
    let format = from.choice(TOP, "format", &FORMATS).unwrap_or(Format::Jwt);
    let routes = routes(&mut from);
    let leeway = from.span(TOP, "leeway", Duration::ZERO..=MAX_LEEWAY).unwrap_or(DEFAULT_LEEWAY);
    let max_lifetime = from
        .span(TOP, "max_lifetime", Duration::from_secs(1)..=LONGEST_LIFETIME)
        .unwrap_or(DEFAULT_MAX_LIFETIME);
    let state = state(&mut from);
    let revocation = revocation(&mut from);
    let log = LogConfig {
        format: from.choice("log", "format", &LOG_FORMATS).unwrap_or(LogFormat::Json),
        level: from.choice("log", "level", &LEVELS).unwrap_or(LogLevel::Info),
    };
    let read = || {
        Some(Config {
            listen,
            issuer: issuer?,
            audience: audience?,
            environment,
            format,
            routes: routes?,
            leeway,
            max_lifetime,
            state: state?,
            revocation: revocation?,
            log,
        })
    };
    let read = read();
    from.0.judged(read)
}

fn issuer(from: &mut Reader) -> Option<String> {
    let example = "issuer = \"https://auth.example.com\", as it stands in the `iss` of the tokens";
    let (text, line) = from.needed(TOP, "issuer", example)?;
    match Address::of_metadata(&text) {
        Ok(_) => Some(text),
        Err(why) => {
            from.0.refuse(line, format!("issuer: {why}"));
            None
        }
    }
}

fn audience(from: &mut Reader) -> Option<String> {
    let example = "audience = \"https://api.example.com\", as the catalog calls what is behind the proxy";
    let (text, line) = from.needed(TOP, "audience", example)?;
    if text.trim().is_empty() {
        from.0.refuse(line, "audience is empty; write it as the catalog does".to_owned());
        return None;
    }
    Some(text)
}

fn routes(from: &mut Reader) -> Option<PathBuf> {
    let example =
        "routes = \"routes.json\": the file that says which routes there are, and what each asks for";
    let (text, line) = from.needed(TOP, "routes", example)?;
    from.path(TOP, "routes", &text, line)
}

fn state(from: &mut Reader) -> Option<DiskState> {
    let example = "state = \"/var/lib/chancery/gate\", a folder for keys and news, so that a restart needs no \
                   issuer; or state = \"nowhere\"";
    let (text, line) = from.needed(TOP, "state", example)?;
    if text == "nowhere" {
        return Some(DiskState::Nowhere);
    }
    from.path(TOP, "state", &text, line).map(DiskState::Directory)
}

pub(super) struct Reader(pub(super) Written);

impl Reader {
    pub(super) fn text(&mut self, section: &'static str, key: &'static str) -> Option<(String, usize)> {
        let (value, line) = self.0.take(section, key)?;
        let kind = match value {
            Value::Text(text) => return Some((text, line)),
            Value::Integer(_) => "a number",
            Value::Other(kind) => kind,
        };
        self.0.refuse(line, format!("{} is {kind}; write a text in quotes", named(section, key)));
        None
    }

    /// A text that has no default. `example` says how to write it.
    fn needed(&mut self, section: &'static str, key: &'static str, example: &str) -> Option<(String, usize)> {
        if self.0.line_of(section, key).is_none() {
            let line = self.0.begin_of(section);
            self.0.refuse(line, format!("{} is missing; write {example}", named(section, key)));
        }
        self.text(section, key)
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        section: &'static str,
        key: &'static str,
        of: &[(&str, T)],
    ) -> Option<T> {
        let (text, line) = self.text(section, key)?;
        let chosen = of.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let names = of.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ");
            self.0.refuse(line, format!("{} is one of {names}, not '{text}'", named(section, key)));
        }
        chosen
    }

    /// Whole seconds, or as the issuer's configuration writes spans: `30` and `"30s"` are the same.
    pub(super) fn span(
        &mut self,
        section: &'static str,
        key: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let (value, line) = self.0.take(section, key)?;
        let (span, shown) = match value {
            Value::Integer(number) => (number.parse().ok().map(Duration::from_secs), number),
            Value::Text(text) => (parse_duration(&text).ok(), format!("'{text}'")),
            Value::Other(kind) => (None, kind.to_owned()),
        };
        let read = span.filter(|span| range.contains(span));
        if read.is_none() {
            let (least, most) = (write_duration(*range.start()), write_duration(*range.end()));
            let named = named(section, key);
            let example = range.start().as_secs().max(30).min(range.end().as_secs());
            self.0.refuse(
                line,
                format!(
                    "{named} is {shown}; write seconds, {least} to {most}: {key} = {example}, or \"{}\"",
                    write_duration(Duration::from_secs(example))
                ),
            );
        }
        read
    }

    fn address(&mut self, key: &'static str, default: SocketAddr) -> SocketAddr {
        let Some((text, line)) = self.text(TOP, key) else { return default };
        text.parse().unwrap_or_else(|_| {
            let message = format!("{key} is '{text}'; write an IP address and a port, like {default}");
            self.0.refuse(line, message);
            default
        })
    }

    pub(super) fn path(
        &mut self,
        section: &'static str,
        key: &'static str,
        text: &str,
        line: usize,
    ) -> Option<PathBuf> {
        let path = written_path(&named(section, key), text, self.0.path.parent());
        path.map_err(|message| self.0.refuse(line, message)).ok()
    }
}
