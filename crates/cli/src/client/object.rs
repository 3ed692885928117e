//! A client as programs read it: everything but the digests of its secrets.

use chancery_issuer::client::{Client, ClientState};
use chancery_token::UnixTime;
use serde_json::{Value, json};

/// The object.
pub(super) fn object(client: &Client, now: UnixTime) -> Value {
    let secrets: Vec<Value> = client
        .secrets
        .iter()
        .map(|secret| json!({ "id": secret.id, "created_at": secret.created_at.to_rfc3339() }))
        .collect();
    json!({
        "id": client.id,
        "name": client.name,
        "kind": client.kind,
        "owner": client.owner,
        "purpose": client.purpose,
        "tenants": client.tenants,
        "grants": client.grants,
        "reach": client.reach,
        "lifetime_secs": client.lifetime.as_secs(),
        "created_at": client.created_at.to_rfc3339(),
        "expires_at": client.expires_at.to_rfc3339(),
        "state": state(client, now),
        "secrets": secrets,
    })
}

/// `active`, `disabled` or `expired`.
pub(super) fn state(client: &Client, now: UnixTime) -> &'static str {
    match client.state {
        ClientState::Disabled { .. } => "disabled",
        ClientState::Active if now >= client.expires_at => "expired",
        ClientState::Active => "active",
    }
}
