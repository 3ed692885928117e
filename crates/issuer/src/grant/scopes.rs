//! Which scopes, in which audience.

use super::{GrantRefusal, MAX_REQUESTED_SCOPES, RefusedScope, WhyRefused};
use crate::client::{Client, ClientKind};
use chancery_catalog::{Catalog, Product, Risk, ScopeEntry};
use chancery_token::Scope;
use chancery_token::scope::InvalidScope;

/// The product that the token is for, and its scopes: at least one, none refused.
pub(super) struct Chosen<'c> {
    pub(super) product: &'c Product,
    pub(super) scopes: Vec<&'c ScopeEntry>,
}

pub(super) fn choose<'c>(
    requested: Option<&str>,
    resource: Option<&str>,
    client: &Client,
    catalog: &'c Catalog,
) -> Result<Chosen<'c>, GrantRefusal> {
    let eligible = eligible(resource, client, catalog)?;
    let chosen = match requested {
        None => default_scopes(&eligible, client)?,
        Some(requested) => requested_scopes(requested, &eligible, client, catalog)?,
    };
    // R15: administration stands apart from data, in tokens too.
    let admin = chosen.scopes.iter().find(|entry| entry.risk() == Risk::Admin);
    match admin {
        Some(admin) if chosen.scopes.iter().any(|entry| entry.risk() != Risk::Admin) => {
            Err(GrantRefusal::AdminScopeMixed { scope: admin.scope().to_string() })
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

fn default_scopes<'c>(eligible: &[&'c Product], client: &Client) -> Result<Chosen<'c>, GrantRefusal> {
    let [product] = eligible else {
        return Err(GrantRefusal::ResourceRequired { fitting: audiences(eligible) });
    };
    let held = |entry: &&ScopeEntry| entry.risk() == Risk::Read && holds(client, product, entry).is_ok();
    let scopes: Vec<&ScopeEntry> = product.scopes().filter(held).collect();
    if scopes.is_empty() { Err(GrantRefusal::ScopeRequired) } else { Ok(Chosen { product, scopes }) }
}

fn requested_scopes<'c>(
    requested: &str,
    eligible: &[&'c Product],
    client: &Client,
    catalog: &Catalog,
) -> Result<Chosen<'c>, GrantRefusal> {
    let asked = requested.split(' ').count();
    if asked > MAX_REQUESTED_SCOPES {
        return Err(GrantRefusal::TooManyScopes { asked });
    }
    let mut fitting = eligible.iter().filter_map(|product| {
        let held = |text| product.scope(text).filter(|entry| holds(client, product, entry).is_ok());
        let scopes = requested.split(' ').map(held).collect::<Option<Vec<_>>>()?;
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
        .split(' ')
        .enumerate()
        .filter_map(|(at, text)| {
            Some(RefusedScope::new(text, at, why_refused(text, eligible, client, catalog)?))
        })
        .collect();
    if refused.is_empty() {
        return Err(GrantRefusal::ScopesSpanResources);
    }
    Err(GrantRefusal::ScopesRefused { refused })
}

/// Why no eligible product yields the scope; `None` when one does.
fn why_refused(text: &str, eligible: &[&Product], client: &Client, catalog: &Catalog) -> Option<WhyRefused> {
    match text.parse::<Scope>() {
        Err(InvalidScope::Wildcard) => return Some(WhyRefused::Wildcard),
        Err(InvalidScope::Shape | InvalidScope::Character | InvalidScope::Length) => {
            return Some(WhyRefused::Malformed);
        }
        Ok(_) => {}
    }
    let elsewhere = catalog.scope(text).next().map(|_| WhyRefused::OtherResource);
    let mut why = elsewhere.unwrap_or(WhyRefused::Unknown);
    for product in eligible {
        if let Some(entry) = product.scope(text) {
            match holds(client, product, entry) {
                Ok(()) => return None,
                Err(refused) => why = refused,
            }
        }
    }
    Some(why)
}

/// Whether the client holds the scope now (R06: its grants are read again for every token).
fn holds(client: &Client, product: &Product, entry: &ScopeEntry) -> Result<(), WhyRefused> {
    let covers = |grant: &crate::client::Grant| {
        grant.audience == product.audience() && grant.scope.covers(entry.scope())
    };
    if !client.grants.iter().any(covers) {
        return Err(WhyRefused::NotGranted);
    }
    if entry.risk() == Risk::Admin && client.kind != ClientKind::Admin {
        return Err(WhyRefused::AdminOnly);
    }
    Ok(())
}

fn audiences<'p>(products: impl IntoIterator<Item = &'p &'p Product>) -> Vec<String> {
    products.into_iter().map(|product| product.audience().to_owned()).collect()
}
