//! Which scopes, in which audience.

use super::asked::Asked;
use super::{GrantRefusal, MAX_REQUESTED_SCOPES, RefusedScope, WhyRefused};
use crate::client::{Client, ClientKind};
use chancery_catalog::{Catalog, Found, Product, Risk, ScopeEntry};
use chancery_token::scope::InvalidScope;
use chancery_token::{Scope, UnixTime};

/// The product that the token is for, and its scopes: at least one, none refused.
pub(super) struct Chosen<'c> {
    pub(super) product: &'c Product,
    pub(super) scopes: Vec<Carried<'c>>,
}

/// One scope of the token. Who asks for it by an older name gets it under both, so that a service that enforces
/// the older one still lets it pass (R13, `docs/decisions/0008-renamed-scopes.md`).
pub(super) struct Carried<'c> {
    pub(super) entry: &'c ScopeEntry,
    older: Option<Scope>,
}

impl<'c> Carried<'c> {
    pub(super) fn asked_as(found: Found<'c>) -> Self {
        // A foreign spelling is no scope, so no service can enforce it.
        Self { entry: found.entry, older: found.alias.and_then(|alias| alias.parse().ok()) }
    }

    /// The names under which the token holds it.
    pub(super) fn names(&self) -> impl Iterator<Item = &Scope> {
        std::iter::once(self.entry.scope()).chain(&self.older)
    }
}

/// Whose scopes are chosen, and when.
#[derive(Clone, Copy)]
pub(super) struct Holder<'k> {
    pub(super) client: &'k Client,
    pub(super) now: UnixTime,
}

pub(super) fn choose<'c>(
    requested: Option<&str>,
    resource: Option<&str>,
    client: &Client,
    catalog: &'c Catalog,
    now: UnixTime,
) -> Result<Chosen<'c>, GrantRefusal> {
    let eligible = eligible(resource, client, catalog)?;
    let holder = Holder { client, now };
    let chosen = match Asked::by(requested) {
        None => default_scopes(&eligible, holder)?,
        Some(requested) => requested_scopes(requested, &eligible, holder, catalog)?,
    };
    // R15: administration stands apart from data, in tokens too.
    let admin = chosen.scopes.iter().find(|carried| carried.entry.risk() == Risk::Admin);
    match admin {
        Some(admin) if chosen.scopes.iter().any(|carried| carried.entry.risk() != Risk::Admin) => {
            Err(GrantRefusal::AdminScopeMixed { scope: admin.entry.scope().to_string() })
        }
        _ => Ok(chosen),
    }
}

/// The products that the client holds a grant for, or the one of them that it names.
fn eligible<'c>(
    resource: Option<&str>,
    client: &Client,
    catalog: &'c Catalog,
) -> Result<Vec<&'c Product>, GrantRefusal> {
    let held = |product: &&Product| client.grants.iter().any(|grant| grant.audience == product.audience());
    let mut held: Vec<&Product> = catalog.products().iter().filter(held).collect();
    if let Some(resource) = resource {
        let Some(named) = held.iter().find(|product| product.audience() == resource) else {
            return Err(GrantRefusal::ResourceNotGranted { held: audiences(&held) });
        };
        held = vec![*named];
    }
    if held.is_empty() { Err(GrantRefusal::NothingGranted) } else { Ok(held) }
}

fn default_scopes<'c>(eligible: &[&'c Product], holder: Holder<'_>) -> Result<Chosen<'c>, GrantRefusal> {
    let [product] = eligible else {
        return Err(GrantRefusal::ResourceRequired { fitting: audiences(eligible) });
    };
    let held = |entry: &&ScopeEntry| entry.risk() == Risk::Read && holder.may_have(product, entry).is_ok();
    let carried = |entry| Carried { entry, older: None };
    let scopes: Vec<Carried<'c>> = product.scopes().filter(held).map(carried).collect();
    if scopes.is_empty() { Err(GrantRefusal::ScopeRequired) } else { Ok(Chosen { product, scopes }) }
}

fn requested_scopes<'c>(
    requested: Asked<'_>,
    eligible: &[&'c Product],
    holder: Holder<'_>,
    catalog: &Catalog,
) -> Result<Chosen<'c>, GrantRefusal> {
    let asked = requested.count();
    if asked > MAX_REQUESTED_SCOPES {
        return Err(GrantRefusal::TooManyScopes { asked });
    }
    let mut fitting = eligible.iter().filter_map(|product| {
        let held = |(_, text)| {
            let found = product.find(text).filter(|found| holder.may_have(product, found.entry).is_ok());
            found.map(Carried::asked_as)
        };
        let scopes = requested.each().map(held).collect::<Option<Vec<_>>>()?;
        Some(Chosen { product, scopes })
    });
    if let Some(chosen) = fitting.next() {
        let others: Vec<&Product> = fitting.map(|other| other.product).collect();
        if others.is_empty() {
            return Ok(chosen);
        }
        let fitting = audiences(std::iter::once(&chosen.product).chain(&others));
        return Err(GrantRefusal::ResourceRequired { fitting });
    }
    let refused: Vec<RefusedScope> = requested
        .each()
        .filter_map(|(at, text)| {
            Some(RefusedScope::new(text, at, why_refused(text, eligible, holder, catalog)?))
        })
        .collect();
    if refused.is_empty() {
        return Err(GrantRefusal::ScopesSpanResources);
    }
    Err(GrantRefusal::ScopesRefused { refused })
}

/// Why no eligible product yields the scope; `None` when one does.
fn why_refused(
    text: &str,
    eligible: &[&Product],
    holder: Holder<'_>,
    catalog: &Catalog,
) -> Option<WhyRefused> {
    let mut why = match catalog.find(text).next() {
        // Aliases need not be written as scopes are, so what the catalog knows is not malformed.
        Some(_) => WhyRefused::OtherResource,
        None => match text.parse::<Scope>() {
            Err(InvalidScope::Wildcard) => WhyRefused::Wildcard,
            Err(InvalidScope::Shape | InvalidScope::Character | InvalidScope::Length) => {
                WhyRefused::Malformed
            }
            Ok(_) => WhyRefused::Unknown,
        },
    };
    for product in eligible {
        if let Some(found) = product.find(text) {
            match holder.may_have(product, found.entry) {
                Ok(()) => return None,
                Err(refused) => why = refused,
            }
        }
    }
    Some(why)
}

impl Holder<'_> {
    /// Whether the client gets the scope now (R06: its grants are read again for every token).
    pub(super) fn may_have(self, product: &Product, entry: &ScopeEntry) -> Result<(), WhyRefused> {
        // Before the grants: whoever holds none must not go and ask for one.
        if entry.is_retired(self.now) {
            return Err(WhyRefused::Retired);
        }
        let covers = |grant: &crate::client::Grant| {
            grant.audience == product.audience() && entry.covered_by(&grant.scope)
        };
        if !self.client.grants.iter().any(covers) {
            return Err(WhyRefused::NotGranted);
        }
        if entry.risk() == Risk::Admin && self.client.kind != ClientKind::Admin {
            return Err(WhyRefused::AdminOnly);
        }
        // R30. A grant is not an approval, and an approval cannot be given yet.
        if entry.approval().is_some() {
            return Err(WhyRefused::ApprovalRequired);
        }
        Ok(())
    }
}

fn audiences<'p>(products: impl IntoIterator<Item = &'p &'p Product>) -> Vec<String> {
    products.into_iter().map(|product| product.audience().to_owned()).collect()
}
