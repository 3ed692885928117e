//! What a client must be before it is stored. One place, and every fault at once.

use super::{Client, ClientKind, MAX_SECRETS, Reach};
use crate::config::write_duration;
use chancery_catalog::{AxisKind, Catalog, Product, Risk, ScopeEntry};
use chancery_token::bounds::Bound;
use chancery_token::{Bounds, Scope, TenantId, UnixTime};
use std::time::Duration;

/// Longest name, purpose, owner or reason, in characters: one sentence of a patient person.
const MAX_TEXT: usize = 500;

/// One thing that is wrong with a client. Whoever registers it corrects it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClient {
    /// A client that administers the issuer also asks for data (R15).
    #[error("an admin client holds admin scopes alone; move '{scope}' to a client of its own")]
    AdminWithData {
        /// The scope.
        scope: Scope,
    },
    /// A client of another kind asks for an admin scope (R15).
    #[error("'{scope}' is an admin scope; only a client of kind admin may hold it, not one of kind {kind}")]
    AdminScope {
        /// The scope.
        scope: Scope,
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
    /// More secrets than [`MAX_SECRETS`].
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

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing, or nothing but spaces.
    #[error("is missing; write one sentence")]
    Blank,
    /// A control character, such as a line break.
    #[error("holds a line break or another control character; write one line")]
    Control,
    /// Too long.
    #[error("is longer than 500 characters; write one sentence")]
    Long,
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

impl Client {
    /// Answers the client if it may be stored, else all that is wrong with it.
    pub fn validate(self, catalog: &Catalog) -> Result<Self, Vec<InvalidClient>> {
        let mut faults = Vec::new();
        self.check_texts(&mut faults);
        self.check_life(&mut faults);
        self.check_tenants(&mut faults);
        let granted = self.check_grants(catalog, &mut faults);
        match &self.reach {
            Reach::Bounded(bounds) if bounds.is_empty() => faults.push(InvalidClient::BoundsEmpty),
            Reach::Bounded(bounds) => check_bounds(bounds, &granted, &mut faults),
            Reach::Unbounded { .. } => {}
        }
        if self.secrets.len() > MAX_SECRETS {
            faults.push(InvalidClient::Secrets { held: self.secrets.len() });
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    fn check_texts(&self, faults: &mut Vec<InvalidClient>) {
        let mut check = |what: String, text: &str| {
            if let Err(fault) = check_text(text) {
                faults.push(InvalidClient::Text { what, fault });
            }
        };
        check("the client's name".into(), &self.name);
        check("the client's purpose".into(), &self.purpose);
        check("the client's owner".into(), &self.owner);
        for grant in &self.grants {
            check(format!("the reason for '{}'", grant.scope), &grant.reason);
        }
        if let Reach::Unbounded { reason } = &self.reach {
            check("the reason for being unbounded".into(), reason);
        }
    }

    fn check_life(&self, faults: &mut Vec<InvalidClient>) {
        let (created_at, expires_at) = (self.created_at, self.expires_at);
        if expires_at <= created_at {
            faults.push(InvalidClient::ExpiryPast { expires_at, created_at });
        }
        let (kind, lifetime) = (self.kind, self.lifetime);
        if lifetime.as_secs() == 0 || lifetime > kind.longest_lifetime() {
            faults.push(InvalidClient::Lifetime { kind, lifetime });
        }
    }

    fn check_tenants(&self, faults: &mut Vec<InvalidClient>) {
        if self.tenants.is_empty() {
            faults.push(InvalidClient::TenantsEmpty);
        }
        for (at, tenant) in self.tenants.iter().enumerate() {
            if self.tenants.iter().take(at).any(|earlier| earlier == tenant) {
                faults.push(InvalidClient::TenantTwice { tenant: tenant.clone() });
            }
        }
    }

    /// Checks the grants; answers the scopes that they amount to today.
    fn check_grants<'c>(
        &self,
        catalog: &'c Catalog,
        faults: &mut Vec<InvalidClient>,
    ) -> Vec<(&'c Product, &'c ScopeEntry)> {
        if self.grants.is_empty() {
            faults.push(InvalidClient::GrantsEmpty);
        }
        let mut granted = Vec::new();
        for (at, grant) in self.grants.iter().enumerate() {
            let (scope, audience) = (grant.scope.to_string(), grant.audience.clone());
            let same = |earlier: &&super::Grant| earlier.audience == audience && earlier.scope == grant.scope;
            if self.grants.iter().take(at).any(|earlier| same(&earlier)) {
                faults.push(InvalidClient::GrantTwice { scope, audience });
                continue;
            }
            let Some(product) = catalog.product(&audience) else {
                faults.push(InvalidClient::NoSuchAudience { audience });
                continue;
            };
            let before = granted.len();
            let covered = product.scopes().filter(|entry| grant.scope.covers(entry.scope()));
            granted.extend(covered.map(|entry| (product, entry)));
            let covered = granted.get(before..).unwrap_or_default();
            if covered.is_empty() {
                faults.push(InvalidClient::NoSuchScope { scope, audience });
            }
            faults.extend(covered.iter().filter_map(|(_, entry)| self.misplaced(entry)));
        }
        granted
    }

    /// R15: admin scopes stand apart.
    fn misplaced(&self, entry: &ScopeEntry) -> Option<InvalidClient> {
        let scope = || entry.scope().clone();
        match (self.kind, entry.risk()) {
            (ClientKind::Admin, Risk::Admin) => None,
            (ClientKind::Admin, _) => Some(InvalidClient::AdminWithData { scope: scope() }),
            (kind, Risk::Admin) => Some(InvalidClient::AdminScope { scope: scope(), kind }),
            _ => None,
        }
    }
}

/// A bound on an axis that nothing has would be dropped where tokens are made: whoever wrote it would believe in
/// a limit that is not there.
fn check_bounds(bounds: &Bounds, granted: &[(&Product, &ScopeEntry)], faults: &mut Vec<InvalidClient>) {
    let read_again = serde_json::to_value(bounds).and_then(serde_json::from_value::<Bounds>);
    if let Err(why) = read_again {
        faults.push(InvalidClient::Bounds { why: why.to_string() });
    }
    for (scope, axis, bound) in bounds.iter() {
        let meant = granted.iter().filter(|(_, entry)| scope.is_none_or(|scope| scope == entry.scope()));
        let resources = meant.filter_map(|(product, entry)| product.resource(entry.scope().resource()));
        let kinds: Vec<AxisKind> = resources.filter_map(|resource| resource.axis(axis)).collect();
        if kinds.is_empty() {
            faults.push(InvalidClient::AxisUnknown { axis: axis.to_string(), scope: scope.cloned() });
        }
        let fits = |kind: &AxisKind| {
            matches!((kind, bound), (AxisKind::Number, Bound::AtMost(_)) | (AxisKind::Text, Bound::AnyOf(_)))
        };
        if let Some(takes) = kinds.into_iter().find(|kind| !fits(kind)) {
            faults.push(InvalidClient::AxisKind { axis: axis.to_string(), takes });
        }
    }
}

fn check_text(text: &str) -> Result<(), TextFault> {
    if text.trim().is_empty() {
        Err(TextFault::Blank)
    } else if text.chars().count() > MAX_TEXT {
        Err(TextFault::Long)
    } else if text.chars().any(char::is_control) {
        Err(TextFault::Control)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
