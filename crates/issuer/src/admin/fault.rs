//! What is wrong with what somebody asked for, each with its place.

use crate::client::{Client, InvalidClient, NotAClientKey};
use chancery_catalog::Catalog;
use chancery_token::id::InvalidName;
use chancery_token::scope::InvalidScope;
use std::fmt;

/// One thing that is wrong with a draft or a patch, and where. Whoever wrote it corrects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFault {
    /// Where: a JSON pointer (RFC 6901) into the draft, such as `/grants/0/reason`.
    pub pointer: String,
    /// Its stable name.
    pub reason: &'static str,
    /// What is wrong, and what to do about it.
    pub message: String,
}

impl fmt::Display for DraftFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What can be wrong with a draft besides what can be wrong with a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Slip {
    #[error("'{text}' is no way of authentication; write secret, private_key_jwt or none")]
    Authentication { text: String },
    #[error("several products know '{scope}'; name its audience: {}", .audiences.join(" or "))]
    AudienceAmbiguous { scope: String, audiences: Vec<String> },
    #[error("the bound on '{axis}' cannot be read: {why}")]
    Bound { axis: String, why: String },
    #[error("the axis '{axis}' holds amounts; write the largest one allowed, a whole number")]
    BoundNoAmount { axis: String },
    #[error("bounds are an object: axes with their values, or scopes with their axes")]
    BoundsNoObject,
    #[error("'{text}' says nothing about DPoP; write optional or required")]
    Dpop { text: String },
    #[error(
        "'{text}' is no end; write a span from now like 90d, a date like 2027-06-30, or an RFC 3339 time"
    )]
    End { text: String },
    #[error("that end, {end}, has passed already; choose a later one")]
    EndPassed { end: String },
    #[error("the client has no end; write a span like 90d or a date like 2027-06-30")]
    EndMissing,
    #[error("the client has no id; choose one: letters, digits, '-', '_' and '.'")]
    IdMissing,
    #[error("'{text}' is no kind; write service, agent, partner or admin")]
    Kind { text: String },
    #[error("the key cannot be used: {why}")]
    Key { why: NotAClientKey },
    #[error(
        "the client authenticates by a secret, and a key proves nothing; choose private_key_jwt as its authentication, or leave the key out"
    )]
    KeyUnused,
    #[error("{fault}")]
    Client { fault: InvalidClient },
    #[error("{why}")]
    Name { why: InvalidName },
    #[error("the client has no key yet; add its public key first, then change over")]
    NoKeyYet,
    #[error("the client has no secret yet; add one first, then change over")]
    NoSecretYet,
    #[error("a client that proves who it is goes on doing so; register a public one beside it")]
    NotPublicLater,
    #[error("no product knows the scope '{scope}'; there are {}", .known.join(" "))]
    NoSuchScope { scope: String, known: Vec<String> },
    #[error("the catalog has no template '{name}'; {}", templates(.known))]
    NoSuchTemplate { name: String, known: Vec<String> },
    #[error("nobody said which records the client may touch; name bounds, or say why it is unbounded")]
    ReachMissing,
    #[error("the client cannot be bounded and unbounded; keep one of the two")]
    ReachTwice,
    #[error("'{text}' is no answer to a replay; write revoke or refuse")]
    OnReplay { text: String },
    #[error("'{scope}' is no scope: {why}")]
    Scope { scope: String, why: InvalidScope },
}

impl Slip {
    /// Stable name for answers and logs.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Authentication { .. } => "authentication_unknown",
            Self::AudienceAmbiguous { .. } => "audience_ambiguous",
            Self::Bound { .. } | Self::BoundsNoObject => "bounds_unreadable",
            Self::BoundNoAmount { .. } => "axis_kind",
            Self::Dpop { .. } => "dpop_unknown",
            Self::End { .. } => "end_malformed",
            Self::EndPassed { .. } => "expiry_past",
            Self::EndMissing => "end_missing",
            Self::IdMissing => "id_missing",
            Self::Kind { .. } => "kind_unknown",
            Self::Key { why } => why.reason(),
            Self::KeyUnused => "key_unused",
            Self::NoKeyYet => "key_missing",
            Self::NoSecretYet => "secret_missing",
            Self::NotPublicLater => "public_later",
            Self::Client { fault } => fault.reason(),
            Self::Name { .. } => "name_malformed",
            Self::NoSuchScope { .. } => "no_such_scope",
            Self::NoSuchTemplate { .. } => "no_such_template",
            Self::OnReplay { .. } => "on_replay_unknown",
            Self::ReachMissing => "reach_missing",
            Self::ReachTwice => "reach_twice",
            Self::Scope { .. } => "scope_malformed",
        }
    }
}

fn templates(known: &[String]) -> String {
    if known.is_empty() { "it has none".to_owned() } else { format!("there are {}", known.join(" ")) }
}

/// The faults that were found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<DraftFault>);

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, slip: &Slip) {
        let (pointer, reason, message) = (pointer.into(), slip.reason(), slip.to_string());
        self.0.push(DraftFault { pointer, reason, message });
    }

    pub(super) fn add_client(&mut self, pointer: String, fault: &InvalidClient) {
        self.0.push(DraftFault { pointer, reason: fault.reason(), message: fault.to_string() });
    }

    /// Whether something is wrong at `pointer` or below it.
    pub(super) fn at(&self, pointer: &str) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.0.iter().any(|fault| fault.pointer.strip_prefix(pointer).is_some_and(below))
    }

    pub(super) fn or<T>(self, value: Option<T>) -> Result<T, Vec<DraftFault>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

/// What is wrong with a key that was handed in alone.
pub(super) fn of_key(why: NotAClientKey) -> DraftFault {
    let slip = Slip::Key { why };
    DraftFault { pointer: "/key".to_owned(), reason: slip.reason(), message: slip.to_string() }
}

/// What is wrong with a client, by the places of its own members.
pub(super) fn of_client(client: &Client, catalog: &Catalog) -> Vec<DraftFault> {
    let mut faults = Faults::default();
    for (pointer, fault) in client.faults(catalog) {
        faults.add_client(pointer, &fault);
    }
    faults.0
}
