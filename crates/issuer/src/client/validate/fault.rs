//! What can be wrong with a client.

use super::text::TextFault;
use crate::client::ClientKind;
use crate::config::write_duration;
use chancery_catalog::AxisKind;
use chancery_token::{Scope, TenantId, UnixTime};
use std::time::Duration;

/// One thing that is wrong with a client. Whoever registers it corrects it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClient {
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
    /// Its tokens would live too long, or not at all.
    #[error("tokens of a client of kind {kind} live 1s to {}; {} is not that", write_duration(.kind.longest_lifetime()), write_duration(*.lifetime))]
    Lifetime {
        /// What the client is.
        kind: ClientKind,
        /// What was asked for.
        lifetime: Duration,
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
            Self::AdminWithData { .. } => "admin_with_data",
            Self::AdminScope { .. } => "admin_scope",
            Self::AxisUnknown { .. } => "axis_unknown",
            Self::AxisKind { .. } => "axis_kind",
            Self::Bounds { .. } => "bounds_unreadable",
            Self::BoundsEmpty => "bounds_empty",
            Self::ExpiryPast { .. } => "expiry_past",
            Self::GrantTwice { .. } => "grant_twice",
            Self::GrantsEmpty => "grants_empty",
            Self::Lifetime { .. } => "lifetime",
            Self::NoSuchAudience { .. } => "no_such_audience",
            Self::NoSuchScope { .. } => "no_such_scope",
            Self::OperatorTenant { .. } => "operator_tenant",
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
