//! What must be read from a token that is accepted.

use super::mint::NOW;
use serde::Serialize;
use serde_json::{Value, json};

/// The claims of an accepted token, as every format yields them: times are seconds since 1970, scopes are a list.
#[derive(Clone, Serialize)]
pub(super) struct Reading {
    client_id: String,
    sub: String,
    tenant: String,
    scopes: Vec<&'static str>,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    jti: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'static str>,
    rvs: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    act: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    anc: Vec<&'static str>,
    env: &'static str,
}

impl Reading {
    /// Of a token that nothing was changed in.
    pub(super) fn usual() -> Self {
        Self {
            client_id: "invoice-sync".to_owned(),
            sub: "invoice-sync".to_owned(),
            tenant: "acme".to_owned(),
            scopes: vec!["invoices:create", "invoices:read"],
            iat: NOW,
            exp: NOW + 900,
            nbf: None,
            jti: "AAECAwQFBgcICQoLDA0ODw",
            bounds: None,
            sid: None,
            rvs: json!(1_838_392_934_400_u64),
            act: Vec::new(),
            anc: Vec::new(),
            env: "live",
        }
    }

    pub(super) fn sub(self, sub: &str) -> Self {
        Self { sub: sub.to_owned(), ..self }
    }

    /// The client, which the token speaks for.
    pub(super) fn client(self, client_id: &str) -> Self {
        Self { client_id: client_id.to_owned(), sub: client_id.to_owned(), ..self }
    }

    pub(super) fn tenant(self, tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), ..self }
    }

    pub(super) fn scopes(self, scopes: &[&'static str]) -> Self {
        Self { scopes: scopes.to_vec(), ..self }
    }

    /// Times, counted from the `now` of the corpus.
    pub(super) fn times(self, iat: i64, exp: i64, nbf: Option<i64>) -> Self {
        let instant = |offset: i64| NOW.checked_add_signed(offset).unwrap();
        Self { iat: instant(iat), exp: instant(exp), nbf: nbf.map(instant), ..self }
    }

    pub(super) fn bounds(self, bounds: Value) -> Self {
        Self { bounds: Some(bounds), ..self }
    }

    pub(super) fn sid(self, sid: &'static str) -> Self {
        Self { sid: Some(sid), ..self }
    }

    /// A number, or its digits where a reader of JSON may lose some.
    pub(super) fn rvs(self, rvs: Value) -> Self {
        Self { rvs, ..self }
    }

    pub(super) fn act(self, act: &[&'static str]) -> Self {
        Self { act: act.to_vec(), ..self }
    }

    pub(super) fn anc(self, anc: Vec<&'static str>) -> Self {
        Self { anc, ..self }
    }

    pub(super) fn env(self, env: &'static str) -> Self {
        Self { env, ..self }
    }
}
