//! The catalog as programs read it.

use crate::catalog::Catalog;
use crate::product::{AxisKind, Product, Resource};
use crate::scope_entry::{Approval, Risk, ScopeEntry};
use crate::template::{Template, TemplateGrant};
use chancery_token::{ClientId, UnixTime};
use std::collections::BTreeMap;

/// What a catalog says, as JSON objects. Spans of time are whole seconds, instants RFC 3339; what is not set is
/// left out.
#[derive(Debug, serde::Serialize)]
pub struct CatalogView<'c> {
    /// In the order of the file, the administration last.
    pub products: Vec<ProductView<'c>>,
    /// In the order of the file.
    pub templates: Vec<TemplateView<'c>>,
}

/// One product.
#[derive(Debug, serde::Serialize)]
pub struct ProductView<'c> {
    /// Its short name.
    pub name: &'c str,
    title: &'c str,
    audience: &'c str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime_secs: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resource_servers: &'c [ClientId],
    scopes: Vec<ScopeView<'c>>,
}

#[derive(Debug, serde::Serialize)]
struct ScopeView<'c> {
    scope: &'c str,
    sentence: &'c str,
    owner: &'c str,
    risk: Risk,
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime_secs: Option<u64>,
    /// Those of its resource.
    axes: BTreeMap<&'c str, AxisKind>,
    aliases: &'c [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    sunset: Option<String>,
    retired: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<ApprovalView<'c>>,
}

#[derive(Debug, serde::Serialize)]
struct ApprovalView<'c> {
    by: &'c str,
    lapses_secs: u64,
}

/// One template.
#[derive(Debug, serde::Serialize)]
pub struct TemplateView<'c> {
    /// Its short name.
    pub name: &'c str,
    sentence: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime_secs: Option<u64>,
    grants: Vec<TemplateGrantView<'c>>,
}

#[derive(Debug, serde::Serialize)]
struct TemplateGrantView<'c> {
    audience: &'c str,
    scope: &'c str,
    reason: &'c str,
}

impl Catalog {
    /// The catalog as programs read it at `now`.
    pub fn view(&self, now: UnixTime) -> CatalogView<'_> {
        CatalogView {
            products: self.products().iter().map(|one| product(one, now)).collect(),
            templates: self.templates().iter().map(template).collect(),
        }
    }
}

fn product(product: &Product, now: UnixTime) -> ProductView<'_> {
    let scopes = product
        .resources()
        .iter()
        .flat_map(|resource| resource.scopes().map(move |entry| scope(entry, resource, now)));
    ProductView {
        name: product.name(),
        title: product.title(),
        audience: product.audience(),
        format: product.format().as_str(),
        max_lifetime_secs: product.max_lifetime().map(|span| span.as_secs()),
        resource_servers: product.resource_servers(),
        scopes: scopes.collect(),
    }
}

fn scope<'c>(entry: &'c ScopeEntry, resource: &'c Resource, now: UnixTime) -> ScopeView<'c> {
    ScopeView {
        scope: entry.scope().as_str(),
        sentence: entry.sentence(),
        owner: entry.owner(),
        risk: entry.risk(),
        docs: entry.docs(),
        max_lifetime_secs: entry.max_lifetime().map(|span| span.as_secs()),
        axes: resource.axes().iter().map(|(axis, kind)| (axis.as_str(), *kind)).collect(),
        aliases: entry.aliases(),
        sunset: entry.sunset().map(UnixTime::to_rfc3339),
        retired: entry.is_retired(now),
        approval: entry.approval().map(approval),
    }
}

fn approval(approval: &Approval) -> ApprovalView<'_> {
    ApprovalView { by: approval.by(), lapses_secs: approval.lapses().as_secs() }
}

fn template(template: &Template) -> TemplateView<'_> {
    TemplateView {
        name: template.name(),
        sentence: template.sentence(),
        lifetime_secs: template.lifetime().map(|span| span.as_secs()),
        grants: template.grants().iter().map(grant).collect(),
    }
}

fn grant(grant: &TemplateGrant) -> TemplateGrantView<'_> {
    TemplateGrantView { audience: &grant.audience, scope: grant.scope.as_str(), reason: &grant.reason }
}
