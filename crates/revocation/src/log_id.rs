use chancery_token::encoding::{array_from_base64url, base64url};
use std::borrow::Cow;
use std::fmt;

/// The name of one revocation log: 16 uniformly random bytes, written as base64url. A store that lost entries
/// begins a new log under a new name, so that nobody mistakes it for the old one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId([u8; 16]);

impl LogId {
    /// Wraps 16 bytes, which must be uniformly random where the log begins.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads 22 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        array_from_base64url(text).map(Self)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url(&self.0))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

impl serde::Serialize for LogId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for LogId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a log id has 22 characters of base64url"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_id_has_one_spelling() {
        let id = LogId::from_bytes([250; 16]);
        assert_eq!(LogId::parse(&id.to_string()), Some(id));
        assert_eq!(serde_json::from_str::<LogId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        for other in
            ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAA+A"]
        {
            assert_eq!(LogId::parse(other), None, "{other}");
            assert!(serde_json::from_str::<LogId>(&format!("\"{other}\"")).is_err(), "{other}");
        }
    }
}
