//! How long a client goes on by refresh tokens.

use crate::family::OnReplay;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a family may lie unused when nobody says otherwise: long enough for a long weekend.
pub const DEFAULT_IDLE: Duration = Duration::from_hours(14 * 24);
/// How long a family lives at most when nobody says otherwise.
pub const DEFAULT_ABSOLUTE: Duration = Duration::from_hours(90 * 24);
/// Most live families of one client in one tenant when nobody says otherwise.
pub const DEFAULT_MOST_FAMILIES: u32 = 64;
/// Most live families that any client may have in one tenant: they are counted one by one when another begins.
pub const MOST_FAMILIES: u32 = 1024;

/// That a client gets refresh tokens, and on which terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// So long a family may lie unused.
    #[serde(rename = "idle_secs", with = "super::whole_seconds")]
    pub idle: Duration,
    /// So long it lives at most; never beyond [`crate::revocation::LONGEST_FAMILY`].
    #[serde(rename = "absolute_secs", with = "super::whole_seconds")]
    pub absolute: Duration,
    /// Most of them that live at once, for each tenant.
    pub most_families: u32,
    /// What becomes of a family when one of its tokens is replayed.
    #[serde(default)]
    pub on_replay: OnReplay,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            idle: DEFAULT_IDLE,
            absolute: DEFAULT_ABSOLUTE,
            most_families: DEFAULT_MOST_FAMILIES,
            on_replay: OnReplay::default(),
        }
    }
}
