//! What the path names. A name that nobody can have is a name that nobody has: 404, and never repeated.

use super::stray::holds_credential;
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use chancery_token::ClientId;
use chancery_token::encoding::array_from_base64url;
use std::sync::Arc;

/// The client that the path names.
#[derive(Debug)]
pub(super) struct Named(pub(super) ClientId);

/// The client and the secret that the path names.
#[derive(Debug)]
pub(super) struct NamedSecret(pub(super) ClientId, pub(super) String);

/// The client and the key of it that the path names, by its thumbprint.
#[derive(Debug)]
pub(super) struct NamedKey(pub(super) ClientId, pub(super) String);

impl FromRequestParts<Arc<Issuer>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Problem> {
        let id = parameter(parts, issuer, "id")
            .await
            .filter(|id| !holds_credential(id))
            .and_then(|id| id.parse().ok());
        id.map(Self).ok_or_else(|| {
            Problem::of(Because::ClientUnknown, "the path names no client; the list shows those there are")
        })
    }
}

impl FromRequestParts<Arc<Issuer>> for NamedSecret {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Problem> {
        let Named(client) = Named::from_request_parts(parts, issuer).await?;
        let is_id = |id: &String| id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let id = parameter(parts, issuer, "secret_id").await.filter(is_id);
        id.map(|id| Self(client, id)).ok_or_else(|| {
            Problem::of(Because::SecretUnknown, "the path names no secret; the client lists its own")
        })
    }
}

impl FromRequestParts<Arc<Issuer>> for NamedKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Problem> {
        let Named(client) = Named::from_request_parts(parts, issuer).await?;
        let is_thumbprint = |kid: &String| array_from_base64url::<32>(kid).is_some();
        let kid = parameter(parts, issuer, "kid").await.filter(is_thumbprint);
        kid.map(|kid| Self(client, kid)).ok_or_else(|| {
            Problem::of(Because::ClientKeyUnknown, "the path names no key; the client lists its own")
        })
    }
}

async fn parameter(parts: &mut Parts, issuer: &Arc<Issuer>, name: &str) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, issuer).await.ok()?;
    parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}
