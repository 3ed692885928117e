//! Where a token comes from, and who acts: what lets it be ended with whatever it comes from.

use super::ExchangeRefusal;
use crate::client::Client;
use crate::family::Family;
use chancery_token::claims::{MAX_ACTORS, MAX_ANCESTORS};
use chancery_token::{Claims, FamilyId, Subject, TokenId};

/// Who acts: `client`, then whoever acted before. Each of them stands there, so that one entry about any of them ends the
/// token (RFC 8693 section 4.1).
pub(super) fn act(from: &Claims, client: &Client) -> Result<Vec<Subject>, ExchangeRefusal> {
    let mut act = from.act.clone();
    let before = Subject::from(from.client_id.clone());
    // A client that acts for a person and was the first to do so is in no chain yet.
    if from.sub != before && act.first() != Some(&before) {
        act.insert(0, before);
    }
    if from.client_id != client.id {
        act.insert(0, client.id.clone().into());
    }
    if act.len() > MAX_ACTORS { Err(ExchangeRefusal::TooDeep) } else { Ok(act) }
}

/// What the token comes from: the family that begins with it, the subject token, and what that comes from.
pub(super) fn anc(from: &Claims, begins: Option<&Family>) -> Result<Vec<TokenId>, ExchangeRefusal> {
    let own = begins.map(|family| TokenId::from_bytes(*family.id.as_bytes()));
    let anc: Vec<TokenId> = own.into_iter().chain([from.jti]).chain(from.anc.iter().copied()).collect();
    if anc.len() > MAX_ANCESTORS { Err(ExchangeRefusal::TooDeep) } else { Ok(anc) }
}

/// The families that one comes from which comes from `from`.
pub(super) fn ancestors(from: &Family) -> Result<Vec<FamilyId>, ExchangeRefusal> {
    let line: Vec<FamilyId> = std::iter::once(from.id).chain(from.ancestors.iter().copied()).collect();
    if line.len() > MAX_ANCESTORS { Err(ExchangeRefusal::TooDeep) } else { Ok(line) }
}
