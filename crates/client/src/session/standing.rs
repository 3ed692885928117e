//! Where a session stands, for people and for `status`.

use crate::binding::Binding;
use crate::error::ErrorKind;
use chancery_token::{ClientId, Scope, TenantId, UnixTime};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a session knows of itself. Plain data: no secret, no token, no key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Who issues its tokens.
    pub issuer: String,
    /// Whose they are.
    pub client_id: ClientId,
    /// Whether they are bound to a key.
    pub binding: Binding,
    /// Whether it was handed on by another session, so that it cannot begin anew.
    pub delegated: bool,
    /// What was asked for; empty where nothing was named.
    pub scopes: BTreeSet<Scope>,
    /// The resource server that was named (RFC 8707).
    pub resource: Option<String>,
    /// The tenant that was named.
    pub tenant: Option<TenantId>,
    /// Its file, unless it lives in memory alone.
    pub file: Option<PathBuf>,
    /// What it has, or why it has nothing.
    pub state: Phase,
    /// How often this process got a token for it: asked for, or taken over from another process.
    pub renewals: u64,
    /// How often this process had to begin anew, because a refresh token counted no more.
    pub begun_anew: u64,
    /// Why the last renewal failed, if it did.
    pub trouble: Option<Trouble>,
    /// Why what was got last stands in this process alone and not in the file, if that is so: a stable name.
    pub unsaved: Option<String>,
}

/// What a session has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Nothing yet: it begins at the first token.
    New,
    /// A token.
    Live {
        /// When it was got, by this machine's clock.
        obtained_at: UnixTime,
        /// From when on it is worth nothing.
        expires_at: UnixTime,
        /// From when on the next one is asked for.
        renews_at: UnixTime,
        /// The scopes that were given.
        scope: Option<String>,
        /// Whether it goes on by a refresh token; else by its credentials alone.
        refreshes: bool,
        /// By then it must have been refreshed, if the issuer says.
        refresh_expires_at: Option<UnixTime>,
    },
    /// It was to be ended, and the issuer could not be told: end it once more.
    Ending,
    /// It is over, and the issuer is not asked any more.
    Ended {
        /// What the issuer said.
        reason: String,
        /// When that was heard, by this machine's clock.
        at: UnixTime,
    },
    /// Its file is gone: somebody logged out.
    Gone,
}

/// A renewal that failed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Trouble {
    /// The stable name of the fault.
    pub reason: String,
    /// The fault in words.
    pub detail: String,
    /// Whether trying again can help.
    pub kind: ErrorKind,
    /// How often in a row.
    pub failures: u32,
    /// Seconds until the issuer is asked again.
    pub retry_in: u64,
}
