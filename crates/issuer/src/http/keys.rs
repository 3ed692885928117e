//! The public keys: JWK Sets (RFC 7517) for JWTs and for the revocation log, PASERK keys for PASETOs.

use super::document::{Document, accepts, with};
use crate::issuer::Issuer;
use crate::keyring::Keyring;
use arc_swap::ArcSwapOption;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_token::UnixTime;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// RFC 7517 section 8.5.1.
const JWK_SET: &str = "application/jwk-set+json";
const JSON: &str = "application/json";

/// The documents as they were last written. They change with the keyring, and when a retired key's time is up.
#[derive(Debug, Default)]
pub(crate) struct PublishedKeys(ArcSwapOption<Written>);

/// The documents of one version of the keyring in one second.
#[derive(Debug)]
struct Written {
    version: u64,
    at: UnixTime,
    jwks: Option<Document>,
    jwk_set: Option<Document>,
    paserk: Option<Document>,
    revocation: Option<Document>,
    revocation_set: Option<Document>,
}

#[derive(Serialize)]
struct KeyList<'k, K> {
    keys: &'k [K],
}

impl PublishedKeys {
    fn current(&self, keyring: &Keyring, now: UnixTime) -> Arc<Written> {
        let version = keyring.version();
        if let Some(written) = self.0.load_full().filter(|it| it.version == version && it.at == now) {
            return written;
        }
        let (jwks, paserk, revocation) =
            (keyring.jwks(now), keyring.paserk_keys(now), keyring.revocation_jwks(now));
        let max_age = keyring.max_age();
        let written = Arc::new(Written {
            version,
            at: now,
            jwks: document(&jwks, JSON, max_age),
            jwk_set: document(&jwks, JWK_SET, max_age),
            paserk: document(&paserk, JSON, max_age),
            revocation: document(&revocation, JSON, max_age),
            revocation_set: document(&revocation, JWK_SET, max_age),
        });
        self.0.store(Some(Arc::clone(&written)));
        written
    }

    /// Whether all documents hold a key.
    pub(crate) fn are_ready(&self, keyring: &Keyring, now: UnixTime) -> bool {
        let written = self.current(keyring, now);
        written.jwks.is_some() && written.paserk.is_some() && written.revocation.is_some()
    }
}

/// Rule: a document without keys is never published, for every verifier would drop what it has.
fn document<K: Serialize>(keys: &[K], content_type: &'static str, max_age: Duration) -> Option<Document> {
    if keys.is_empty() {
        return None;
    }
    serde_json::to_vec(&KeyList { keys }).ok().map(|body| Document::new(body, content_type, max_age))
}

/// Handles `GET /.well-known/jwks.json`.
pub(super) async fn jwks(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let written = issuer.published_keys().current(issuer.keyring(), issuer.now());
    jwk_set(&headers, written.jwks.as_ref(), written.jwk_set.as_ref())
}

/// Handles `GET /keys/revocation.json`.
pub(super) async fn revocation(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let written = issuer.published_keys().current(issuer.keyring(), issuer.now());
    jwk_set(&headers, written.revocation.as_ref(), written.revocation_set.as_ref())
}

/// Handles `GET /keys/paserk.json`.
pub(super) async fn paserk(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let written = issuer.published_keys().current(issuer.keyring(), issuer.now());
    answer(written.paserk.as_ref(), &headers)
}

/// The same keys under the media type that was asked for.
fn jwk_set(headers: &HeaderMap, json: Option<&Document>, set: Option<&Document>) -> Response {
    let chosen = if accepts(headers, JWK_SET) { set } else { json };
    with(answer(chosen, headers), header::VARY, HeaderValue::from_static("accept"))
}

fn answer(document: Option<&Document>, headers: &HeaderMap) -> Response {
    match document {
        Some(document) => document.answer(headers),
        None => {
            (StatusCode::SERVICE_UNAVAILABLE, super::NO_STORE, [(header::RETRY_AFTER, "2")]).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_1_13_a_document_without_keys_is_not_published_but_503_and_not_stored() {
        assert!(document::<u8>(&[], JSON, Duration::ZERO).is_none());
        let response = answer(None, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }
}
