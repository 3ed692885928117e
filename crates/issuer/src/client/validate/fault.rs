//! What can be wrong with a client.

use super::text::TextFault;
use crate::client::{ClientKind, NotAClientKey};
use crate::config::write_duration;
use crate::revocation::LONGEST_FAMILY;
use chancery_catalog::AxisKind;
use chancery_token::{ClientId, Scope, TenantId, UnixTime};
use std::time::Duration;

/// One thing that is wrong with a client. Whoever registers it corrects it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClient {
    /// An administrator whose tokens are always bound to a key: the admin API looks at no proofs, so that it would be shut
    /// out.
    #[error("the admin API takes no tokens that are bound to a key; leave DPoP optional for an admin client")]
    AdminDpop,
    /// An administrator whose name alone would open something (R15).
    #[error("an admin client proves who it is; choose secret or private_key_jwt")]
    AdminPublic,
    /// An administrator that would go on by refresh tokens, or by others: one more thing to steal, for what its own
    /// proof gets it at any time (R15).
    #[error("an admin client neither refreshes nor delegates (R15); it gets a token whenever it asks")]
    AdminStanding,
    /// A client that administers the issuer also asks for data (R15).
    #[error("an admin client holds admin scopes alone (R15); move '{scope}' to a client of its own")]
    AdminWithData {
        /// The scope.
        scope: Scope,
    },
    /// A client of another kind asks for an admin scope (R15).
    #[error(
        "'{scope}' is an admin scope, and admin scopes stand apart (R15): a client of kind {kind} cannot hold it; \
         register a client of kind admin for it, with admin scopes alone"
    )]
    AdminScope {
        /// The scope, or a pattern of such scopes alone.
        scope: String,
        /// What the client is.
        kind: ClientKind,
    },
    /// A bound on an axis that no granted resource has: it would bind nothing.
    #[error("nothing that the client is granted knows the axis '{axis}'{}; correct it or leave it out", of(.scope.as_ref()))]
    AxisUnknown {
        /// The axis.
        axis: String,
        /// The scope that the bound belongs to.
        scope: Option<Scope>,
    },
    /// A list of texts bounds amounts, or a number names.
    #[error("the axis '{axis}' takes {}", kind_of(*.takes))]
    AxisKind {
        /// The axis.
        axis: String,
        /// What it takes.
        takes: AxisKind,
    },
    /// Bounds that tokens cannot hold: stored, they could never be read again.
    #[error("the bounds cannot be written into a token: {why}")]
    Bounds {
        /// What is wrong with them.
        why: String,
    },
    /// Bounds that bound nothing, under the name of bounded.
    #[error("the client has no bounds; name some, or write that it is unbounded and why")]
    BoundsEmpty,
    /// It would delegate to itself.
    #[error("a client needs no delegation to itself; leave '{id}' out")]
    DelegateItself {
        /// The client.
        id: ClientId,
    },
    /// The same delegate twice.
    #[error("the delegate '{id}' is named twice")]
    DelegateTwice {
        /// The delegate.
        id: ClientId,
    },
    /// More delegates than [`crate::client::MAX_DELEGATES`].
    #[error("the client has {named} delegates; at most 32 may exchange its tokens")]
    Delegates {
        /// How many.
        named: usize,
    },
    /// Its end lies before its beginning (R04).
    #[error("the client would expire at {expires_at}, and it is {created_at} already; choose a later date")]
    ExpiryPast {
        /// Its end.
        expires_at: UnixTime,
        /// Its beginning.
        created_at: UnixTime,
    },
    /// The same scope is granted twice for one audience.
    #[error("'{scope}' is granted twice for {audience}; keep one, with its reason")]
    GrantTwice {
        /// The scope.
        scope: String,
        /// The audience.
        audience: String,
    },
    /// It may ask for nothing.
    #[error("the client is granted nothing; name at least one scope, with a reason")]
    GrantsEmpty,
    /// One of its keys is none.
    #[error("the key cannot be used: {why}")]
    Key {
        /// Why.
        why: NotAClientKey,
    },
    /// It is to sign who it is, and has nothing to sign with.
    #[error(
        "a client that authenticates by private_key_jwt has at least one key; give its public key, as a JWK"
    )]
    KeyMissing,
    /// The same key twice.
    #[error("the key '{kid}' is given twice")]
    KeyTwice {
        /// Its thumbprint.
        kid: String,
    },
    /// More keys than [`crate::client::MAX_KEYS`].
    #[error("the client has {held} keys; at most two may be live")]
    Keys {
        /// How many.
        held: usize,
    },
    /// Its tokens would live too long, or not at all.
    #[error("tokens of a client of kind {kind} live 1s to {}; {} is not that", write_duration(.kind.longest_lifetime()), write_duration(*.lifetime))]
    Lifetime {
        /// What the client is.
        kind: ClientKind,
        /// What was asked for.
        lifetime: Duration,
    },
    /// None, or more than [`crate::client::MOST_FAMILIES`].
    #[error("a client has 1 to 1024 live families in each tenant; {most} is not that")]
    MostFamilies {
        /// How many were asked for.
        most: u32,
    },
    /// No product has this audience.
    #[error("no product has the audience '{audience}'; see `catalog` for those there are")]
    NoSuchAudience {
        /// The audience.
        audience: String,
    },
    /// The product knows no such scope, or none that the pattern covers.
    #[error("{audience} has no scope '{scope}'; see `catalog` for those there are")]
    NoSuchScope {
        /// The scope or pattern.
        scope: String,
        /// The audience.
        audience: String,
    },
    /// A client of another kind serves the operator's own tenant: it would reach what administrators reach.
    #[error("the tenant '{tenant}' is the operator's own; a client of kind {kind} cannot serve it")]
    OperatorTenant {
        /// The tenant.
        tenant: TenantId,
        /// What the client is.
        kind: ClientKind,
    },
    /// It proves nothing, and holds what it would prove it with.
    #[error("a public client proves nothing; take its secrets and keys away, or choose how it authenticates")]
    PublicWithProof,
    /// It proves nothing, and so may only go on with what it was given: there is nothing.
    #[error("a public client can do nothing but refresh; say that it does, or choose how it authenticates")]
    PublicWithoutRefresh,
    /// Its families would end before they began, or live on when what can end them is forgotten.
    #[error(
        "a family lives at most {}, and as long as it may lie unused at least; {} is not that",
        write_duration(LONGEST_FAMILY),
        write_duration(*.absolute)
    )]
    RefreshAbsolute {
        /// What was asked for.
        absolute: Duration,
    },
    /// Its families would end while it still uses a token.
    #[error(
        "a family may lie unused for longer than its tokens live, {}; {} is not that",
        write_duration(*.lifetime),
        write_duration(*.idle)
    )]
    RefreshIdle {
        /// What was asked for.
        idle: Duration,
        /// The lifetime of its access tokens.
        lifetime: Duration,
    },
    /// A replay is to be refused only, and nobody proves that they are not the thief.
    #[error("a public client without DPoP cannot tell a thief apart; require DPoP, or let a replay revoke")]
    ReplayUnproven,
    /// What is granted is retired (R13).
    #[error("'{scope}' is retired; grant what took its place")]
    ScopeRetired {
        /// The scope or pattern.
        scope: String,
    },
    /// The client is bounded, and none of its bounds reaches the records of this scope (R22).
    #[error(
        "none of the client's bounds reaches the records of '{scope}'; say why the scope is unbounded, or bound it on an axis that it has"
    )]
    ScopeUnbounded {
        /// The scope.
        scope: Scope,
    },
    /// A reason for a scope without bounds, where the bounds do reach, or where nothing is bounded (R22).
    #[error("'{scope}' needs no reason for being unbounded: {why}; leave it out")]
    ScopeUnboundedNeedless {
        /// The scope or pattern.
        scope: String,
        /// Why it needs none.
        why: &'static str,
    },
    /// More secrets than [`crate::client::MAX_SECRETS`].
    #[error("the client has {held} secrets; at most two may be live")]
    Secrets {
        /// How many.
        held: usize,
    },
    /// The same tenant twice.
    #[error("the tenant '{tenant}' is named twice")]
    TenantTwice {
        /// The tenant.
        tenant: TenantId,
    },
    /// No tenant.
    #[error("the client has no tenant; name at least one")]
    TenantsEmpty,
    /// A text that people must be able to read is not one (R03, R04).
    #[error("{what} {fault}")]
    Text {
        /// Which one.
        what: String,
        /// What is wrong with it.
        fault: TextFault,
    },
}

impl InvalidClient {
    /// Stable name for answers and logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AdminPublic => "admin_public",
            Self::AdminDpop => "admin_dpop",
            Self::AdminStanding => "admin_standing",
            Self::AdminWithData { .. } => "admin_with_data",
            Self::AdminScope { .. } => "admin_scope",
            Self::AxisUnknown { .. } => "axis_unknown",
            Self::AxisKind { .. } => "axis_kind",
            Self::Bounds { .. } => "bounds_unreadable",
            Self::BoundsEmpty => "bounds_empty",
            Self::DelegateItself { .. } => "delegate_itself",
            Self::DelegateTwice { .. } => "delegate_twice",
            Self::Delegates { .. } => "too_many_delegates",
            Self::ExpiryPast { .. } => "expiry_past",
            Self::GrantTwice { .. } => "grant_twice",
            Self::GrantsEmpty => "grants_empty",
            Self::Key { why } => why.reason(),
            Self::KeyMissing => "key_missing",
            Self::KeyTwice { .. } => "key_twice",
            Self::Keys { .. } => "too_many_keys",
            Self::Lifetime { .. } => "lifetime",
            Self::MostFamilies { .. } => "most_families",
            Self::NoSuchAudience { .. } => "no_such_audience",
            Self::NoSuchScope { .. } => "no_such_scope",
            Self::OperatorTenant { .. } => "operator_tenant",
            Self::PublicWithProof => "public_with_proof",
            Self::PublicWithoutRefresh => "public_without_refresh",
            Self::RefreshAbsolute { .. } => "refresh_absolute",
            Self::RefreshIdle { .. } => "refresh_idle",
            Self::ReplayUnproven => "replay_unproven",
            Self::ScopeRetired { .. } => "scope_retired",
            Self::ScopeUnbounded { .. } => "scope_unbounded",
            Self::ScopeUnboundedNeedless { .. } => "scope_unbounded_needless",
            Self::Secrets { .. } => "too_many_secrets",
            Self::TenantTwice { .. } => "tenant_twice",
            Self::TenantsEmpty => "tenants_empty",
            Self::Text { .. } => "text",
        }
    }
}

fn of(scope: Option<&Scope>) -> String {
    scope.map_or_else(String::new, |scope| format!(" under '{scope}'"))
}

const fn kind_of(kind: AxisKind) -> &'static str {
    match kind {
        AxisKind::Number => "a whole number, the largest amount allowed",
        AxisKind::Text => "a list of texts, each exact or with '*' at its end",
    }
}
