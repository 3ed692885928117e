//! The least that a rotation can be to a Redis: one script that reads a family, writes what changes of it, and says how long
//! it is kept.

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script, Value};
use std::sync::LazyLock;

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local family = redis.call('HGETALL', KEYS[1])\n\
         redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'rotated', ARGV[2], 'idle_end', ARGV[3], 'state', 'live')\n\
         redis.call('PEXPIRE', KEYS[1], 7776000000)\n\
         return family",
    )
});

/// Characters before the family in a refresh token, and those of the family.
const PREFIX: usize = 9;
const FAMILY: usize = 21;
/// Families that are written in one go.
const AT_ONCE: usize = 1000;

/// One connection for all. It waits as long as it takes: half a second, which is the crate's patience, can be too short while
/// a disk is busy, and an answer that is missed ends the measurement.
pub(crate) async fn connect(url: &str) -> Result<MultiplexedConnection, String> {
    let told = |fault: RedisError| format!("{url}: {fault}");
    let patient = AsyncConnectionConfig::new().set_response_timeout(None);
    let client = Client::open(url).map_err(told)?;
    client.get_multiplexed_async_connection_with_config(&patient).await.map_err(told)
}

/// Rotates the family of `token`.
pub(crate) async fn rotate(mut connection: MultiplexedConnection, token: &str) -> Result<(), RedisError> {
    let mut call = SCRIPT.prepare_invoke();
    call.key(key(token)).arg(1_u64).arg(1_795_305_600_u64).arg(1_796_515_200_u64);
    call.invoke_async::<Value>(&mut connection).await.map(drop)
}

/// Writes a family of seven fields for each of these tokens.
pub(crate) async fn populate<'t>(url: &str, tokens: impl Iterator<Item = &'t str>) -> Result<(), String> {
    let mut connection = connect(url).await?;
    let keys: Vec<String> = tokens.map(key).collect();
    for some in keys.chunks(AT_ONCE) {
        let mut writes = redis::pipe();
        for key in some {
            let family = [
                ("client", "client-000000"),
                ("tenant", "acme"),
                ("granted", "https://api.documint.example invoices:read"),
                ("generation", "0"),
                ("rotated", "1795305600"),
                ("idle_end", "1796515200"),
                ("state", "live"),
            ];
            writes.hset_multiple(key, &family).ignore();
        }
        writes.query_async::<()>(&mut connection).await.map_err(|fault| format!("{url}: {fault}"))?;
    }
    Ok(())
}

fn key(token: &str) -> String {
    format!("bench:{}", token.get(PREFIX..PREFIX + FAMILY).unwrap_or_default())
}
