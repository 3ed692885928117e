//! The description of the API (OpenAPI 3.1), for whoever generates a client or a page from it.
//!
//! The words stand in `openapi/`; the paths come from the list of routes, so that nothing is described that is
//! not served.

use super::document::Document;
use super::router::{Route, base_path, base_url};
use chancery_catalog::{Catalog, Product};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// Where it is served, below the issuer's own path.
pub(super) const PATH: &str = "/openapi.json";

/// The path under which it knows the metadata of the administration.
pub(super) const ADMIN_METADATA: &str = "/.well-known/oauth-protected-resource/admin";

/// It changes only when an issuer is started anew.
const MAX_AGE: Duration = Duration::from_mins(5);

/// Everything but the paths.
const FRAME: &str = include_str!("openapi/frame.json");
/// What is said about each path.
const PATHS: &str = include_str!("openapi/paths.json");

/// The description of `issuer`, which answers to `routes`.
pub(super) fn document(issuer: &str, routes: &[Route], catalog: &Catalog) -> Document {
    let text = description(issuer, routes, catalog).to_string();
    Document::new(text, "application/json", MAX_AGE)
}

fn description(issuer: &str, routes: &[Route], catalog: &Catalog) -> Value {
    // Texts of ours, which the tests read; without them nothing would be described.
    let mut description: Value = serde_json::from_str(FRAME).unwrap_or_default();
    let words: Value = serde_json::from_str(PATHS).unwrap_or_default();
    let base = base_url(issuer);
    let origin = base.strip_suffix(base_path(issuer)).unwrap_or(base);
    let paths = paths(&words, routes);
    let flow = json!({
        "tokenUrl": format!("{base}/oauth2/token"),
        "scopes": scopes(catalog),
    });
    if let Value::Object(members) = &mut description {
        members.insert("servers".into(), json!([{ "url": origin }]));
        members.insert("paths".into(), paths.into());
    }
    for (at, value) in [
        ("/info/version", json!(env!("CARGO_PKG_VERSION"))),
        ("/components/securitySchemes/administrator/flows/clientCredentials", flow),
    ] {
        if let Some(place) = description.pointer_mut(at) {
            *place = value;
        }
    }
    description
}

/// What is said about each route, under the path that it has here.
fn paths(words: &Value, routes: &[Route]) -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    let mut named = HashSet::new();
    for route in routes {
        let said = words.get(&route.described);
        let Some(said) = said else { continue };
        let method = route.method.to_ascii_lowercase();
        let Some(Value::Object(operation)) = said.get(&method) else { continue };
        let mut operation = operation.clone();
        if !named.insert((&route.described, route.method)) {
            // The same thing at a second place; ids are unique (OpenAPI 3.1 section 4.8.10).
            operation.remove("operationId");
        }
        let entry = paths.entry(route.path.clone()).or_insert_with(|| {
            said.get("parameters").map_or_else(|| json!({}), |parameters| json!({ "parameters": parameters }))
        });
        if let Value::Object(entry) = entry {
            entry.insert(method, operation.into());
        }
    }
    paths
}

/// What the administration may be asked for.
fn scopes(catalog: &Catalog) -> Map<String, Value> {
    let own = catalog.products().iter().filter(|product| product.is_administration());
    let entries = own.flat_map(Product::scopes);
    entries.map(|entry| (entry.scope().to_string(), entry.sentence().into())).collect()
}
