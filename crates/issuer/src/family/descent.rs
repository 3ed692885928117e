//! What the tokens of a family say of where they come from, and what ends them.
//!
//! A family that was delegated belongs to the session of the one at the root of its line: its tokens bear the root's id as
//! `sid`, and every other family of the line, itself first, in `anc`. So one entry about the root ends the whole tree at
//! every verifier; and one about a branch, as a `token` entry, ends that branch.

use super::record::Family;
use chancery_revocation::{Kill, TokenMarks};
use chancery_token::{FamilyId, Subject, TokenId, UnixTime};

impl Family {
    /// The `sid` of its tokens: the root of its line.
    pub fn sid(&self) -> FamilyId {
        self.ancestors.last().copied().unwrap_or(self.id)
    }

    /// The `sub` of its tokens.
    pub fn subject(&self) -> Subject {
        self.sub.clone().unwrap_or_else(|| self.client.clone().into())
    }

    /// The `anc` of its tokens: its line without the root, the nearest first. Empty unless it was delegated.
    pub fn anc(&self) -> Vec<TokenId> {
        let line = std::iter::once(&self.id).chain(&self.ancestors);
        line.take(self.ancestors.len()).map(|id| in_anc(*id)).collect()
    }

    /// What the revocation log can name of it, for [`chancery_revocation::Log::ends`]: its line, and whoever acts in it.
    pub fn marks(&self) -> TokenMarks {
        let line: Vec<FamilyId> = std::iter::once(self.id).chain(self.ancestors.iter().copied()).collect();
        let Self { client, tenant, act, rvs0, .. } = self;
        TokenMarks::of_delegated_family(&line, client, tenant, &self.subject(), act, *rvs0)
    }
}

/// The entries that end a family for good: its refreshes until `family_end`, and its access tokens with those of whatever
/// was delegated from it, of which none lives beyond `access_end`.
pub fn kills(id: FamilyId, family_end: UnixTime, access_end: UnixTime) -> [Kill; 2] {
    [Kill::family(id, family_end), Kill::token(in_anc(id), access_end)]
}

/// Ids of both kinds are uniformly random, so none of one kind is met by one of the other.
fn in_anc(id: FamilyId) -> TokenId {
    TokenId::from_bytes(*id.as_bytes())
}
