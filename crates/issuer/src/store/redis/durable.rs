//! Whether a server keeps what it acknowledges: every write is synced before it is answered, and where there are
//! replicas one of them has it too.

use redis::aio::MultiplexedConnection;
use redis::{Pipeline, RedisResult, Value};
use std::collections::HashMap;

/// What is to be set, and to what (Redis documentation, `redis.conf`). With the last one on, a server that writes its
/// file anew does not sync meanwhile, whatever the second one says.
const DEMANDED: [(&str, &str); 3] =
    [("appendonly", "yes"), ("appendfsync", "always"), ("no-appendfsync-on-rewrite", "no")];
/// Without it a master goes on alone when its replicas are gone, and what it then takes is lost when one of them
/// becomes the master.
const REPLICAS_TO_WRITE: &str = "min-replicas-to-write";

/// Who must have a write before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// The disk of the server.
    Disk,
    /// And that of a replica.
    Replica,
}

/// What the server said when it was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Durable {
    /// It keeps what it acknowledges.
    Yes(Witness),
    /// It does not, until this is done.
    Demands(String),
}

/// Asks the server. An error may be its refusal to say.
pub(super) async fn ask(connection: &mut MultiplexedConnection) -> RedisResult<Durable> {
    let mut question = Pipeline::new();
    add_to(&mut question);
    said(connection.send_packed_commands(&question, 0, question.len()).await?)
}

/// Adds the question to what is sent.
pub(super) fn add_to(commands: &mut Pipeline) {
    let settings = DEMANDED.iter().map(|(name, _)| *name).chain([REPLICAS_TO_WRITE]);
    commands.cmd("CONFIG").arg("GET").arg(settings.collect::<Vec<_>>());
    commands.cmd("INFO").arg("replication").arg("persistence");
}

/// What the answers to the question say.
pub(super) fn said(answers: Vec<Value>) -> RedisResult<Durable> {
    let (settings, about): (HashMap<String, String>, String) =
        redis::from_redis_value(Value::Array(answers).extract_error()?)?;
    Ok(judge(&settings, &about))
}

fn judge(settings: &HashMap<String, String>, about: &str) -> Durable {
    let field = |name: &str| {
        about
            .lines()
            .find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
            .unwrap_or_default()
    };
    let setting = |name: &str| settings.get(name).map_or("unknown", String::as_str);
    let mut demands: Vec<String> = DEMANDED
        .iter()
        .filter(|(name, wanted)| setting(name) != *wanted)
        .map(|(name, wanted)| demand(name, setting(name), wanted))
        .collect();
    let witness = if field("connected_slaves") == "0" { Witness::Disk } else { Witness::Replica };
    let least = setting(REPLICAS_TO_WRITE);
    if witness == Witness::Replica && !least.parse::<u32>().is_ok_and(|least| least > 0) {
        demands.push(demand(REPLICAS_TO_WRITE, least, "1"));
    }
    // What is written while the first file is made is in no file that would be read after a crash.
    let is_underway = field("aof_rewrite_in_progress") == "1"
        || field("aof_rewrite_scheduled") == "1"
        || field("aof_last_bgrewrite_status") == "err";
    if demands.is_empty() && is_underway && field("aof_base_size") == "0" {
        demands.push(
            "its first append-only file is not complete yet: wait until INFO persistence says \
                      aof_rewrite_in_progress:0"
                .to_owned(),
        );
    }
    if demands.is_empty() { Durable::Yes(witness) } else { Durable::Demands(demands.join("; ")) }
}

fn demand(name: &str, found: &str, wanted: &str) -> String {
    format!(
        "its {name} is '{found}': write the line '{name} {wanted}' into redis.conf, and run CONFIG SET {name} {wanted}"
    )
}

#[cfg(test)]
mod tests;
