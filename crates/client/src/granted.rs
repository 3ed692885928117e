//! What a token endpoint gives (RFC 6749 section 5.1).

use crate::access_token::is_sendable;
use crate::binding::Binding;
use crate::error::RequestError;
use crate::http::{Answer, bad_answer, plain};
use chancery_token::UnixTime;
use reqwest::StatusCode;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// RFC 8259 numbers are unbounded; a token that claims to live longer than a day is not kept for longer.
const MAX_EXPIRES_IN: u64 = 24 * 60 * 60;

/// A successful answer. Never printed.
pub(crate) struct Granted {
    pub(crate) access_token: Zeroizing<String>,
    /// When it was asked for, by this machine's clock: what the answer says in seconds is counted from here.
    pub(crate) asked_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<Zeroizing<String>>,
    pub(crate) refresh_expires_at: Option<UnixTime>,
}

#[derive(serde::Deserialize)]
struct Said {
    access_token: Hidden,
    token_type: String,
    expires_in: Option<u64>,
    scope: Option<String>,
    refresh_token: Option<Hidden>,
    refresh_expires_in: Option<u64>,
    refresh_expires_at: Option<u64>,
}

/// A token, wiped also where the answer is no good further on.
struct Hidden(Zeroizing<String>);

impl<'de> serde::Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl Granted {
    /// Reads an answer to what was asked at `asked_at` for a token that is bound like this.
    pub(crate) fn read(
        endpoint: &Url,
        answer: &Answer,
        binding: Binding,
        asked_at: UnixTime,
    ) -> Result<Self, RequestError> {
        if answer.status != StatusCode::OK {
            return Err(answer.refusal(endpoint));
        }
        // What the parser says could quote the answer, and the answer holds tokens.
        let said: Said = serde_json::from_slice(&answer.body)
            .map_err(|_| bad_answer(endpoint, "no JSON object with access_token and token_type"))?;
        let (access_token, refresh_token) =
            (said.access_token.0, said.refresh_token.map(|refresh_token| refresh_token.0));
        if !said.token_type.eq_ignore_ascii_case(binding.scheme()) {
            return Err(bad_answer(endpoint, format!("token_type is not {binding}")));
        }
        if !is_sendable(&access_token) {
            return Err(bad_answer(endpoint, "access_token is empty or not visible ASCII"));
        }
        if refresh_token.as_deref().is_some_and(|token| !is_sendable(token)) {
            return Err(bad_answer(endpoint, "refresh_token is empty or not visible ASCII"));
        }
        let expires_in = said
            .expires_in
            .filter(|seconds| *seconds > 0)
            .ok_or_else(|| bad_answer(endpoint, "expires_in is missing or 0"))?;
        let after = |seconds| asked_at.plus(Duration::from_secs(seconds));
        Ok(Self {
            access_token,
            asked_at,
            expires_at: after(expires_in.min(MAX_EXPIRES_IN)),
            scope: said.scope.as_deref().map(plain),
            refresh_token,
            refresh_expires_at: said
                .refresh_expires_in
                .map(after)
                .or(said.refresh_expires_at.map(UnixTime::from_secs)),
        })
    }
}
