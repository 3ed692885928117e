//! What was revoked.

use chancery_issuer::family::Family;
use chancery_revocation::Sequence;
use chancery_token::{Claims, ClientId, FamilyId, Subject, TokenId};
use std::collections::{BTreeMap, BTreeSet};

/// What was revoked: told apart from the log, which must say the same.
#[derive(Default)]
pub(crate) struct Revoked {
    pub(crate) families: BTreeSet<FamilyId>,
    pub(crate) tokens: BTreeSet<TokenId>,
    pub(crate) clients: BTreeMap<ClientId, Sequence>,
}

impl Revoked {
    pub(crate) fn ends(&self, claims: &Claims) -> bool {
        let Claims { client_id, sub, act, rvs, .. } = claims;
        claims.sid.is_some_and(|sid| self.families.contains(&sid))
            || std::iter::once(&claims.jti).chain(&claims.anc).any(|id| self.tokens.contains(id))
            || self.ends_any_of(client_id, act.iter().chain([sub]), Sequence::new(*rvs))
    }

    pub(crate) fn ends_family(&self, family: &Family) -> bool {
        let sub = family.subject();
        std::iter::once(&family.id).chain(&family.ancestors).any(|id| self.families.contains(id))
            || self.ends_any_of(&family.client, family.act.iter().chain([&sub]), family.rvs0)
    }

    /// Whether one of these was revoked behind `since`.
    fn ends_any_of<'s>(
        &self,
        client: &ClientId,
        mut others: impl Iterator<Item = &'s Subject>,
        since: Sequence,
    ) -> bool {
        let is_behind = |id: &ClientId| self.clients.get(id).is_some_and(|at| *at > since);
        is_behind(client)
            || others.any(|who| self.clients.keys().any(|id| who.is_client(id) && is_behind(id)))
    }
}
