//! The Redis that both sides use.

use crate::affinity::CLIENT;
use crate::run::run;
use chancery_tests::redis_server::{RedisOptions, RedisServer, Reply};
use std::process::Command;

/// One that never writes its file anew: that would fall into the turn of one of them.
pub(crate) fn start(options: RedisOptions) -> RedisServer {
    RedisServer::start(options.set("auto-aof-rewrite-percentage", "0"))
}

/// Puts it beside whoever asks, away from the servers that are measured.
pub(crate) fn move_aside(redis: &RedisServer) -> Result<(), String> {
    let about = text(redis, &["INFO", "server"])?;
    let pid = about.lines().find_map(|line| line.strip_prefix("process_id:"));
    let pid = pid.ok_or("a Redis that does not tell its number")?.trim();
    run(Command::new("taskset").args(["--all-tasks", "--pid", "--cpu-list", CLIENT, pid]))
}

/// A number that it tells of its memory.
pub(crate) fn memory(redis: &RedisServer, name: &str) -> Result<f64, String> {
    let about = text(redis, &["INFO", "memory"])?;
    let number = about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    number.and_then(|number| number.trim().parse().ok()).ok_or_else(|| format!("no {name} in {about}"))
}

/// What the key takes, with all that Redis needs for it.
pub(crate) fn usage(redis: &RedisServer, key: &str) -> Result<f64, String> {
    match ask(redis, &["MEMORY", "USAGE", key, "SAMPLES", "0"])? {
        Reply::Number(bytes) => Ok(f64::from(u32::try_from(bytes).map_err(|fault| fault.to_string())?)),
        other => Err(format!("MEMORY USAGE {key}: {other:?}")),
    }
}

/// The only key that ends so.
pub(crate) fn key(redis: &RedisServer, end: &str) -> Result<String, String> {
    match ask(redis, &["KEYS", &format!("*{end}")])? {
        Reply::List(keys) if keys.len() == 1 => match keys.into_iter().next() {
            Some(Reply::Text(key)) => Ok(key),
            other => Err(format!("a key that is no text: {other:?}")),
        },
        other => Err(format!("not one key ends with {end}: {other:?}")),
    }
}

fn text(redis: &RedisServer, words: &[&str]) -> Result<String, String> {
    match ask(redis, words)? {
        Reply::Text(text) => Ok(text),
        other => Err(format!("{words:?}: {other:?}")),
    }
}

fn ask(redis: &RedisServer, words: &[&str]) -> Result<Reply, String> {
    redis.try_ask(words).map_err(|fault| format!("{words:?}: {fault}"))
}
