//! The product that every issuer has: the administration of itself.

use crate::product::{AxisKind, Product, Resource};
use crate::read::ADMIN_LIFETIME;
use crate::reserved::ADMIN_PRODUCT;
use crate::scope_entry::{Risk, ScopeEntry};
use chancery_token::{Format, Scope, scope};

/// Its scopes, by resource. Clients and their secrets can be bounded by owner and audience, so that a team or a
/// product has administrators of its own (`docs/decisions/0007-operator-tenant.md`).
const CLIENTS: [(Scope, &str); 4] = [
    (scope!("clients:read"), "Can view clients and the catalog."),
    (scope!("clients:create"), "Can register clients and sees the first secret of each."),
    (scope!("clients:update"), "Can change what clients are, hold and reach, and switch them on again."),
    (scope!("clients:disable"), "Can switch clients off."),
];
const SECRETS: [(Scope, &str); 2] = [
    (scope!("secrets:create"), "Can give a client a second secret, and sees it, or a second key."),
    (scope!("secrets:delete"), "Can take a secret or a key away from a client."),
];
const KEYS: [(Scope, &str); 2] = [
    (scope!("keys:read"), "Can view the public half and the state of the signing keys."),
    (scope!("keys:rotate"), "Can put new signing keys in the place of those in use."),
];
const REVOCATIONS: [(Scope, &str); 2] = [
    (
        scope!("revocations:read"),
        "Can view the state of the revocation log, and which verifiers have applied it.",
    ),
    (
        scope!("revocations:create"),
        "Can revoke tokens: single ones, and all that a client or a tenant has out.",
    ),
];

/// The administration whose audience is `audience`.
pub(crate) fn product(audience: String) -> Product {
    Product {
        name: ADMIN_PRODUCT.to_owned(),
        title: "Chancery".to_owned(),
        audience,
        format: Format::Jwt,
        algorithm: None,
        max_lifetime: Some(ADMIN_LIFETIME),
        resource_servers: Vec::new(),
        resources: vec![
            resource("clients", &["owner", "audience"], &CLIENTS),
            resource("secrets", &["owner", "audience"], &SECRETS),
            resource("keys", &[], &KEYS),
            resource("revocations", &["owner", "audience"], &REVOCATIONS),
        ],
        exceptions: Vec::new(),
        line: 0,
        audience_line: 0,
    }
}

fn resource(name: &str, axes: &[&str], scopes: &[(Scope, &str)]) -> Resource {
    let axes = axes.iter().filter_map(|axis| Some((axis.parse().ok()?, AxisKind::Text)));
    Resource {
        name: name.to_owned(),
        axes: axes.collect(),
        scopes: scopes.iter().map(entry).collect(),
        line: 0,
    }
}

fn entry((scope, sentence): &(Scope, &str)) -> ScopeEntry {
    ScopeEntry {
        scope: scope.clone(),
        sentence: (*sentence).to_owned(),
        owner: ADMIN_PRODUCT.to_owned(),
        risk: Risk::Admin,
        docs: None,
        max_lifetime: Some(ADMIN_LIFETIME),
        aliases: Vec::new(),
        sunset: None,
        approval: None,
        exceptions: Vec::new(),
        line: 0,
    }
}
