//! A family begins.

use super::record::{Family, FamilyState, Generation, Granted};
use super::rotations::Rotations;
use crate::client::Refresh;
use chancery_revocation::Sequence;
use chancery_token::{Claims, FamilyId, UnixTime};

impl Family {
    /// The family of an access token that its client asked for on its own behalf: it holds what the token holds, and the
    /// token belongs to it. It never goes on beyond `client_end`, the last day of its client.
    pub fn begin(id: FamilyId, first: &Claims, terms: &Refresh, client_end: UnixTime) -> Self {
        let now = first.iat;
        let absolute_end = now.plus(terms.absolute).min(client_end);
        Self {
            id,
            client: first.client_id.clone(),
            tenant: first.tenant.clone(),
            sub: None,
            act: Vec::new(),
            ancestors: Vec::new(),
            granted: vec![Granted { audience: first.aud.clone(), scopes: first.scope.clone() }],
            bounds: first.bounds.clone(),
            cnf: first.cnf.clone(),
            rvs0: Sequence::new(first.rvs),
            created_at: now,
            absolute_end,
            idle: terms.idle,
            idle_end: now.plus(terms.idle).min(absolute_end),
            generation: Generation::default(),
            rotations: Rotations::default(),
            redelivered: None,
            state: FamilyState::Live,
        }
    }
}
