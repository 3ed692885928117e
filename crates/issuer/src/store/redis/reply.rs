//! What a script answers: a word, and what belongs to it.

use super::keys;
use crate::store::StoreFault;
use redis::{FromRedisValue, Value};

pub(super) struct Reply {
    word: String,
    parts: Vec<Value>,
}

impl Reply {
    /// Takes an answer apart. A database that is no longer ours is a fault whatever was asked.
    pub(super) fn read(answer: Value) -> Result<Self, StoreFault> {
        let mut parts: Vec<Value> = value(answer)?;
        if parts.is_empty() {
            return Err(misunderstood("an empty list"));
        }
        let word: String = value(parts.remove(0))?;
        let reply = Self { word, parts };
        match reply.word() {
            "lost" => Err(StoreFault::Lost),
            "layout" => {
                let found: String = reply.part(0)?;
                let detail = format!("it has layout {found}, and this program knows layout {}", keys::LAYOUT);
                Err(StoreFault::Unreadable { what: "the store".to_owned(), detail })
            }
            _ => Ok(reply),
        }
    }

    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// What stands after the word, counted from zero.
    pub(super) fn part<T: FromRedisValue>(&self, at: usize) -> Result<T, StoreFault> {
        value(self.parts.get(at).cloned().unwrap_or(Value::Nil))
    }

    /// As [`Reply::part`], of one that is not looked at again.
    pub(super) fn take<T: FromRedisValue>(&mut self, at: usize) -> Result<T, StoreFault> {
        value(self.parts.get_mut(at).map_or(Value::Nil, |part| std::mem::replace(part, Value::Nil)))
    }

    /// The fault of a word that means nothing here.
    pub(super) fn unexpected(&self) -> StoreFault {
        misunderstood(&self.word)
    }
}

pub(super) fn value<T: FromRedisValue>(value: Value) -> Result<T, StoreFault> {
    redis::from_redis_value(value).map_err(|error| StoreFault::Corrupt { detail: error.to_string() })
}

fn misunderstood(answer: &str) -> StoreFault {
    StoreFault::Corrupt { detail: format!("the Redis answered '{answer}', which means nothing here") }
}
