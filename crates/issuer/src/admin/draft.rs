//! What somebody asks for who registers a client.

use serde::{Deserialize, Serialize};

/// A client as somebody wants it. Every field may be missing: what is missing is told at once with what is wrong,
/// by [`ClientDraft::resolve`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientDraft {
    /// Its name in tokens: letters, digits, `-`, `_` and `.`, at most 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name for people; the id where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The one job it does, in a sentence (R01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The team or person that answers for it (R04).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `service` (where it is left out), `agent`, `partner` or `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The template of the catalog that it starts from (R16): its grants, and its lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The tenants whose records it may touch, at least one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// What it may ask for, beside or in the place of what the template grants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantDraft>,
    /// Which records, as in the `bounds` claim: `{"project":["acme-*"],"refund_max":200}`; one text stands for a
    /// list of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<serde_json::Value>,
    /// In the place of bounds: why it may touch all records of its tenants (R22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbounded: Option<String>,
    /// How long its access tokens live, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_secs: Option<u64>,
    /// When it ends: an RFC 3339 time, a date like `2027-06-30`, or a span from now like `90d` (R04).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How it proves who it is: `secret` (where it is left out), `private_key_jwt` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<String>,
    /// Its public keys, each a JWK, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<serde_json::Value>,
    /// `required`: a request without a proof of a key is refused (RFC 9449); `optional`. Where it is left out it is
    /// optional, and required of a client that proves nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop: Option<String>,
    /// That it gets refresh tokens, and on which terms; `{}` takes them all as they are when nobody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshDraft>,
    /// The clients that may exchange its tokens for narrower ones of their own (RFC 8693).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub may_delegate_to: Vec<String>,
}

/// The terms on which a client refreshes. In a patch, what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefreshDraft {
    /// So long a family may lie unused, in seconds; 14 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_secs: Option<u64>,
    /// So long it lives at most, in seconds; 90 days, and never more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute_secs: Option<u64>,
    /// Most of them that live at once, for each tenant; 64, and never over 1024.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_families: Option<u64>,
    /// What becomes of a family when an old token of it is replayed: `revoke`, or for a client that proves more than to
    /// have the token, `refuse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_replay: Option<String>,
}

/// One thing that the client may ask for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrantDraft {
    /// `resource:action`, or a pattern like `invoices:*`.
    pub scope: String,
    /// The resource server; where one product alone knows the scope, it can be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Why the client needs it, in a sentence (R03). Where the template grants the scope, its reason stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the bounds do not reach this scope's records, where they do not (R22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbounded: Option<String>,
}
