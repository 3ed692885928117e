//! The file, member by member.

use super::{Origin, Proof, Record, RefreshToken, State, Terms, Tokens, VERSION};
use crate::access_token::{AccessToken, is_sendable};
use crate::binding::Binding;
use crate::credentials::{ClientKey, Credentials};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::server::AuthorizationServer;
use chancery_token::encoding::{array_from_base64url, push_base64url};
use chancery_token::{ClientId, Scope, SecretKey, TenantId, UnixTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeSet;
use std::fmt;
use zeroize::Zeroizing;

/// What every version has: the number of its own.
#[derive(Deserialize)]
pub(super) struct Head {
    chancery_session: Option<serde_json::Value>,
}

impl Head {
    /// The version; `None` if it is no session.
    pub(super) fn version(&self) -> Option<u64> {
        self.chancery_session.as_ref().and_then(serde_json::Value::as_u64)
    }
}

/// The members of this version, in the order in which they are written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    chancery_session: u64,
    issuer: String,
    client_id: ClientId,
    authentication: Authentication,
    request: Asked,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_key: Option<Hidden>,
    #[serde(default, skip_serializing_if = "is_not_said")]
    delegated: bool,
    #[serde(default, skip_serializing_if = "is_not_said")]
    ending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obtained_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Authentication {
    Secret(Hidden),
    PrivateKey(Hidden),
    None,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    scopes: BTreeSet<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    reason: String,
    at: UnixTime,
}

/// A text that is wiped from memory when it is dropped.
struct Hidden(Zeroizing<String>);

/// The name of a member that says what cannot be.
type Wrong = &'static str;

impl Document {
    /// What it means. Each combination that cannot be is refused here: there is no record of it.
    pub(super) fn record(mut self) -> Result<Record, Wrong> {
        let Ok(AuthorizationServer::Issuer(issuer)) = AuthorizationServer::issuer(&self.issuer) else {
            return Err("issuer");
        };
        let credentials = match &self.authentication {
            Authentication::Secret(secret) if secret.0.is_empty() => return Err("authentication"),
            Authentication::Secret(secret) => Credentials::Secret(Secret::new(secret.0.as_str())),
            Authentication::PrivateKey(seed) => {
                Credentials::Key(ClientKey::new(seed.key().ok_or("authentication")?))
            }
            Authentication::None => Credentials::Public,
        };
        let proof = match &self.dpop_key {
            Some(seed) => Proof::Dpop(seed.key().ok_or("dpop_key")?),
            None => Proof::Bearer,
        };
        let origin = if self.delegated { Origin::Delegated } else { Origin::Begun };
        let state = self.state(&proof)?;
        let (client_id, request) = (self.client_id, self.request.request());
        Ok(Record { terms: Terms { issuer, client_id, credentials, request, proof, origin }, state })
    }

    fn state(&mut self, proof: &Proof) -> Result<State, Wrong> {
        if let Some(Ended { reason, at }) = self.ended.take() {
            let has_tokens = self.access_token.is_some()
                || self.refresh_token.is_some()
                || self.expires_at.is_some()
                || self.obtained_at.is_some()
                || self.refresh_expires_at.is_some()
                || self.scope.is_some();
            // It is printed: a terminal must not obey it.
            let reason = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            return if has_tokens || self.ending { Err("ended") } else { Ok(State::Ended { reason, at }) };
        }
        let tokens = self.tokens(proof)?;
        Ok(if self.ending { State::Ending(tokens) } else { State::Live(tokens) })
    }

    fn tokens(&mut self, proof: &Proof) -> Result<Tokens, Wrong> {
        let text = self.access_token.take().ok_or("access_token")?.0;
        if !is_sendable(&text) {
            return Err("access_token");
        }
        let obtained_at = self.obtained_at.ok_or("obtained_at")?;
        let expires_at = self.expires_at.filter(|end| *end >= obtained_at).ok_or("expires_at")?;
        let life = (obtained_at, expires_at);
        let scope = self.scope.take();
        let access = match proof {
            Proof::Dpop(key) => AccessToken::bound(text, life, scope, key.clone()),
            Proof::Bearer => AccessToken::received(text, life, scope, Binding::Bearer),
        };
        let refresh = match (self.refresh_token.take(), self.refresh_expires_at) {
            (Some(text), _) if !is_sendable(&text.0) => return Err("refresh_token"),
            (Some(text), expires_at) => Some(RefreshToken { text: text.0, expires_at }),
            (None, Some(_)) => return Err("refresh_expires_at"),
            (None, None) => None,
        };
        Ok(Tokens { access, refresh })
    }

    /// How a record is written.
    pub(super) fn of(record: &Record) -> Self {
        let Terms { issuer, client_id, credentials, request, proof, origin } = &record.terms;
        let (scopes, resource, tenant) = request.parts();
        let authentication = match credentials {
            Credentials::Secret(secret) => Authentication::Secret(Hidden::of(secret.expose())),
            Credentials::Key(key) => Authentication::PrivateKey(Hidden::seed_of(key.secret_key())),
            Credentials::Public => Authentication::None,
        };
        let dpop_key = match proof {
            Proof::Dpop(key) => Some(Hidden::seed_of(key)),
            Proof::Bearer => None,
        };
        let (ending, ended, tokens) = match &record.state {
            State::Live(tokens) => (false, None, Some(tokens)),
            State::Ending(tokens) => (true, None, Some(tokens)),
            State::Ended { reason, at } => (false, Some(Ended { reason: reason.clone(), at: *at }), None),
        };
        let refresh = tokens.and_then(|tokens| tokens.refresh.as_ref());
        Self {
            chancery_session: VERSION,
            issuer: issuer.to_string(),
            client_id: client_id.clone(),
            authentication,
            request: Asked {
                scopes: scopes.clone(),
                resource: resource.map(str::to_owned),
                tenant: tenant.cloned(),
            },
            dpop_key,
            delegated: *origin == Origin::Delegated,
            ending,
            ended,
            refresh_token: refresh.map(|refresh| Hidden(refresh.text.clone())),
            refresh_expires_at: refresh.and_then(|refresh| refresh.expires_at),
            access_token: tokens.map(|tokens| Hidden::of(tokens.access.expose())),
            expires_at: tokens.map(|tokens| tokens.access.expires_at()),
            obtained_at: tokens.map(|tokens| tokens.access.obtained_at()),
            scope: tokens.and_then(|tokens| tokens.access.scope()).map(str::to_owned),
        }
    }
}

impl Asked {
    fn request(self) -> TokenRequest {
        let request = TokenRequest::new().scopes(self.scopes);
        let request = match self.resource {
            Some(resource) => request.resource(resource),
            None => request,
        };
        match self.tenant {
            Some(tenant) => request.tenant(tenant),
            None => request,
        }
    }
}

impl Hidden {
    fn of(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// As 43 characters of base64url (RFC 8037 section 2, `d`).
    fn seed_of(key: &SecretKey) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(48));
        push_base64url(&*key.seed(), &mut text);
        Self(text)
    }

    fn key(&self) -> Option<SecretKey> {
        let seed = Zeroizing::new(array_from_base64url::<32>(&self.0)?);
        Some(SecretKey::from_seed(&seed))
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Hidden;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Hidden, E> {
                Ok(Hidden::of(text))
            }

            fn visit_string<E>(self, text: String) -> Result<Hidden, E> {
                Ok(Hidden(Zeroizing::new(text)))
            }
        }
        deserializer.deserialize_string(Text)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_not_said(flag: &bool) -> bool {
    !*flag
}
