//! A Redis that an issuer keeps its clients and keys in, and what it holds.

use chancery_tests::redis_server::{RedisOptions, RedisServer, Reply};

/// A Redis that has each write on disk before it answers.
pub(crate) struct Redis(RedisServer);

/// How much there is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contents {
    keys: usize,
    /// Of all keys and values but those of [`LOG`], as Redis counts them.
    bytes: i64,
}

/// Every half minute it is noted there which sequence is current, whoever asks for tokens.
const LOG: &str = "{chancery}:log";

impl Redis {
    pub(crate) fn start() -> Self {
        Self(RedisServer::start(RedisOptions::default().durable()))
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    pub(crate) fn contents(&self) -> Result<Contents, String> {
        let Reply::List(keys) = self.ask(&["KEYS", "*"])? else { return Err("KEYS is no list".to_owned()) };
        let mut contents = Contents { keys: keys.len(), bytes: 0 };
        for key in keys {
            let Reply::Text(key) = key else { return Err("a key is no text".to_owned()) };
            if key == LOG {
                continue;
            }
            if let Reply::Number(bytes) = self.ask(&["MEMORY", "USAGE", &key, "SAMPLES", "0"])? {
                contents.bytes += bytes;
            }
        }
        Ok(contents)
    }

    fn ask(&self, words: &[&str]) -> Result<Reply, String> {
        self.0.try_ask(words).map_err(|fault| format!("{words:?}: {fault}"))
    }
}

impl Contents {
    /// An error where there is more now than `before`.
    pub(crate) fn no_more_than(self, before: Self) -> Result<(), String> {
        if self.keys > before.keys || self.bytes > before.bytes {
            return Err(format!("the store grew by tokens alone, from {before:?} to {self:?}"));
        }
        Ok(())
    }
}
