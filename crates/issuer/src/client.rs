//! Who may ask for tokens: one client stands for one job of one team.

mod authentication;
mod key;
mod life;
mod refresh;
mod validate;

pub use authentication::{Authentication, DpopPolicy, MAX_KEYS};
pub use key::{ClientKey, KeyAlgorithm, NotAClientKey};
pub use life::{TooManyKeys, TooManySecrets, Unusable};
pub use refresh::{DEFAULT_ABSOLUTE, DEFAULT_IDLE, DEFAULT_MOST_FAMILIES, MOST_FAMILIES, Refresh};
pub use validate::{InvalidClient, TextFault};
pub(crate) use validate::{check_text, escape};

use crate::secret::StoredSecret;
use chancery_token::{Bounds, ClientId, ScopePattern, TenantId, UnixTime};
use std::fmt;
use std::time::Duration;

/// Longest lifetime of an access token, whatever a client or the configuration says (R05: minutes for machines).
pub const MAX_LIFETIME: Duration = Duration::from_hours(1);
/// Longest lifetime of an admin token: shorter than [`DEFAULT_LIFETIME`], which routine tokens have (R05).
pub const MAX_ADMIN_LIFETIME: Duration = Duration::from_mins(10);
/// Lifetime of an access token when nobody says otherwise.
pub const DEFAULT_LIFETIME: Duration = Duration::from_mins(15);
/// Lifetime of an admin token when nobody says otherwise.
pub const DEFAULT_ADMIN_LIFETIME: Duration = Duration::from_mins(5);
/// Most secrets that a client may hold at once: the one in use and its successor.
pub const MAX_SECRETS: usize = 2;
/// Most clients that may exchange the tokens of one: each is one more that can leak them.
pub const MAX_DELEGATES: usize = 32;
/// The tenant of the operators themselves. Whoever administers it administers every tenant, so that clients of
/// kind admin alone may serve it.
pub const OPERATOR_TENANT: &str = "chancery";

/// One registered client (RFC 6749 section 2).
///
/// The fields are open because a record proves nothing: before it is stored, [`Client::validate`] says what is
/// wrong with it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Client {
    /// Its name in tokens.
    pub id: ClientId,
    /// Its name for people.
    pub name: String,
    /// The one job it does (R01).
    pub purpose: String,
    /// The team or person that answers for it (R04).
    pub owner: String,
    /// What kind of software it is.
    pub kind: ClientKind,
    /// The tenants whose records it may touch, at least one. A token names exactly one of them.
    pub tenants: Vec<TenantId>,
    /// What it may ask for.
    pub grants: Vec<Grant>,
    /// Which records within a tenant it may touch.
    pub reach: Reach,
    /// How long its access tokens live.
    #[serde(rename = "lifetime_secs", with = "whole_seconds")]
    pub lifetime: Duration,
    /// When it was registered.
    pub created_at: UnixTime,
    /// From this second on it gets no token (R04).
    pub expires_at: UnixTime,
    /// Whether it gets tokens at all.
    pub state: ClientState,
    /// Its secrets, as digests; at most [`MAX_SECRETS`].
    pub secrets: Vec<StoredSecret>,
    /// How it proves who it is.
    #[serde(default, skip_serializing_if = "Authentication::is_secret")]
    pub authentication: Authentication,
    /// Its public keys, for `private_key_jwt`; at most [`MAX_KEYS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ClientKey>,
    /// Whether its tokens are bound to a key of its own (RFC 9449 section 5.2, `dpop_bound_access_tokens`).
    #[serde(default, skip_serializing_if = "DpopPolicy::is_optional")]
    pub dpop: DpopPolicy,
    /// Whether it gets refresh tokens, and how long they go on. `None`: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
    /// The clients that may exchange its tokens for narrower ones of their own (RFC 8693).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_delegate_to: Vec<ClientId>,
    /// Access was taken from it, and the entry of the revocation log that ends its older tokens is not known to be
    /// written: whoever changes the client next writes it. The number is drawn anew each time that something is taken,
    /// so that whoever wrote the entry for one time strikes out that one, and none that followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owes_entry: Option<u64>,
}

/// What kind of software a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// Manages the issuer itself. Holds admin scopes and nothing else (R15).
    Admin,
    /// Acts for a long time on its own, often driven by a model.
    Agent,
    /// Belongs to another organisation.
    Partner,
    /// A machine of ours.
    Service,
}

impl ClientKind {
    /// The word for it in requests, output and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Partner => "partner",
            Self::Service => "service",
        }
    }

    /// The lifetime of its access tokens when nobody says otherwise.
    pub const fn default_lifetime(self) -> Duration {
        match self {
            Self::Admin => DEFAULT_ADMIN_LIFETIME,
            Self::Agent | Self::Partner | Self::Service => DEFAULT_LIFETIME,
        }
    }

    /// The longest lifetime that its access tokens may have.
    pub const fn longest_lifetime(self) -> Duration {
        match self {
            Self::Admin => MAX_ADMIN_LIFETIME,
            Self::Agent | Self::Partner | Self::Service => MAX_LIFETIME,
        }
    }
}

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ClientKind {
    type Err = UnknownClientKind;

    fn from_str(text: &str) -> Result<Self, UnknownClientKind> {
        let kinds = [Self::Admin, Self::Agent, Self::Partner, Self::Service];
        kinds.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownClientKind)
    }
}

/// None of the four kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client is of kind 'service', 'agent', 'partner' or 'admin'")]
pub struct UnknownClientKind;

/// One thing a client may ask for, and why (R03).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    /// The resource server it is for.
    pub audience: String,
    /// The scope, or a pattern of scopes.
    pub scope: ScopePattern,
    /// Why the client needs it, in a sentence.
    pub reason: String,
    /// Why the bounds of the client do not reach the records of this scope, where its resource declares none of
    /// their axes (R22). `None` where they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbounded: Option<String>,
}

/// Which records within a tenant a client may touch. There is no default: "all of them" is written out (R22).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Those that the bounds admit.
    Bounded(Bounds),
    /// All of them.
    Unbounded {
        /// Why, in a sentence.
        reason: String,
    },
}

impl Reach {
    /// The `bounds` claim of its tokens: empty when unbounded.
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Bounded(bounds) => bounds.clone(),
            Self::Unbounded { .. } => Bounds::default(),
        }
    }
}

/// Whether a client gets tokens at all.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientState {
    /// It does.
    Active,
    /// Somebody switched it off.
    Disabled {
        /// When.
        at: UnixTime,
        /// Why, in a sentence.
        reason: String,
        /// Who.
        #[serde(default)]
        by: DisabledBy,
    },
}

/// Who switched a client off, and so who may switch it on again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisabledBy {
    /// The operator of the issuer. An administrator of a tenant does not undo it.
    Operator,
    /// An administrator of its tenant.
    #[default]
    Tenant,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("owner", &self.owner)
            .field("tenants", &self.tenants)
            .field("grants", &self.grants)
            .field("reach", &self.reach)
            .field("lifetime", &self.lifetime)
            .field("expires_at", &self.expires_at)
            .field("state", &self.state)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

/// A lifetime is stored as the number of its seconds.
mod whole_seconds {
    use serde::Deserialize as _;
    use std::time::Duration;

    pub(super) fn serialize<S: serde::Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(span.as_secs())
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
