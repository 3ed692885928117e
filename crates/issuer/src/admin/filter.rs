//! Which clients a list is to hold.

use crate::client::{Client, ClientState};
use chancery_catalog::Catalog;
use chancery_token::{Scope, TenantId, UnixTime};
use std::fmt;
use std::str::FromStr;

/// All that is named must fit; nothing named means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Exactly this owner.
    pub owner: Option<String>,
    /// It holds this scope today, in whichever product, by whichever of its names.
    pub scope: Option<Scope>,
    /// It serves this tenant.
    pub tenant: Option<TenantId>,
    /// It stands like this.
    pub state: Option<Standing>,
}

impl ClientFilter {
    /// Whether a client is among those that are asked for, at `now`.
    pub fn fits(&self, client: &Client, catalog: &Catalog, now: UnixTime) -> bool {
        self.owner.as_ref().is_none_or(|owner| client.owner == *owner)
            && self.tenant.as_ref().is_none_or(|tenant| client.tenants.contains(tenant))
            && self.state.is_none_or(|state| Standing::of(client, now) == state)
            && self.scope.as_ref().is_none_or(|scope| holds(client, scope, catalog))
    }
}

fn holds(client: &Client, scope: &Scope, catalog: &Catalog) -> bool {
    catalog.find(scope.as_str()).any(|(product, found)| {
        let mut grants = client.grants.iter().filter(|grant| grant.audience == product.audience());
        grants.any(|grant| found.entry.covered_by(&grant.scope))
    })
}

/// Whether a client gets tokens, as it is told to people and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It does.
    Active,
    /// Somebody switched it off.
    Disabled,
    /// Its end has come.
    Expired,
}

impl Standing {
    /// How the client stands at `now`.
    pub fn of(client: &Client, now: UnixTime) -> Self {
        match client.state {
            ClientState::Disabled { .. } => Self::Disabled,
            ClientState::Active if now >= client.expires_at => Self::Expired,
            ClientState::Active => Self::Active,
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Self, UnknownStanding> {
        let all = [Self::Active, Self::Disabled, Self::Expired];
        all.into_iter().find(|standing| standing.as_str() == text).ok_or(UnknownStanding)
    }
}

/// None of the three states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client is 'active', 'disabled' or 'expired'")]
pub struct UnknownStanding;
