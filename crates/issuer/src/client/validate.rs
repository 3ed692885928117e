//! What a client must be before it is stored. One place, and every fault at once.

mod fault;
mod pointer;
mod proof;
mod standing;
mod text;

pub use fault::InvalidClient;
pub(crate) use pointer::escape;
pub use text::TextFault;
pub(crate) use text::check_text;

use super::{Client, ClientKind, Grant, OPERATOR_TENANT, Reach};
use chancery_catalog::{AxisKind, Catalog, Product, Risk, ScopeEntry};
use chancery_token::Bounds;
use chancery_token::bounds::Bound;

/// The faults found so far, each with its place: a JSON pointer (RFC 6901) into the record.
type Faults = Vec<(String, InvalidClient)>;

/// A scope that a client is granted today, and the place of its grant.
struct Granted<'c> {
    at: usize,
    product: &'c Product,
    entry: &'c ScopeEntry,
}

impl Client {
    /// Answers the client if it may be stored, else all that is wrong with it. Whether a scope is retired is judged
    /// by the time when the client was made: who held it before keeps what it is worth.
    pub fn validate(self, catalog: &Catalog) -> Result<Self, Vec<InvalidClient>> {
        let faults = self.faults(catalog);
        if faults.is_empty() { Ok(self) } else { Err(faults.into_iter().map(|(_, fault)| fault).collect()) }
    }

    /// All that is wrong with it, each with its place.
    pub(crate) fn faults(&self, catalog: &Catalog) -> Faults {
        let mut faults = Vec::new();
        self.check_texts(&mut faults);
        self.check_life(&mut faults);
        self.check_tenants(&mut faults);
        let granted = self.check_grants(catalog, &mut faults);
        self.check_reach(&granted, &mut faults);
        self.check_proof(&mut faults);
        self.check_standing(&mut faults);
        faults
    }

    fn check_texts(&self, faults: &mut Faults) {
        let mut check = |pointer: String, what: String, text: &str| {
            if let Err(fault) = check_text(text) {
                faults.push((pointer, InvalidClient::Text { what, fault }));
            }
        };
        check("/name".into(), "the client's name".into(), &self.name);
        check("/purpose".into(), "the client's purpose".into(), &self.purpose);
        check("/owner".into(), "the client's owner".into(), &self.owner);
        for (at, Grant { scope, reason, unbounded, .. }) in self.grants.iter().enumerate() {
            check(format!("/grants/{at}/reason"), format!("the reason for '{scope}'"), reason);
            if let Some(unbounded) = unbounded {
                let what = format!("the reason why '{scope}' is unbounded");
                check(format!("/grants/{at}/unbounded"), what, unbounded);
            }
        }
        if let Reach::Unbounded { reason } = &self.reach {
            check("/unbounded".into(), "the reason for being unbounded".into(), reason);
        }
    }

    fn check_life(&self, faults: &mut Faults) {
        let (created_at, expires_at) = (self.created_at, self.expires_at);
        if expires_at <= created_at {
            faults.push(("/expires_at".into(), InvalidClient::ExpiryPast { expires_at, created_at }));
        }
        let (kind, lifetime) = (self.kind, self.lifetime);
        if lifetime.as_secs() == 0 || lifetime > kind.longest_lifetime() {
            faults.push(("/lifetime_secs".into(), InvalidClient::Lifetime { kind, lifetime }));
        }
    }

    fn check_tenants(&self, faults: &mut Faults) {
        if self.tenants.is_empty() {
            faults.push(("/tenants".into(), InvalidClient::TenantsEmpty));
        }
        for (at, tenant) in self.tenants.iter().enumerate() {
            let tenant = || tenant.clone();
            if self.tenants.iter().take(at).any(|earlier| *earlier == tenant()) {
                faults.push((format!("/tenants/{at}"), InvalidClient::TenantTwice { tenant: tenant() }));
            } else if tenant().as_str() == OPERATOR_TENANT && self.kind != ClientKind::Admin {
                let fault = InvalidClient::OperatorTenant { tenant: tenant(), kind: self.kind };
                faults.push((format!("/tenants/{at}"), fault));
            }
        }
    }

    /// Checks the grants; answers the scopes that they amount to today.
    fn check_grants<'c>(&self, catalog: &'c Catalog, faults: &mut Faults) -> Vec<Granted<'c>> {
        if self.grants.is_empty() {
            faults.push(("/grants".into(), InvalidClient::GrantsEmpty));
        }
        let mut granted = Vec::new();
        for (at, grant) in self.grants.iter().enumerate() {
            let (scope, audience) = (grant.scope.to_string(), grant.audience.clone());
            let here = || format!("/grants/{at}/scope");
            let same = |earlier: &&Grant| earlier.audience == audience && earlier.scope == grant.scope;
            if self.grants.iter().take(at).any(|earlier| same(&earlier)) {
                faults.push((here(), InvalidClient::GrantTwice { scope, audience }));
                continue;
            }
            let Some(product) = catalog.product(&audience) else {
                faults.push((format!("/grants/{at}/audience"), InvalidClient::NoSuchAudience { audience }));
                continue;
            };
            let covered: Vec<&ScopeEntry> =
                product.scopes().filter(|entry| entry.covered_by(&grant.scope)).collect();
            if covered.is_empty() {
                faults.push((here(), InvalidClient::NoSuchScope { scope, audience }));
            } else if covered.iter().all(|entry| entry.is_retired(self.created_at)) {
                faults.push((here(), InvalidClient::ScopeRetired { scope }));
            }
            faults.extend(covered.iter().filter_map(|entry| Some((here(), self.misplaced(entry)?))));
            granted.extend(covered.into_iter().map(|entry| Granted { at, product, entry }));
        }
        granted
    }

    /// R15: admin scopes stand apart.
    fn misplaced(&self, entry: &ScopeEntry) -> Option<InvalidClient> {
        match (self.kind, entry.risk()) {
            (ClientKind::Admin, Risk::Admin) => None,
            (ClientKind::Admin, _) => Some(InvalidClient::AdminWithData { scope: entry.scope().clone() }),
            (kind, Risk::Admin) => Some(InvalidClient::AdminScope { scope: entry.scope().to_string(), kind }),
            _ => None,
        }
    }

    fn check_reach(&self, granted: &[Granted<'_>], faults: &mut Faults) {
        let bounds = match &self.reach {
            Reach::Bounded(bounds) if bounds.is_empty() => {
                faults.push(("/bounds".into(), InvalidClient::BoundsEmpty));
                return;
            }
            Reach::Bounded(bounds) => bounds,
            Reach::Unbounded { .. } => {
                self.check_needless(faults, |_| Some("the client is unbounded as a whole"));
                return;
            }
        };
        if !check_bounds(bounds, granted, faults) {
            // Whoever mistyped an axis hears of that alone, and not of every scope that it leaves without a bound.
            return;
        }
        let of = |at: usize| granted.iter().filter(move |granted| granted.at == at);
        for (at, _) in self.grants.iter().enumerate().filter(|(_, grant)| grant.unbounded.is_none()) {
            for granted in of(at).filter(|granted| !granted.is_reached(bounds)) {
                let fault = InvalidClient::ScopeUnbounded { scope: granted.entry.scope().clone() };
                faults.push((format!("/grants/{at}/unbounded"), fault));
            }
        }
        // A grant of nothing is told already.
        let reached = |at| of(at).next().is_some() && of(at).all(|granted| granted.is_reached(bounds));
        self.check_needless(faults, |at| reached(at).then_some("the client's bounds reach its records"));
    }

    /// A reason that nothing needs would make readers believe in a gap that is not there.
    fn check_needless(&self, faults: &mut Faults, why: impl Fn(usize) -> Option<&'static str>) {
        for (at, grant) in self.grants.iter().enumerate().filter(|(_, grant)| grant.unbounded.is_some()) {
            if let Some(why) = why(at) {
                let fault = InvalidClient::ScopeUnboundedNeedless { scope: grant.scope.to_string(), why };
                faults.push((format!("/grants/{at}/unbounded"), fault));
            }
        }
    }
}

impl Granted<'_> {
    fn axis(&self, axis: &chancery_token::bounds::Axis) -> Option<AxisKind> {
        self.product.resource(self.entry.scope().resource())?.axis(axis)
    }

    /// Whether at least one bound that holds with the scope is on an axis that its records have.
    fn is_reached(&self, bounds: &Bounds) -> bool {
        bounds.iter().any(|(scope, axis, _)| {
            scope.is_none_or(|scope| self.entry.is_called(scope)) && self.axis(axis).is_some()
        })
    }
}

/// A bound on an axis that nothing has would be dropped where tokens are made: whoever wrote it would believe in
/// a limit that is not there. Answers whether every axis is known.
fn check_bounds(bounds: &Bounds, granted: &[Granted<'_>], faults: &mut Faults) -> bool {
    let mut all_known = true;
    let read_again = serde_json::to_value(bounds).and_then(serde_json::from_value::<Bounds>);
    if let Err(why) = read_again {
        faults.push(("/bounds".into(), InvalidClient::Bounds { why: why.to_string() }));
    }
    for (scope, axis, bound) in bounds.iter() {
        let here = || pointer::bound(scope, axis);
        let meant = granted.iter().filter(|granted| scope.is_none_or(|scope| granted.entry.is_called(scope)));
        let kinds: Vec<AxisKind> = meant.filter_map(|granted| granted.axis(axis)).collect();
        if kinds.is_empty() {
            all_known = false;
            let fault = InvalidClient::AxisUnknown { axis: axis.to_string(), scope: scope.cloned() };
            faults.push((here(), fault));
        }
        let fits = |kind: &AxisKind| {
            matches!((kind, bound), (AxisKind::Number, Bound::AtMost(_)) | (AxisKind::Text, Bound::AnyOf(_)))
        };
        if let Some(takes) = kinds.into_iter().find(|kind| !fits(kind)) {
            faults.push((here(), InvalidClient::AxisKind { axis: axis.to_string(), takes }));
        }
    }
    all_known
}

#[cfg(test)]
mod tests;
