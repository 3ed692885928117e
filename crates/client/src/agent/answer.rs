//! What an agent answers.

use crate::access_token::{AccessToken, is_sendable};
use crate::binding::Binding;
use crate::session::Authorization;
use chancery_token::UnixTime;
use serde::{Deserialize, Deserializer};
use std::time::Duration;
use zeroize::Zeroizing;

/// Why a body is not as documented. Repeats nothing of it: it holds a token.
pub(super) type Misread = &'static str;

#[derive(Deserialize)]
struct Given {
    #[serde(deserialize_with = "wiped")]
    access_token: Zeroizing<String>,
    token_type: String,
    expires_at: u64,
    expires_in: Option<u64>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Proved {
    #[serde(deserialize_with = "wiped")]
    access_token: Zeroizing<String>,
    #[serde(deserialize_with = "wiped")]
    authorization: Zeroizing<String>,
    dpop: Option<String>,
    expires_at: u64,
    expires_in: Option<u64>,
}

/// What is wiped, whatever is wrong with a member that comes after it.
fn wiped<'de, D: Deserializer<'de>>(text: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(text).map(Zeroizing::new)
}

/// What `GET /token` gives.
pub(super) fn token(body: &[u8]) -> Result<AccessToken, Misread> {
    let given: Given = serde_json::from_slice(body)
        .map_err(|_| "no JSON object with access_token, token_type and expires_at")?;
    let binding = binding(&given.token_type).ok_or("token_type is neither DPoP nor Bearer")?;
    access_token(given.access_token, (given.expires_at, given.expires_in), given.scope, binding)
}

/// What `POST /proof` gives.
pub(super) fn proof(body: &[u8]) -> Result<(AccessToken, Authorization), Misread> {
    let proved: Proved = serde_json::from_slice(body)
        .map_err(|_| "no JSON object with access_token, authorization and expires_at")?;
    let (text, authorization) = (proved.access_token, proved.authorization);
    let (scheme, shown) = authorization.split_once(' ').unwrap_or_default();
    let binding = binding(scheme).ok_or("authorization is neither DPoP nor Bearer")?;
    if shown != *text || proved.dpop.is_some() != (binding == Binding::Dpop) {
        return Err("authorization, dpop and access_token do not fit together");
    }
    let token = access_token(text, (proved.expires_at, proved.expires_in), None, binding)?;
    Ok((token, Authorization { authorization, dpop: proved.dpop }))
}

fn access_token(
    text: Zeroizing<String>,
    (expires_at, expires_in): (u64, Option<u64>),
    scope: Option<String>,
    binding: Binding,
) -> Result<AccessToken, Misread> {
    if !is_sendable(&text) {
        return Err("access_token is empty or not visible ASCII");
    }
    // The agent goes by the clock of this machine, too; where that went back, it knows how long the token lives.
    let expires_at = UnixTime::from_secs(expires_at);
    let life = Duration::from_secs(expires_in.unwrap_or(u64::MAX));
    Ok(AccessToken::received(text, (expires_at.minus(life), expires_at), scope, binding))
}

/// Schemes have no case (RFC 9110 section 11.1).
fn binding(scheme: &str) -> Option<Binding> {
    [Binding::Dpop, Binding::Bearer].into_iter().find(|known| known.scheme().eq_ignore_ascii_case(scheme))
}
