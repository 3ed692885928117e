//! The scripts, one a verb.

use redis::{Cmd, Script};
use std::sync::LazyLock;

/// A script, and the hash under which a server knows it.
pub(super) struct Verb {
    text: String,
    hash: Script,
}

/// Runs also where no memory is left: it says that it only reads (Redis documentation, "Script flags").
const READS: &str = "#!lua flags=no-writes\n";
/// Is refused before its first line where no memory is left, and on a replica.
const WRITES: &str = "#!lua\n";

/// Before anything is expected: the layout, and how many keys there are.
pub(super) static LOOK: LazyLock<Verb> = LazyLock::new(|| {
    Verb::new(format!("{READS}return {{redis.call('HGET', KEYS[1], 'layout'), redis.call('DBSIZE')}}"))
});
/// Takes a store of an earlier layout to this one, and says in which layout it is then.
pub(super) static UPGRADE: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}{}", include_str!("scripts/upgrade.lua"))));
pub(super) static CLIENT: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(READS, "return {'ok', redis.call('GET', KEYS[2])}"));
pub(super) static INSERT: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/insert.lua")));
pub(super) static REPLACE: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/replace.lua")));
pub(super) static KEYRING: LazyLock<Verb> = LazyLock::new(|| {
    Verb::of(READS, "return {'ok', unpack(redis.call('HMGET', KEYS[2], 'version', 'blob'))}")
});
pub(super) static REPLACE_KEYRING: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/replace_keyring.lua")));
pub(super) static IDENTITY: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(READS, "return {'ok', redis.call('HGET', KEYS[1], 'identity')}"));
pub(super) static INITIALISE: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/initialise.lua")));
pub(super) static CHANGES: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(READS, include_str!("scripts/changes.lua")));
pub(super) static LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(READS, "return {'ok', unpack(redis.call('HMGET', KEYS[2], unpack(ARGV, 3)))}"));
/// Rows from a place on, and up to where entries may be missing.
pub(super) static LOG_ROWS: LazyLock<Verb> = LazyLock::new(|| {
    let rows = "redis.call('ZRANGE', KEYS[3], ARGV[3], '+', 'BYLEX', 'LIMIT', 0, ARGV[4])";
    let about = "unpack(redis.call('HMGET', KEYS[2], 'id', 'anchor'))";
    Verb::of(READS, &format!("return {{'ok', {rows}, {about}}}"))
});
pub(super) static STAGE_LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/stage_log.lua")));
pub(super) static BEGIN_LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/begin_log.lua")));
pub(super) static APPEND_LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/append_log.lua")));
pub(super) static SETTLE_LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/settle_log.lua")));
pub(super) static TRIM_LOG: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/trim_log.lua")));
/// A family lies in a slot of its own, apart from what says whose store this is.
pub(super) static FAMILY: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{READS}return {{'ok', redis.call('GET', KEYS[1])}}")));
/// Rotates a family where the newest token is shown, and nothing speaks against it. Answers the record as it stood.
pub(super) static ADVANCE: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}{}", include_str!("scripts/advance.lua"))));
pub(super) static PUT_FAMILY: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}{}", include_str!("scripts/put_family.lua"))));
pub(super) static BEGIN_FAMILY: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}{}", include_str!("scripts/begin_family.lua"))));
pub(super) static FORGET_FAMILY: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}{}", include_str!("scripts/forget_family.lua"))));
pub(super) static SETTLE_FAMILIES: LazyLock<Verb> =
    LazyLock::new(|| Verb::new(format!("{WRITES}redis.call('ZREM', KEYS[1], unpack(ARGV)) return {{'ok'}}")));
pub(super) static RESERVE_FAMILY: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/reserve_family.lua")));
pub(super) static RELEASE_FAMILIES: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/release_families.lua")));
pub(super) static FIRST_USE: LazyLock<Verb> =
    LazyLock::new(|| Verb::of(WRITES, include_str!("scripts/first_use.lua")));
/// Whether it is still our store.
pub(super) static GUARD: LazyLock<Verb> = LazyLock::new(|| Verb::of(READS, "return {'ok'}"));
/// The same, refused where nothing can be written. It writes nothing.
pub(super) static PING: LazyLock<Verb> = LazyLock::new(|| Verb::of(WRITES, "return {'ok'}"));

impl Verb {
    fn of(head: &str, body: &str) -> Self {
        let body = body
            .replace("--change\n", include_str!("scripts/change.lua"))
            .replace("--put\n", include_str!("scripts/put.lua"))
            .replace("--note\n", include_str!("scripts/note.lua"));
        Self::new(format!("{head}{}{body}", include_str!("scripts/begin.lua")))
    }

    fn new(text: String) -> Self {
        Self { hash: Script::new(&text), text }
    }
}

/// One call of a script.
pub(super) struct Call {
    verb: &'static Verb,
    keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
}

/// How a server is told which script is meant.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// It was there before, most likely.
    Hash,
    /// It was not; from now on it is.
    Text,
}

impl Call {
    pub(super) fn new(verb: &'static Verb, keys: &[&str]) -> Self {
        Self { verb, keys: keys.iter().map(|key| (*key).to_owned()).collect(), arguments: Vec::new() }
    }

    /// Of one key, with room for so many arguments.
    pub(super) fn of(verb: &'static Verb, key: String, arguments: usize) -> Self {
        Self { verb, keys: vec![key], arguments: Vec::with_capacity(arguments) }
    }

    pub(super) fn argument(mut self, argument: impl Into<Vec<u8>>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// What is sent.
    pub(super) fn command(&self, by: By) -> Cmd {
        let (how, script) = match by {
            By::Hash => ("EVALSHA", self.verb.hash.get_hash()),
            By::Text => ("EVAL", self.verb.text.as_str()),
        };
        let (keys, arguments) = (self.keys.iter().map(String::len), self.arguments.iter().map(Vec::len));
        let bytes = how.len() + script.len() + 1 + keys.chain(arguments).sum::<usize>();
        let mut command = Cmd::with_capacity(3 + self.keys.len() + self.arguments.len(), bytes);
        command.arg(how).arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.arguments);
        command
    }
}
