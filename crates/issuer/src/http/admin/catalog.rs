//! `/admin/v1/catalog`: what may be granted, with everything that the catalog says about it.

use super::caller::Caller;
use super::query::NoQuery;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use chancery_catalog::{Approval, AxisKind, Catalog, Product, Risk, ScopeEntry, Template};
use chancery_token::{Format, Scope, UnixTime};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize)]
struct CatalogView<'c> {
    products: Vec<ProductView<'c>>,
    templates: Vec<TemplateView<'c>>,
}

#[derive(Serialize)]
struct ProductView<'c> {
    name: &'c str,
    title: &'c str,
    audience: &'c str,
    format: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime_secs: Option<u64>,
    scopes: Vec<ScopeView<'c>>,
}

#[derive(Serialize)]
struct ScopeView<'c> {
    scope: &'c Scope,
    sentence: &'c str,
    owner: &'c str,
    risk: Risk,
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime_secs: Option<u64>,
    /// The axes of its resource, and what each takes.
    axes: BTreeMap<&'c str, AxisKind>,
    aliases: &'c [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    sunset: Option<String>,
    retired: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<ApprovalView<'c>>,
}

#[derive(Serialize)]
struct ApprovalView<'c> {
    by: &'c str,
    lapses_secs: u64,
}

#[derive(Serialize)]
struct TemplateView<'c> {
    name: &'c str,
    sentence: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime_secs: Option<u64>,
    grants: Vec<TemplateGrantView<'c>>,
}

#[derive(Serialize)]
struct TemplateGrantView<'c> {
    audience: &'c str,
    scope: &'c Scope,
    reason: &'c str,
}

/// Handles `GET /admin/v1/catalog`.
pub(super) async fn show(
    State(issuer): State<Arc<Issuer>>,
    _: Caller,
    _: NoQuery,
) -> Json<serde_json::Value> {
    Json(serde_json::json!(view(issuer.catalog(), issuer.now())))
}

fn view(catalog: &Catalog, now: UnixTime) -> CatalogView<'_> {
    CatalogView {
        products: catalog.products().iter().map(|product| product_view(product, now)).collect(),
        templates: catalog.templates().iter().map(template_view).collect(),
    }
}

fn product_view(product: &Product, now: UnixTime) -> ProductView<'_> {
    let scopes = product.resources().iter().flat_map(|resource| {
        let axes: BTreeMap<&str, AxisKind> =
            resource.axes().iter().map(|(axis, kind)| (axis.as_str(), *kind)).collect();
        resource.scopes().map(move |entry| scope_view(entry, axes.clone(), now))
    });
    ProductView {
        name: product.name(),
        title: product.title(),
        audience: product.audience(),
        format: product.format(),
        max_lifetime_secs: product.max_lifetime().map(|span| span.as_secs()),
        scopes: scopes.collect(),
    }
}

fn scope_view<'c>(entry: &'c ScopeEntry, axes: BTreeMap<&'c str, AxisKind>, now: UnixTime) -> ScopeView<'c> {
    let approval =
        |approval: &'c Approval| ApprovalView { by: approval.by(), lapses_secs: approval.lapses().as_secs() };
    ScopeView {
        scope: entry.scope(),
        sentence: entry.sentence(),
        owner: entry.owner(),
        risk: entry.risk(),
        docs: entry.docs(),
        max_lifetime_secs: entry.max_lifetime().map(|span| span.as_secs()),
        axes,
        aliases: entry.aliases(),
        sunset: entry.sunset().map(UnixTime::to_rfc3339),
        retired: entry.is_retired(now),
        approval: entry.approval().map(approval),
    }
}

fn template_view(template: &Template) -> TemplateView<'_> {
    let grants = template.grants().iter().map(|grant| TemplateGrantView {
        audience: &grant.audience,
        scope: &grant.scope,
        reason: &grant.reason,
    });
    TemplateView {
        name: template.name(),
        sentence: template.sentence(),
        lifetime_secs: template.lifetime().map(|span| span.as_secs()),
        grants: grants.collect(),
    }
}
