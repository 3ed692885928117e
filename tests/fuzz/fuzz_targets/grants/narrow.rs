//! What no step may do.

use chancery_issuer::client::Client;
use chancery_issuer::family::Family;
use chancery_token::bounds::Value;
use chancery_token::{Claims, Scope};

const RECORDS: [&str; 6] = ["eu", "eu-west", "eu-north", "us", "uk", "asia"];

/// Whatever else changes.
pub(crate) fn rotation_keeps(before: &Family, after: &Family) {
    let (generation, rotations) = (after.generation, after.rotations.clone());
    let (idle_end, redelivered) = (after.idle_end, after.redelivered);
    assert_eq!(*after, Family { generation, rotations, idle_end, redelivered, ..before.clone() });
    assert!(after.idle_end >= before.idle_end && after.idle_end <= after.absolute_end);
}

/// Nobody is granted what it does not hold itself.
pub(crate) fn holds(client: &Client, claims: &Claims) {
    assert_eq!(claims.client_id, client.id);
    for scope in claims.scope.iter() {
        let scope: Scope = scope.parse().expect("a scope");
        assert!(client.grants.iter().any(|grant| grant.scope.covers(&scope)), "{scope} is not its own");
    }
}

pub(crate) fn never_wider(child: &Claims, parent: &Claims) {
    assert_eq!((&child.aud, &child.tenant, &child.sub), (&parent.aud, &parent.tenant, &parent.sub));
    assert!(parent.cnf.is_none() || child.cnf == parent.cnf);
    assert!(child.act.len() <= 4 && child.anc.len() <= 8);
    for scope in child.scope.iter() {
        let scopes: [Scope; 1] = [scope.parse().expect("a scope")];
        assert!(parent.scope.contains(&scopes[0]), "{scope} is not the parent's");
        for (region, refund) in
            RECORDS.iter().flat_map(|region| [0, 50, 100, 500].map(|most| (*region, most)))
        {
            let record = |axis: &str| match axis {
                "region" => Value::Text(region),
                "refund_max" => Value::Number(refund),
                _ => Value::Unknown,
            };
            let is_admitted = child.bounds.admit(&scopes, record).is_ok();
            assert!(!is_admitted || parent.bounds.admit(&scopes, record).is_ok(), "{child:?} {parent:?}");
        }
    }
}
