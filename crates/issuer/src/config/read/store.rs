//! `[store]` and what lies beside it.

use super::{Reader, SECOND};
use crate::config::fault::Origin;
use crate::config::store::{RedisSettings, RedisUrl, StoreConfig};
use std::path::PathBuf;
use std::time::Duration;

/// Longest time that one step of a request may wait for a Redis.
const LONGEST: Duration = Duration::from_mins(1);

pub(super) fn store(from: &mut Reader) -> StoreConfig {
    let redis = redis_url(from);
    let path = path(from);
    let settings = redis_settings(from);
    match (redis, path) {
        // The environment stands over the file here too: a container of several issuers may carry a file that
        // was written for one.
        (Some((url, Origin::Variable { .. })), Some((_, Origin::File { .. }))) | (Some((url, _)), None) => {
            StoreConfig::Redis(RedisSettings { redis: url, ..settings.0 })
        }
        (Some((_, Origin::File { .. })), Some((path, Origin::Variable { .. }))) => {
            StoreConfig::Sqlite { path }
        }
        (Some((_, origin)), Some((path, _))) => {
            let message = "[store] has both path and redis; a store is in one place, so remove one of them";
            from.0.refuse(origin, message.into());
            StoreConfig::Sqlite { path }
        }
        (None, path) => {
            if let Some((key, origin)) = settings.1 {
                from.0.refuse(origin, format!("[store] {key} is for a Redis; write its address as redis"));
            }
            StoreConfig::Sqlite { path: path.map_or_else(|| ".chancery/store.db".into(), |(path, _)| path) }
        }
    }
}

/// Where the first administrator's secret is put: beside the store, unless somebody says otherwise.
pub(super) fn admin_secret(from: &mut Reader, store: &StoreConfig) -> PathBuf {
    from.path("admin", "secret_file").unwrap_or_else(|| match store {
        StoreConfig::Sqlite { path } => path.with_file_name("admin.secret"),
        StoreConfig::Redis(_) => ".chancery/admin.secret".into(),
    })
}

fn redis_url(from: &mut Reader) -> Option<(RedisUrl, Origin)> {
    let (text, origin) = from.text("store", "redis")?;
    match text.parse() {
        Ok(url) => Some((url, origin)),
        Err(invalid) => {
            from.0.refuse(origin, format!("[store] redis: {invalid}"));
            None
        }
    }
}

fn path(from: &mut Reader) -> Option<(PathBuf, Origin)> {
    let (text, origin) = from.text("store", "path")?;
    if ["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme)) {
        from.0.refuse(origin, "[store] path is the address of a Redis; write it as redis".into());
        return None;
    }
    from.as_path("store", "path", &text, origin.clone()).map(|path| (path, origin))
}

/// What else there is to say of a Redis, and the first of it that somebody said.
fn redis_settings(from: &mut Reader) -> (RedisSettings, Option<(&'static str, Origin)>) {
    let keys = ["username", "password_file", "ca_file", "connect_timeout", "command_timeout"];
    let said = keys.into_iter().find_map(|key| Some((key, from.0.origin("store", key)?)));
    let nowhere = RedisUrl { tls: false, host: String::new(), port: 0, database: 0 };
    let defaults = RedisSettings::new(nowhere);
    let settings = RedisSettings {
        username: from.text("store", "username").map(|(name, _)| name),
        password_file: from.path("store", "password_file"),
        ca_file: from.path("store", "ca_file"),
        connect_timeout: from
            .duration("store", "connect_timeout", defaults.connect_timeout, SECOND..=LONGEST)
            .0,
        command_timeout: from
            .duration("store", "command_timeout", defaults.command_timeout, SECOND..=LONGEST)
            .0,
        ..defaults
    };
    (settings, said)
}

#[cfg(test)]
mod tests;
