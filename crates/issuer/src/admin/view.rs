//! Clients and keys as programs read them: one shape for the admin API and for `--json`.

use super::filter::Standing;
use crate::client::{
    Authentication, Client, ClientKey, ClientKind, ClientState, DpopPolicy, Grant, Reach, Refresh,
};
use crate::keyring::{KeyRecord, KeyState, Rotation};
use crate::store::UnreadableClient;
use chancery_revocation::Sequence;
use chancery_token::{ClientId, TenantId, UnixTime};
use serde::{Deserialize, Serialize};

/// A client: everything but the digests of its secrets. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its name in tokens.
    pub id: ClientId,
    /// Its name for people.
    pub name: String,
    /// What kind of software it is.
    pub kind: ClientKind,
    /// The team or person that answers for it.
    pub owner: String,
    /// The one job it does.
    pub purpose: String,
    /// The tenants whose records it may touch.
    pub tenants: Vec<TenantId>,
    /// What it may ask for, and why.
    pub grants: Vec<Grant>,
    /// Which records within a tenant it may touch.
    pub reach: Reach,
    /// How long its access tokens live, in seconds.
    pub lifetime_secs: u64,
    /// When it was registered.
    #[serde(with = "rfc3339")]
    pub created_at: UnixTime,
    /// From this second on it gets no token.
    #[serde(with = "rfc3339")]
    pub expires_at: UnixTime,
    /// Whether it gets tokens now.
    pub state: Standing,
    /// When and why it was switched off, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<DisabledView>,
    /// Its secrets, without anything secret.
    pub secrets: Vec<SecretView>,
    /// How it proves who it is.
    #[serde(default)]
    pub authentication: Authentication,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ClientKey>,
    /// Whether a request without a proof of a key is refused.
    #[serde(default)]
    pub dpop: DpopPolicy,
    /// On which terms it refreshes, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
    /// The clients that may exchange its tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_delegate_to: Vec<ClientId>,
}

/// When and why a client was switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledView {
    /// When.
    #[serde(with = "rfc3339")]
    pub at: UnixTime,
    /// Why, in a sentence.
    pub reason: String,
}

/// One secret of a client: what may be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// What it is dropped by.
    pub id: String,
    /// When it was made.
    #[serde(with = "rfc3339")]
    pub created_at: UnixTime,
}

impl ClientView {
    /// The client as it stands at `now`.
    pub fn of(client: &Client, now: UnixTime) -> Self {
        let disabled = match &client.state {
            ClientState::Active => None,
            ClientState::Disabled { at, reason, .. } => {
                Some(DisabledView { at: *at, reason: reason.clone() })
            }
        };
        let secret = |secret: &crate::secret::StoredSecret| SecretView {
            id: secret.id.clone(),
            created_at: secret.created_at,
        };
        Self {
            id: client.id.clone(),
            name: client.name.clone(),
            kind: client.kind,
            owner: client.owner.clone(),
            purpose: client.purpose.clone(),
            tenants: client.tenants.clone(),
            grants: client.grants.clone(),
            reach: client.reach.clone(),
            lifetime_secs: client.lifetime.as_secs(),
            created_at: client.created_at,
            expires_at: client.expires_at,
            state: Standing::of(client, now),
            disabled,
            secrets: client.secrets.iter().map(secret).collect(),
            authentication: client.authentication,
            keys: client.keys.clone(),
            dpop: client.dpop,
            refresh: client.refresh,
            may_delegate_to: client.may_delegate_to.clone(),
        }
    }
}

/// A client whose record cannot be read: all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableView {
    /// Its id, as it stands in the store.
    pub id: String,
    /// The stable name of what is wrong.
    pub reason: String,
    /// What to do about it. What is wrong in detail stands in the log: it may quote the record.
    pub detail: String,
}

impl UnreadableView {
    /// The client as it is told.
    pub fn of(unreadable: &UnreadableClient) -> Self {
        Self {
            id: unreadable.id.clone(),
            reason: unreadable.fault.reason().to_owned(),
            detail:
                "this version cannot read its record; run the version that wrote it, or restore the store"
                    .to_owned(),
        }
    }
}

/// One signing key, without its private half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its name in tokens.
    pub kid: String,
    /// What it signs: `jwt`, `paseto` or `revocation`.
    pub format: String,
    /// When it was made.
    #[serde(with = "rfc3339")]
    pub created_at: UnixTime,
    /// `published`, `active` or `retired`.
    pub state: String,
    /// The times that go with the state.
    pub times: KeyTimesView,
}

/// The times of a key: `at` of a published one, `since` of an active one, `at` and `until` of a retired one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTimesView {
    /// When it was published, or retired.
    #[serde(default, with = "rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub at: Option<UnixTime>,
    /// From when on it signs.
    #[serde(default, with = "rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub since: Option<UnixTime>,
    /// Until when its tokens are believed.
    #[serde(default, with = "rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixTime>,
}

impl KeyView {
    /// The key as it is told.
    pub fn of(record: &KeyRecord) -> Self {
        let none = KeyTimesView::default();
        let (state, times) = match record.state {
            KeyState::Published { at } => ("published", KeyTimesView { at: Some(at), ..none }),
            KeyState::Active { since } => ("active", KeyTimesView { since: Some(since), ..none }),
            KeyState::Retired { at, until } => {
                ("retired", KeyTimesView { at: Some(at), until: Some(until), ..none })
            }
        };
        Self {
            kid: record.kid.clone(),
            format: record.keys.as_str().to_owned(),
            created_at: record.created_at,
            state: state.to_owned(),
            times,
        }
    }
}

/// What a rotation does, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationView {
    /// `jwt`, `paseto` or `revocation`.
    pub format: String,
    /// The key that signed until now.
    pub retires: String,
    /// The key that signs next.
    pub activates: String,
    /// When it takes over.
    #[serde(with = "rfc3339")]
    pub activates_at: UnixTime,
    /// From then on the retired key is no longer published.
    #[serde(with = "rfc3339")]
    pub removed_at: UnixTime,
    /// The key that was made; `null` in a plan.
    pub publishes: Option<String>,
    /// The entry of the revocation log that ended what the retired key had signed, if it leaked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
}

impl RotationView {
    /// The rotation as it is told.
    pub fn of(rotation: &Rotation) -> Self {
        Self {
            format: rotation.keys.as_str().to_owned(),
            retires: rotation.retires.clone(),
            activates: rotation.activates.clone(),
            activates_at: rotation.activates_at,
            removed_at: rotation.removed_at,
            publishes: rotation.publishes.clone(),
            sequence: None,
        }
    }
}

/// An instant as RFC 3339 text.
mod rfc3339 {
    use chancery_token::UnixTime;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use std::borrow::Cow;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
    pub(super) fn serialize<S: Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        UnixTime::from_rfc3339(&text).ok_or_else(|| D::Error::custom("a time is written as RFC 3339 says"))
    }
}

/// An instant that may be missing.
mod rfc3339_option {
    use chancery_token::UnixTime;
    use serde::{Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the shape that serde calls")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<UnixTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::rfc3339::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UnixTime>, D::Error> {
        super::rfc3339::deserialize(deserializer).map(Some)
    }
}
