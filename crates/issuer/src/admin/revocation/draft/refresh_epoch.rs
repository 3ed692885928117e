//! A refresh key is to be revoked: the one thing of which the revocation log has no entry.

use super::super::slip::RevocationSlip;
use super::RevocationDraft;
use crate::admin::fault::DraftFault;
use crate::client::check_text;
use crate::family::Epoch;

/// The kind that is asked for.
pub(in crate::admin) const REFRESH_EPOCH: &str = "refresh_epoch";

impl RevocationDraft {
    /// Which refresh key is meant and why, else every fault; `None` where another kind is asked for.
    pub(in crate::admin) fn refresh_epoch(&self) -> Option<Result<(Epoch, &str), Vec<DraftFault>>> {
        (self.kind.as_deref() == Some(REFRESH_EPOCH)).then(|| self.read_refresh_epoch())
    }

    fn read_refresh_epoch(&self) -> Result<(Epoch, &str), Vec<DraftFault>> {
        let mut faults = Vec::new();
        let reason = self.reason.as_deref().unwrap_or_default();
        if let Err(fault) = check_text(reason) {
            faults.push(RevocationSlip::Text(fault).at("/reason"));
        }
        let needless = |why| RevocationSlip::Needless { why };
        if self.token.is_some() {
            let why = "a token says which token or family is meant, and nothing else";
            faults.push(needless(why).at("/token"));
        }
        if self.expires_at.is_some() {
            let why = "only the token of a jti has an end that can be told";
            faults.push(needless(why).at("/expires_at"));
        }
        let takes = "the number of a refresh key";
        match self.id.as_ref().map(|id| id.parse()) {
            Some(Ok(number)) if faults.is_empty() => return Ok((Epoch(number), reason)),
            Some(Ok(_)) => {}
            Some(Err(_)) => faults.push(RevocationSlip::Name { takes }.at("/id")),
            None => faults.push(RevocationSlip::Nameless { takes }.at("/id")),
        }
        Err(faults)
    }
}
