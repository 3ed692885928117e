//! Whether a server is one that may keep a store: what it says of itself in answer to `INFO`.

use super::open::RedisFault;
use crate::config::RedisUrl;

/// The oldest one that has script flags and answers as our scripts expect.
const OLDEST: (u32, u32) = (7, 0);

pub(super) fn examine(about: &str, address: &RedisUrl) -> Result<(), RedisFault> {
    let field =
        |name: &str| about.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'));
    let address = || address.clone();
    // A Valkey says here which Redis it is compatible with.
    let Some(version) = field("redis_version") else {
        let detail = "it does not say which version it has; is it a Redis?".to_owned();
        return Err(RedisFault::Refused { address: address(), detail });
    };
    if read_version(version).is_none_or(|version| version < OLDEST) {
        return Err(RedisFault::TooOld { address: address(), found: version.to_owned() });
    }
    // A Valkey says it under the second name (Valkey documentation, INFO).
    if let Some(mode) =
        field("redis_mode").or_else(|| field("server_mode")).filter(|mode| *mode != "standalone")
    {
        return Err(RedisFault::Mode { address: address(), mode: mode.to_owned() });
    }
    if field("role").is_some_and(|role| role != "master") {
        let part = |name| field(name).unwrap_or("?").to_owned();
        let master = format!("{}:{}", part("master_host"), part("master_port"));
        return Err(RedisFault::Replica { address: address(), master });
    }
    if let Some(policy) = field("maxmemory_policy").filter(|policy| *policy != "noeviction") {
        return Err(RedisFault::Evicts { address: address(), policy: policy.to_owned() });
    }
    Ok(())
}

fn read_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
