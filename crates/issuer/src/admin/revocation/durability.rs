use crate::config::{Config, Durability, StoreConfig};

/// What a store promises of an entry that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogDurability {
    /// It is in a file of this machine, synced.
    Embedded,
    /// The settings of the store were read, and say so.
    Verified,
    /// Somebody says so, of a store that hides its settings.
    Attested {
        /// Why they believe it.
        because: String,
    },
    /// Nothing: it may be lost.
    Volatile,
}

impl LogDurability {
    /// What the configured store promises.
    pub fn of(config: &Config) -> Self {
        match &config.store {
            StoreConfig::Sqlite { .. } => Self::Embedded,
            StoreConfig::Redis(settings) => match &settings.durability {
                Durability::Verified => Self::Verified,
                Durability::Attested { because } => Self::Attested { because: because.clone() },
                Durability::Volatile => Self::Volatile,
            },
        }
    }

    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Verified => "verified",
            Self::Attested { .. } => "attested",
            Self::Volatile => "volatile",
        }
    }

    /// Why it is believed, where it is attested.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Attested { because } => Some(because),
            Self::Embedded | Self::Verified | Self::Volatile => None,
        }
    }
}
