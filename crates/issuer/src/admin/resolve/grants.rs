//! What a client is granted: what its template grants, and what is asked for beside or in the place of that.

use crate::admin::draft::GrantDraft;
use crate::admin::fault::{Faults, Slip};
use crate::client::{ClientKind, Grant, InvalidClient};
use chancery_catalog::{Catalog, Product, Template, TemplateGrant};
use chancery_token::{Everything, ScopePattern};

/// The grants, each with the place where it was written.
pub(in crate::admin) struct Granting {
    pub(in crate::admin) grants: Vec<Grant>,
    /// For each grant its place in the draft, `None` if it comes from the template.
    pub(in crate::admin) places: Vec<Option<usize>>,
}

impl Granting {
    pub(in crate::admin) fn read(
        drafts: &[GrantDraft],
        template: Option<&Template>,
        kind: ClientKind,
        catalog: &Catalog,
        faults: &mut Faults,
    ) -> Self {
        let suggested = template.map_or(&[][..], Template::grants);
        let mut read: Vec<(Grant, Option<usize>)> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            if let Some(grant) = grant(at, draft, suggested, kind, catalog, faults) {
                read.push((grant, Some(at)));
            }
        }
        let own = read.len();
        for suggestion in suggested {
            let scope = ScopePattern::from(suggestion.scope.clone());
            let replaced = |(grant, _): &(Grant, _)| is_of(grant, suggestion, catalog);
            if !read.iter().take(own).any(replaced) {
                let (audience, reason) = (suggestion.audience.clone(), suggestion.reason.clone());
                read.push((Grant { audience, scope, reason, unbounded: None }, None));
            }
        }
        let (grants, places) = read.into_iter().unzip();
        Self { grants, places }
    }

    /// The grants of a client as they are, each at its own place.
    pub(in crate::admin) fn as_held(grants: Vec<Grant>) -> Self {
        let places = (0..grants.len()).map(Some).collect();
        Self { grants, places }
    }
}

fn grant(
    at: usize,
    draft: &GrantDraft,
    suggested: &[TemplateGrant],
    kind: ClientKind,
    catalog: &Catalog,
    faults: &mut Faults,
) -> Option<Grant> {
    let scope = match ScopePattern::parse(&draft.scope, Everything::Refuse) {
        Ok(scope) => scope,
        Err(why) => {
            faults.add(format!("/grants/{at}/scope"), &Slip::Scope { scope: draft.scope.clone(), why });
            return None;
        }
    };
    let audience = match &draft.audience {
        Some(audience) => audience.clone(),
        None => audience(&scope, suggested, kind, catalog)
            .map_err(|slip| {
                if matches!(slip, Slip::Client { .. }) && faults.at("/kind") {
                    // Whoever mistyped the kind hears of that alone.
                    return;
                }
                let member =
                    if matches!(slip, Slip::AudienceAmbiguous { .. }) { "audience" } else { "scope" };
                faults.add(format!("/grants/{at}/{member}"), &slip);
            })
            .ok()?,
    };
    let mut grant = Grant {
        audience,
        scope,
        reason: draft.reason.clone().unwrap_or_default(),
        unbounded: draft.unbounded.clone(),
    };
    if draft.reason.is_none()
        && let Some(suggestion) = suggested.iter().find(|suggestion| is_of(&grant, suggestion, catalog))
    {
        grant.reason.clone_from(&suggestion.reason);
    }
    Some(grant)
}

/// Whether the grant is of the scope that the template suggests, by whichever name.
fn is_of(grant: &Grant, suggestion: &TemplateGrant, catalog: &Catalog) -> bool {
    let Some(scope) = grant.scope.exact() else { return false };
    let entry = catalog.product(&suggestion.audience).and_then(|product| product.find(scope.as_str()));
    grant.audience == suggestion.audience
        && entry.is_some_and(|found| *found.entry.scope() == suggestion.scope)
}

/// The one product that knows the scope. What the template means goes before what else there is; the
/// administration is meant only by an admin client.
fn audience(
    scope: &ScopePattern,
    suggested: &[TemplateGrant],
    kind: ClientKind,
    catalog: &Catalog,
) -> Result<String, Slip> {
    let meant = |product: &&Product| kind == ClientKind::Admin || !product.is_administration();
    let knows = |product: &&Product| product.scopes().any(|entry| entry.covered_by(scope));
    let known = || catalog.products().iter().filter(meant);
    let products: Vec<&Product> = known().filter(knows).collect();
    let by_template = || {
        let mut of = suggested.iter().filter(|suggestion| scope.exact().as_ref() == Some(&suggestion.scope));
        of.next().filter(|_| of.next().is_none()).map(|suggestion| suggestion.audience.clone())
    };
    match products.as_slice() {
        [product] => Ok(product.audience().to_owned()),
        [] if catalog.products().iter().any(|product| knows(&product)) => {
            Err(Slip::Client { fault: InvalidClient::AdminScope { scope: scope.to_string(), kind } })
        }
        [] => {
            let known = known().flat_map(Product::scopes).map(|entry| entry.scope().to_string());
            Err(Slip::NoSuchScope { scope: scope.to_string(), known: known.collect() })
        }
        several => by_template().ok_or_else(|| Slip::AudienceAmbiguous {
            scope: scope.to_string(),
            audiences: several.iter().map(|product| product.audience().to_owned()).collect(),
        }),
    }
}
